package org.wherefore.benchmarks;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.LinkedHashMap;
import java.util.Map;

/** The peer: the same model in DJL with PyTorch on the CPU; sequences are padded on the left, as its users do. */
public final class DjlContender implements Contender {
    private final Engine engine = Engine.getEngine("PyTorch");
    private final String threads;
    private final Map<String, NDArray> parameters = new LinkedHashMap<>();
    private org.wherefore.benchmarks.Shape shape;
    private NDManager manager;
    private Optimizer optimizer;
    private NDArray causal;

    /** @param threads of PyTorch, which takes them once, when it loads; 0 leaves its own default */
    public DjlContender(int threads) {
        this.threads = threads == 0 ? "" : " " + threads + "t";
    }

    @Override
    public String name() {
        return "djl-pytorch " + engine.getVersion() + threads;
    }

    @Override
    public void init(org.wherefore.benchmarks.Shape s, Map<String, float[]> weights) {
        close();
        shape = s;
        manager = engine.newBaseManager(Device.cpu());
        weights.forEach((name, values) -> {
            NDArray p = manager.create(values, dimensions(name, values.length));
            p.setRequiresGradient(true);
            parameters.put(name, p);
        });
        optimizer = Optimizer.adam().optLearningRateTracker(Tracker.fixed(s.learningRate())).optBeta1(0.9f).optBeta2(0.98f)
                .optEpsilon(1e-8f).build();
        int n = s.length();
        float[] mask = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                mask[i * n + j] = -1e9f;
            }
        }
        causal = manager.create(mask, new Shape(1, n, n));
    }

    /** PyTorch wants [out][in] for a linear layer; here matrices stay [in][out] and are multiplied as they are. */
    private Shape dimensions(String name, int size) {
        boolean vector = name.endsWith("bias") || name.endsWith("gain");
        long columns = name.endsWith("qkv") ? 3L * shape.dim() : name.endsWith("up") ? shape.hidden() : shape.dim();
        return vector ? new Shape(size) : new Shape(size / columns, columns);
    }

    @Override
    public double trainStep(Batch batch) {
        int n = shape.length();
        int count = batch.sequences().length;
        long[] inputs = new long[count * n];
        float[] padding = new float[count * n];
        int real = 0;
        for (int[] sequence : batch.sequences()) {
            real += sequence.length - 1;
        }
        long[] rows = new long[real];
        long[] targets = new long[real];
        int at = 0;
        for (int s = 0; s < count; s++) {
            int[] sequence = batch.sequences()[s];
            int pad = n - (sequence.length - 1);
            for (int j = 0; j < pad; j++) {
                padding[s * n + j] = -1e9f;
            }
            for (int i = 0; i + 1 < sequence.length; i++) {
                inputs[s * n + pad + i] = sequence[i];
                rows[at] = (long) s * n + pad + i;
                targets[at++] = sequence[i + 1];
            }
        }
        long[] negatives = new long[batch.negatives().length];
        for (int i = 0; i < negatives.length; i++) {
            negatives[i] = batch.negatives()[i];
        }
        float loss;
        try (NDManager step = manager.newSubManager()) {
            NDArray item = parameters.get("item");
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray h = encode(step, step.create(inputs, new Shape(count, n)), step.create(padding, new Shape(count, 1, n)));
                NDArray real2d = pick(h.reshape(-1, shape.dim()), step.create(rows));
                NDArray target = step.create(targets);
                NDArray mean;
                if (negatives.length > 0) {
                    NDArray others = step.create(negatives);
                    NDArray positive = real2d.mul(pick(item, target)).sum(new int[] {1}, true);
                    NDArray same = target.expandDims(1).eq(others.expandDims(0)).toType(DataType.FLOAT32, false).mul(-1e9f);
                    NDArray negative = real2d.matMul(pick(item, others).transpose()).add(same)
                            .sub(Math.log(negatives.length / (double) shape.items()));
                    mean = positive.concat(negative, 1).logSoftmax(1).get(":, 0").mean().neg();
                } else {
                    mean = real2d.matMul(item.transpose()).logSoftmax(1).gather(target.expandDims(1), 1).mean().neg();
                }
                collector.backward(mean);
                loss = mean.toType(DataType.FLOAT32, false).getFloat();
            }
            parameters.forEach((name, p) -> {
                NDArray gradient = p.getGradient();
                gradient.attach(step);
                optimizer.update(name, p, gradient);
            });
            try (GradientCollector zero = engine.newGradientCollector()) {
                zero.zeroGradients();
            }
        }
        return loss;
    }

    @Override
    public float[] scores(int[] history) {
        try (NDManager step = manager.newSubManager()) {
            return all(step, new int[][] {history}).toFloatArray();
        }
    }

    @Override
    public int[][] top(int[][] histories, int k) {
        try (NDManager step = manager.newSubManager()) {
            long[] best = all(step, histories).topK(k, 1, true, true).get(1).toLongArray();
            int[][] out = new int[histories.length][k];
            for (int i = 0; i < best.length; i++) {
                out[i / k][i % k] = (int) best[i];
            }
            return out;
        }
    }

    /** Scores of all items for histories of one length, [histories][items]. */
    private NDArray all(NDManager step, int[][] histories) {
        int n = histories[0].length;
        long[] items = new long[histories.length * n];
        for (int h = 0; h < histories.length; h++) {
            if (histories[h].length != n || n > shape.length()) {
                throw new IllegalArgumentException("histories scored together have one length of at most " + shape.length());
            }
            for (int i = 0; i < n; i++) {
                items[h * n + i] = histories[h][i];
            }
        }
        NDArray h = encode(step, step.create(items, new Shape(histories.length, n)), null);
        NDArray scores = h.get(":, " + (n - 1)).matMul(parameters.get("item").transpose());
        scores.attach(step);
        return scores;
    }

    @Override
    public void close() {
        parameters.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    private static NDArray pick(NDArray table, NDArray rows) {
        return Embedding.embedding(rows, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /** @param padding [batch][1][length], or null when there is none; its rows see nothing and are not asked for */
    private NDArray encode(NDManager step, NDArray items, NDArray padding) {
        long n = items.getShape().get(1);
        int d = shape.dim();
        NDArray position = parameters.get("position").get("0:" + n).flip(0).expandDims(0);
        NDArray x = pick(parameters.get("item"), items).mul(Math.sqrt(d)).add(position);
        NDArray mask = causal.get(":, 0:" + n + ", 0:" + n);
        if (padding != null) {
            mask = mask.add(padding);
        }
        for (int b = 0; b < shape.blocks(); b++) {
            String p = "block" + b + ".";
            NDList qkv = linear(norm(x, p + "norm1"), p + "qkv").split(3, 2);
            NDArray weights = qkv.get(0).batchMatMul(qkv.get(1).transpose(0, 2, 1)).mul(1 / Math.sqrt(d)).add(mask).softmax(2);
            x = x.add(linear(weights.batchMatMul(qkv.get(2)), p + "out"));
            NDArray up = ai.djl.nn.Activation.relu(linear(norm(x, p + "norm2"), p + "up"));
            x = x.add(linear(up, p + "down"));
        }
        NDArray out = norm(x, "norm");
        out.attach(step);
        return out;
    }

    private NDArray linear(NDArray x, String name) {
        return Linear.linear(x, parameters.get(name).transpose(), parameters.get(name + ".bias")).singletonOrThrow();
    }

    private NDArray norm(NDArray x, String name) {
        return LayerNorm.layerNorm(x, new Shape(shape.dim()), parameters.get(name + ".gain"), parameters.get(name + ".bias"),
                1e-5f).singletonOrThrow();
    }
}
