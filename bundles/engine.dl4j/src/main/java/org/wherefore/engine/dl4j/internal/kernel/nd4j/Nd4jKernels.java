package org.wherefore.engine.dl4j.internal.kernel.nd4j;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

/**
 * {@link Kernels} over ND4J arrays, on whatever backend ND4J has: the reference that the faster kernels are compared
 * with, in double precision where gradients are checked, and what runs on CUDA. Written for being right: every
 * operation is ND4J's own, in the plain form of its definition. Confined to one thread at a time.
 * <p>
 * SameDiff's differentiation is not used: several of its gradients are wrong in ND4J 1.0.0-M2.1.
 */
public final class Nd4jKernels implements Kernels<INDArray> {
	private static final double EPS = 1e-5;
	private static final double HIDDEN = -1e30;
	private final DataType type;
	private final ScalarKernels scalar = new ScalarKernels();
	/** Causal masks by length: 0 up to the diagonal, hidden behind it. */
	private final Map<Integer, INDArray> masks = new HashMap<>();

	/** In single precision. */
	public Nd4jKernels() {
		this(DataType.FLOAT);
	}

	/**
	 * @param type FLOAT or DOUBLE
	 */
	public Nd4jKernels(DataType type) {
		this.type = type;
	}

	/**
	 * Starts ND4J.
	 *
	 * @throws LinkageError     if its classes or native libraries are not to be had
	 * @throws RuntimeException if it has no backend for this machine
	 */
	public static void check() {
		Nd4j.scalar(0f).close();
	}

	@Override
	public String name() {
		return "nd4j-" + type.name().toLowerCase(java.util.Locale.ROOT);
	}

	@Override
	public INDArray allocate(int n) {
		return Nd4j.create(type, Math.max(1, n));
	}

	@Override
	public INDArray view(float[] values) {
		INDArray x = Nd4j.createFromArray(values);
		return type == DataType.FLOAT ? x : x.castTo(type);
	}

	private static INDArray part(INDArray x, int from, int n) {
		return Nd4j.create(x.data(), new long[] { n }, new long[] { 1 }, from, 'c');
	}

	private static INDArray matrix(INDArray x, int from, int rows, int cols, int ld) {
		return Nd4j.create(x.data(), new long[] { rows, cols }, new long[] { ld, 1 }, from, 'c');
	}

	@Override
	public void copy(INDArray from, int fo, INDArray to, int t, int n) {
		part(to, t, n).assign(part(from, fo, n));
	}

	@Override
	public void fill(INDArray x, int from, int to, float value) {
		if (to > from) {
			part(x, from, to - from).assign(value);
		}
	}

	@Override
	public void write(float[] from, int fo, INDArray to, int t, int n) {
		INDArray x = view(fo == 0 && n == from.length ? from : Arrays.copyOfRange(from, fo, fo + n));
		part(to, t, n).assign(x);
		x.close();
	}

	@Override
	public void read(INDArray from, int fo, float[] to, int t, int n) {
		if (n > 0) {
			System.arraycopy(part(from, fo, n).dup().castTo(DataType.FLOAT).toFloatVector(), 0, to, t, n);
		}
	}

	@Override
	public void gemmNN(int m, int n, int k, INDArray a, int ao, int lda, INDArray b, int bo, int ldb, INDArray c, int co,
			int ldc, boolean accumulate) {
		gemm(matrix(a, ao, m, k, lda), false, matrix(b, bo, k, n, ldb), false, m, n, c, co, ldc, accumulate);
	}

	@Override
	public void gemmNT(int m, int n, int k, INDArray a, int ao, int lda, INDArray b, int bo, int ldb, INDArray c, int co,
			int ldc, boolean accumulate) {
		gemm(matrix(a, ao, m, k, lda), false, matrix(b, bo, n, k, ldb), true, m, n, c, co, ldc, accumulate);
	}

	@Override
	public void gemmTN(int m, int n, int k, INDArray a, int ao, int lda, INDArray b, int bo, int ldb, INDArray c, int co,
			int ldc, boolean accumulate) {
		gemm(matrix(a, ao, k, m, lda), true, matrix(b, bo, k, n, ldb), false, m, n, c, co, ldc, accumulate);
	}

	/**
	 * C = op(A) op(B). BLAS wants C by columns, so the transposed product is made: C' = op(B)' op(A)', whose columns are
	 * the rows of C.
	 */
	private void gemm(INDArray a, boolean transposeA, INDArray b, boolean transposeB, int m, int n, INDArray c, int co,
			int ldc, boolean accumulate) {
		boolean direct = ldc == n;
		INDArray to = direct ? Nd4j.create(c.data(), new long[] { n, m }, new long[] { 1, n }, co, 'f')
				: Nd4j.createUninitialized(type, new long[] { n, m }, 'f');
		Nd4j.gemm(b, a, to, !transposeB, !transposeA, 1.0, direct && accumulate ? 1.0 : 0.0);
		if (!direct) {
			INDArray target = matrix(c, co, m, n, ldc);
			if (accumulate) {
				target.addi(to.transpose());
			} else {
				target.assign(to.transpose());
			}
			to.close();
		}
	}

	@Override
	public void transpose(int rows, int cols, INDArray a, int ao, int lda, INDArray out, int oo, int ldo) {
		matrix(out, oo, cols, rows, ldo).assign(matrix(a, ao, rows, cols, lda).transpose());
	}

	@Override
	public float dotInOrder(INDArray a, int ao, INDArray b, int bo, int n) {
		return part(a, ao, n).mul(part(b, bo, n)).sumNumber().floatValue();
	}

	@Override
	public double squares(INDArray x, int xo, int n) {
		INDArray p = part(x, xo, n);
		INDArray square = p.mul(p);
		double sum = square.sumNumber().doubleValue();
		square.close();
		return sum;
	}

	@Override
	public void add(INDArray x, int xo, INDArray y, int yo, int n) {
		part(y, yo, n).addi(part(x, xo, n));
	}

	@Override
	public void multiply(INDArray x, int xo, INDArray y, int yo, int n) {
		part(y, yo, n).muli(part(x, xo, n));
	}

	@Override
	public long dropoutMask(int n, float rate, long state, INDArray mask) {
		float[] values = new float[n];
		long next = scalar.dropoutMask(n, rate, state, values);
		write(values, 0, mask, 0, n);
		return next;
	}

	@Override
	public void addBias(int rows, int n, INDArray x, int xo, int ld, INDArray bias, int bo) {
		matrix(x, xo, rows, n, ld).addiRowVector(part(bias, bo, n));
	}

	@Override
	public void addBiasRelu(int rows, int n, INDArray x, int xo, INDArray bias, int bo) {
		INDArray m = matrix(x, xo, rows, n, n);
		m.addiRowVector(part(bias, bo, n));
		BooleanIndexing.replaceWhere(m, 0, Conditions.lessThan(0));
	}

	@Override
	public void reluBackward(INDArray y, INDArray dy, int n) {
		INDArray mask = part(y, 0, n).gt(0).castTo(type);
		part(dy, 0, n).muli(mask);
		mask.close();
	}

	@Override
	public void reglu(int rows, int n, INDArray x, INDArray y) {
		INDArray gate = Transforms.relu(matrix(x, 0, rows, n, 2 * n), true);
		matrix(y, 0, rows, n, n).assign(gate.muli(matrix(x, n, rows, n, 2 * n)));
		gate.close();
	}

	@Override
	public void regluBackward(int rows, int n, INDArray x, INDArray dy, INDArray dx) {
		INDArray a = matrix(x, 0, rows, n, 2 * n);
		INDArray open = a.gt(0).castTo(type);
		INDArray g = matrix(dy, 0, rows, n, n).mul(open);
		matrix(dx, 0, rows, n, 2 * n).assign(g.mul(matrix(x, n, rows, n, 2 * n)));
		matrix(dx, n, rows, n, 2 * n).assign(g.muli(a));
		g.close();
		open.close();
	}

	@Override
	public void addColumnSums(int rows, int n, INDArray x, int xo, INDArray sums, int so) {
		part(sums, so, n).addi(matrix(x, xo, rows, n, n).sum(0));
	}

	@Override
	public void layerNorm(int rows, int d, INDArray x, int xo, INDArray gain, int go, INDArray bias, int bo, INDArray y,
			int yo, INDArray stats) {
		INDArray m = matrix(x, xo, rows, d, d);
		INDArray mean = m.mean(1);
		INDArray z = m.subColumnVector(mean);
		INDArray rstd = Transforms.pow(z.mul(z).mean(1).addi(EPS), -0.5, false);
		z.muliColumnVector(rstd);
		if (stats != null) {
			INDArray s = matrix(stats, 0, rows, 2, 2);
			s.putColumn(0, mean);
			s.putColumn(1, rstd);
		}
		INDArray to = matrix(y, yo, rows, d, d);
		to.assign(z.muliRowVector(part(gain, go, d)).addiRowVector(part(bias, bo, d)));
		z.close();
	}

	@Override
	public void layerNormBackward(int rows, int d, INDArray x, INDArray stats, INDArray gain, int go, INDArray dy,
			INDArray dx, INDArray dGain, int dgo, INDArray dBias, int dbo) {
		INDArray s = matrix(stats, 0, rows, 2, 2);
		INDArray rstd = s.getColumn(1).dup();
		INDArray z = matrix(x, 0, rows, d, d).subColumnVector(s.getColumn(0).dup()).muliColumnVector(rstd);
		INDArray g = matrix(dy, 0, rows, d, d);
		part(dGain, dgo, d).addi(g.mul(z).sum(0));
		part(dBias, dbo, d).addi(g.sum(0));
		INDArray w = g.mulRowVector(part(gain, go, d));
		INDArray s1 = w.mean(1);
		INDArray s2 = w.mul(z).mean(1);
		w.subiColumnVector(s1).subi(z.muliColumnVector(s2)).muliColumnVector(rstd);
		matrix(dx, 0, rows, d, d).addi(w);
		w.close();
		z.close();
	}

	private INDArray mask(int n) {
		return masks.computeIfAbsent(n, size -> {
			double[][] m = new double[size][size];
			for (int i = 0; i < size; i++) {
				Arrays.fill(m[i], i + 1, size, HIDDEN);
			}
			return Nd4j.create(m).castTo(type);
		});
	}

	/** Softmax of every row, in place. */
	private static INDArray softmaxRows(INDArray x) {
		x.subiColumnVector(x.max(1));
		Transforms.exp(x, false);
		return x.diviColumnVector(x.sum(1));
	}

	@Override
	public void attention(int sequences, int[] offsets, int d, int heads, boolean causal, INDArray qkv, INDArray out,
			INDArray probs) {
		int dh = d / heads;
		int ld = 3 * d;
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			for (int h = 0; h < heads; h++, pp += n * n) {
				int q = first * ld + h * dh;
				INDArray p = matrix(qkv, q, n, dh, ld).mmul(matrix(qkv, q + d, n, dh, ld).transpose());
				p.muli(1 / Math.sqrt(dh));
				softmaxRows(causal ? p.addi(mask(n)) : p);
				if (probs != null) {
					matrix(probs, pp, n, n, n).assign(p);
				}
				matrix(out, first * d + h * dh, n, dh, d).assign(p.mmul(matrix(qkv, q + 2 * d, n, dh, ld)));
				p.close();
			}
		}
	}

	@Override
	public void attentionLast(int sequences, int[] offsets, int d, int heads, INDArray q, INDArray kv, INDArray out) {
		int dh = d / heads;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			for (int h = 0; h < heads; h++) {
				int key = first * 2 * d + h * dh;
				INDArray p = matrix(q, s * d + h * dh, 1, dh, d).mmul(matrix(kv, key, n, dh, 2 * d).transpose());
				softmaxRows(p.muli(1 / Math.sqrt(dh)));
				matrix(out, s * d + h * dh, 1, dh, d).assign(p.mmul(matrix(kv, key + d, n, dh, 2 * d)));
				p.close();
			}
		}
	}

	@Override
	public void attentionBackward(int sequences, int[] offsets, int d, int heads, boolean causal, INDArray qkv,
			INDArray probs, INDArray dout, INDArray dqkv) {
		int dh = d / heads;
		int ld = 3 * d;
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			for (int h = 0; h < heads; h++, pp += n * n) {
				int q = first * ld + h * dh;
				INDArray p = matrix(probs, pp, n, n, n);
				INDArray g = matrix(dout, first * d + h * dh, n, dh, d);
				matrix(dqkv, q + 2 * d, n, dh, ld).assign(p.transpose().mmul(g));
				INDArray ds = g.mmul(matrix(qkv, q + 2 * d, n, dh, ld).transpose());
				ds.subiColumnVector(p.mul(ds).sum(1)).muli(p).muli(1 / Math.sqrt(dh));
				matrix(dqkv, q, n, dh, ld).assign(ds.mmul(matrix(qkv, q + d, n, dh, ld)));
				matrix(dqkv, q + d, n, dh, ld).assign(ds.transpose().mmul(matrix(qkv, q, n, dh, ld)));
				ds.close();
			}
		}
	}

	@Override
	public double softmaxCrossEntropy(int rows, int n, INDArray logits, int lo, int ld, int[] targets, int to,
			float smoothing, float scale) {
		INDArray x = matrix(logits, lo, rows, n, ld);
		INDArray shifted = x.subColumnVector(x.max(1));
		double[] mean = smoothing == 0 ? null : shifted.mean(1).toDoubleVector();
		double[] hit = new double[rows];
		for (int r = 0; r < rows; r++) {
			hit[r] = shifted.getDouble(r, targets[to + r]);
		}
		INDArray e = Transforms.exp(shifted, false);
		INDArray total = e.sum(1);
		double loss = 0;
		for (int r = 0; r < rows; r++) {
			loss += Math.log(total.getDouble(r)) - (1 - smoothing) * hit[r] - (smoothing == 0 ? 0 : smoothing * mean[r]);
		}
		e.diviColumnVector(total).subi((double) smoothing / n);
		for (int r = 0; r < rows; r++) {
			int target = targets[to + r];
			e.putScalar(r, target, e.getDouble(r, target) - (1 - smoothing));
		}
		x.assign(e.muli(scale));
		e.close();
		return loss;
	}

	@Override
	public double binaryCrossEntropy(int rows, int n, INDArray logits, int[] ids, float weight, float scale) {
		double loss = 0;
		INDArray x = part(logits, 0, rows * n);
		double[] values = x.dup().castTo(DataType.DOUBLE).toDoubleVector();
		for (int i = 0; i < values.length; i++) {
			boolean positive = i % n == 0;
			if (positive || ids[i] >= 0) {
				double z = positive ? -values[i] : values[i];
				double factor = positive ? weight : 1;
				loss += factor * (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)));
				values[i] = (positive ? -scale : scale) * factor / (1 + Math.exp(-z));
			} else {
				values[i] = 0;
			}
		}
		x.assign(Nd4j.createFromArray(values).castTo(type));
		return loss;
	}

	@Override
	public double focalCrossEntropy(int rows, int n, INDArray logits, int[] targets, float weight, float gamma, float scale) {
		double loss = 0;
		INDArray x = part(logits, 0, rows * n);
		double[] values = x.dup().castTo(DataType.DOUBLE).toDoubleVector();
		for (int i = 0; i < values.length; i++) {
			boolean there = i % n == targets[i / n];
			double z = there ? values[i] : -values[i];
			double p = 1 / (1 + Math.exp(-z));
			double minusLog = z > 0 ? Math.log1p(Math.exp(-z)) : -z + Math.log1p(Math.exp(z));
			double factor = (there ? weight : 1) * Math.pow(1 - p, gamma);
			loss += factor * minusLog;
			values[i] = (there ? -scale : scale) * factor * (gamma * p * minusLog + 1 - p);
		}
		x.assign(Nd4j.createFromArray(values).castTo(type));
		return loss;
	}

	@Override
	public void gather(int rows, int d, int[] ids, int io, float scale, INDArray table, int to, INDArray out, int oo,
			boolean accumulate) {
		if (rows == 0) {
			return;
		}
		INDArray x = rows(table, to, d, ids, io, rows);
		if (scale != 1f) {
			x.muli(scale);
		}
		INDArray target = matrix(out, oo, rows, d, d);
		if (accumulate) {
			target.addi(x);
		} else {
			target.assign(x);
		}
		x.close();
	}

	/** Copies of the table's rows {@code ids[io]..ids[io + n - 1]}. */
	private static INDArray rows(INDArray table, int to, int d, int[] ids, int io, int n) {
		int count = 0;
		for (int i = io; i < io + n; i++) {
			count = Math.max(count, ids[i] + 1);
		}
		return Nd4j.pullRows(matrix(table, to, count, d, d), 1, Arrays.copyOfRange(ids, io, io + n));
	}

	/** Ids with 0 in place of what is negative. */
	private static int[] positive(int[] ids, int from, int n) {
		int[] out = new int[n];
		for (int i = 0; i < n; i++) {
			out[i] = Math.max(0, ids[from + i]);
		}
		return out;
	}

	/** 1 where an id counts, 0 where it is negative. */
	private INDArray counts(int[] ids, int from, int n) {
		double[] out = new double[n];
		for (int i = 0; i < n; i++) {
			out[i] = ids[from + i] < 0 ? 0 : 1;
		}
		return Nd4j.createFromArray(out).castTo(type);
	}

	/** The number of its row for every element of a rows x n matrix. */
	private static int[] rowNumbers(int rows, int n) {
		int[] out = new int[rows * n];
		for (int i = 0; i < out.length; i++) {
			out[i] = i / n;
		}
		return out;
	}

	@Override
	public void gatherDots(int rows, int n, int d, INDArray h, int ho, INDArray table, int to, int[] ids, int io,
			INDArray out, int oo, int ld) {
		int count = rows * n;
		INDArray x = rows(table, to, d, positive(ids, io, count), 0, count);
		INDArray left = rows(h, ho, d, rowNumbers(rows, n), 0, count);
		INDArray dots = x.muli(left).sum(1).muli(counts(ids, io, count));
		matrix(out, oo, rows, n, ld).assign(dots.reshape(rows, n));
		x.close();
		left.close();
	}

	@Override
	public void gatherDotsBackward(int rows, int n, int d, INDArray h, int ho, INDArray table, int to, int[] ids, int io,
			INDArray dOut, int oo, int ld, INDArray dh, int dho, INDArray dTable, int dto) {
		int count = rows * n;
		int[] used = positive(ids, io, count);
		int[] numbers = rowNumbers(rows, n);
		INDArray g = matrix(dOut, oo, rows, n, ld).dup('c').reshape(count).muli(counts(ids, io, count));
		INDArray x = rows(table, to, d, used, 0, count).muliColumnVector(g);
		scatter(numbers, count, d, x, dh, dho);
		INDArray left = rows(h, ho, d, numbers, 0, count).muliColumnVector(g);
		scatter(used, count, d, left, dTable, dto);
		x.close();
		left.close();
	}

	/** For each id the number of its row, and one over how many ids that row has. */
	private INDArray shares(int rows, int[] starts, int[] numbers) {
		double[] share = new double[numbers.length];
		for (int r = 0; r < rows; r++) {
			for (int i = starts[r]; i < starts[r + 1]; i++) {
				numbers[i - starts[0]] = r;
				share[i - starts[0]] = 1.0 / (starts[r + 1] - starts[r]);
			}
		}
		return Nd4j.createFromArray(share).castTo(type);
	}

	@Override
	public void addMeans(int rows, int d, int[] starts, int[] ids, INDArray table, int to, INDArray out, int oo) {
		int[] numbers = new int[starts[rows] - starts[0]];
		if (numbers.length > 0) {
			INDArray share = shares(rows, starts, numbers);
			INDArray x = rows(table, to, d, ids, starts[0], numbers.length).muliColumnVector(share);
			scatter(numbers, numbers.length, d, x, out, oo);
			x.close();
		}
	}

	@Override
	public void addMeansBackward(int rows, int d, int[] starts, int[] ids, INDArray dOut, int oo, INDArray dTable,
			int to) {
		int[] numbers = new int[starts[rows] - starts[0]];
		if (numbers.length > 0) {
			INDArray share = shares(rows, starts, numbers);
			INDArray x = rows(dOut, oo, d, numbers, 0, numbers.length).muliColumnVector(share);
			scatter(Arrays.copyOfRange(ids, starts[0], starts[rows]), numbers.length, d, x, dTable, to);
			x.close();
		}
	}

	@Override
	public void addWeighted(int rows, int d, int[] starts, int[] ids, float[] weights, INDArray table, int to, INDArray out,
			int oo) {
		int n = starts[rows] - starts[0];
		if (n > 0) {
			INDArray x = rows(table, to, d, ids, starts[0], n).muliColumnVector(factors(weights, starts[0], n));
			scatter(owners(rows, starts), n, d, x, out, oo);
			x.close();
		}
	}

	@Override
	public void addWeightedBackward(int rows, int d, int[] starts, int[] ids, float[] weights, INDArray dOut, int oo,
			INDArray dTable, int to) {
		int n = starts[rows] - starts[0];
		if (n > 0) {
			INDArray x = rows(dOut, oo, d, owners(rows, starts), 0, n).muliColumnVector(factors(weights, starts[0], n));
			scatter(Arrays.copyOfRange(ids, starts[0], starts[rows]), n, d, x, dTable, to);
			x.close();
		}
	}

	private INDArray factors(float[] weights, int from, int n) {
		return Nd4j.createFromArray(Arrays.copyOfRange(weights, from, from + n)).castTo(type).reshape(n, 1);
	}

	/** For every id the row that it belongs to. */
	private static int[] owners(int rows, int[] starts) {
		int[] owners = new int[starts[rows] - starts[0]];
		for (int r = 0; r < rows; r++) {
			Arrays.fill(owners, starts[r] - starts[0], starts[r + 1] - starts[0], r);
		}
		return owners;
	}

	@Override
	public void scatterAdd(int rows, int d, int[] ids, int io, INDArray x, int xo, float scale, INDArray table, int to) {
		INDArray updates = matrix(x, xo, rows, d, d).mul(scale);
		scatter(io == 0 ? ids : Arrays.copyOfRange(ids, io, io + rows), rows, d, updates, table, to);
		updates.close();
	}

	/** table[ids[r]] += updates[r]; ids may repeat, so that the operation has to be the locked one. */
	private static void scatter(int[] ids, int rows, int d, INDArray updates, INDArray table, int to) {
		int count = 0;
		for (int r = 0; r < rows; r++) {
			count = Math.max(count, ids[r] + 1);
		}
		INDArray target = matrix(table, to, count, d, d);
		Nd4j.exec(DynamicCustomOp.builder("scatter_add")
				.addInputs(target, Nd4j.createFromArray(Arrays.copyOf(ids, rows)), updates).addOutputs(target)
				.addBooleanArguments(true).build());
	}

	@Override
	public void adam(INDArray p, INDArray g, INDArray m, INDArray v, int from, int to, float gradScale, float lr,
			float beta1, float beta2, float eps, long step, float decay) {
		int n = to - from;
		if (n == 0) {
			return;
		}
		INDArray weights = part(p, from, n);
		// The updater adds epsilon before it corrects the second moment, the paper's first algorithm after that.
		AdamUpdater updater = new AdamUpdater(new Adam(lr, beta1, beta2, eps * Math.sqrt(1 - Math.pow(beta2, step))));
		updater.setState(Map.of("M", part(m, from, n), "V", part(v, from, n)), false);
		INDArray update = part(g, from, n).mul(gradScale);
		updater.applyUpdater(update, Math.toIntExact(step - 1), 0);
		if (decay != 0) {
			update.addi(weights.mul(lr * decay));
		}
		weights.subi(update);
		update.close();
	}
}
