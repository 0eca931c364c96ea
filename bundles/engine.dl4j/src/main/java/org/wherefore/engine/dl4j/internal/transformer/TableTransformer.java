package org.wherefore.engine.dl4j.internal.transformer;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.transformer.Layout.Entry;

/**
 * A Transformer over rows of a table: the FT-Transformer (Gorishniy et al., "Revisiting Deep Learning Models for Tabular
 * Data", NeurIPS 2021). Every feature is a token ({@link Column}), all tokens look at each other, and an own token is
 * read for the log odds of every target, which are independent of each other.
 * <p>
 * A row is a double for every feature, NaN where missing. A row's score depends on the row alone: to the bit, whatever
 * else is computed in the same call.
 * <p>
 * All reading methods may be called from many threads at once. Training ({@link TableTrainer}) must not run at the same
 * time as reading. What is saved is the same for all kernels.
 *
 * @param <A> kind of array that its kernels compute with
 */
public final class TableTransformer<A> {
	private static final int MAGIC = 0x54544657;
	private static final int VERSION = 1;
	/** Tokens that are encoded together. */
	private static final int TOKENS = 2048;
	/** Tokens that go back together: much is kept of each. */
	private static final int GRADIENT_TOKENS = 512;
	private static final int IDLE_WORKSPACES = 16;
	private final TableConfig config;
	private final Supplier<? extends Kernels<A>> kernels;
	private final Kernels<A> own;
	final TableLayout layout;
	final A parameters;
	/** The mean token of every feature over the training rows, as weights of its vectors: where explanations start. */
	private final float[] baseline;
	private final ConcurrentLinkedQueue<TablePass<A>> idle = new ConcurrentLinkedQueue<>();

	/**
	 * A model with random weights, the same for all kernels, that knows the scale of the training rows.
	 *
	 * @param categories for every feature how many there are, 0 for a number
	 * @param rows       of training
	 * @param kernels    makes an instance for each workspace
	 */
	public static <A> TableTransformer<A> random(TableShape shape, int[] categories, int targets, double[][] rows, long seed,
			Supplier<? extends Kernels<A>> kernels) {
		List<Column> columns = new ArrayList<>();
		for (int f = 0; f < categories.length; f++) {
			int feature = f;
			columns.add(categories[f] > 0 ? Column.category(categories[f])
					: Column.number(Arrays.stream(rows).mapToDouble(r -> r[feature]).toArray(), shape.bins()));
		}
		TableConfig config = new TableConfig(columns, targets, shape.dim(), shape.blocks(), shape.heads(), shape.hidden(),
				shape.dropout());
		return random(config, TablePass.baseline(config, rows), seed, kernels);
	}

	/**
	 * A model with random weights, the same for all kernels.
	 *
	 * @param config   its shape
	 * @param baseline the mean token of every feature, as {@link TablePass#baseline} gives it
	 * @param kernels  makes an instance for each workspace
	 */
	static <A> TableTransformer<A> random(TableConfig config, float[] baseline, long seed,
			Supplier<? extends Kernels<A>> kernels) {
		TableTransformer<A> model = new TableTransformer<>(config, baseline, kernels);
		float[] weights = model.layout.random(seed, 1f);
		for (Entry e : model.layout.entries) {
			// Vectors of tokens and targets are as long as normalised ones are wide, matrices keep the size of what goes through.
			double fan = e.name().equals("token") || e.name().equals("head") ? e.cols() : e.rows();
			for (int i = e.offset(); e.cols() > 0 && i < e.offset() + e.size(); i++) {
				weights[i] *= (float) (1 / Math.sqrt(fan));
			}
		}
		model.own.write(weights, 0, model.parameters, 0, weights.length);
		return model;
	}

	private TableTransformer(TableConfig config, float[] baseline, Supplier<? extends Kernels<A>> kernels) {
		this.config = Objects.requireNonNull(config);
		this.baseline = baseline.clone();
		this.kernels = Objects.requireNonNull(kernels);
		own = kernels.get();
		layout = new TableLayout(config);
		parameters = own.allocate(layout.size());
	}

	/** @return number of features */
	public int features() {
		return config.columns().size();
	}

	/** @return number of targets */
	public int targets() {
		return config.targets();
	}

	/** @return width of vectors */
	public int dim() {
		return config.dim();
	}

	TableConfig config() {
		return config;
	}

	/** @return copies of the weights by name, row-major, in the order in which they are saved */
	public Map<String, float[]> parameters() {
		Map<String, float[]> map = new LinkedHashMap<>();
		float[] weights = weights();
		for (Entry e : layout.entries) {
			map.put(e.name(), Arrays.copyOfRange(weights, e.offset(), e.offset() + e.size()));
		}
		return map;
	}

	/** The weights, rounded to float; to be read only. */
	float[] weights() {
		float[] out = new float[layout.size()];
		own.read(parameters, 0, out, 0, out.length);
		return out;
	}

	Kernels<A> newKernels() {
		return kernels.get();
	}

	TablePass<A> newPass() {
		return new TablePass<>(config, layout, newKernels());
	}

	/**
	 * Encodes rows.
	 *
	 * @param out rows x dim floats
	 * @throws IllegalArgumentException for a row of another width, or a category that a feature does not have
	 */
	public void vectors(double[][] rows, float[] out) {
		int d = config.dim();
		check(out.length >= (long) rows.length * d, "out is too small");
		TablePass<A> pass = idle.poll();
		if (pass == null) {
			pass = newPass();
		}
		A to = pass.k.view(out);
		int most = Math.max(1, TOKENS / pass.tokens());
		for (int from = 0; from < rows.length; from += most) {
			pass.clear();
			for (int r = from; r < Math.min(rows.length, from + most); r++) {
				pass.append(rows[r]);
			}
			pass.encode(parameters, to, from * d);
		}
		pass.k.read(to, 0, out, 0, rows.length * d);
		if (idle.size() < IDLE_WORKSPACES) {
			idle.add(pass);
		}
	}

	/**
	 * Log odds.
	 *
	 * @param vectors what {@link #vectors} gave
	 * @param n       number of vectors
	 * @param out     n x targets floats
	 */
	public void scores(float[] vectors, int n, float[] out) {
		check(out.length >= (long) n * config.targets(), "out is too small");
		Kernels<A> k = newKernels();
		A from = k.view(vectors);
		float[] bias = new float[config.targets()];
		for (int t = 0; t < bias.length; t++) {
			bias[t] = bias(t);
		}
		for (int i = 0; i < n * bias.length; i++) {
			int t = i % bias.length;
			out[i] = k.dotInOrder(from, i / bias.length * config.dim(), parameters, layout.head + t * config.dim(), config.dim()) + bias[t];
		}
	}

	/** The vector of a target. @param out dim floats */
	public void targetVector(int target, float[] out) {
		check(target >= 0 && target < config.targets(), "Target " + target + " out of range");
		own.read(parameters, layout.head + target * config.dim(), out, 0, config.dim());
	}

	/** What is added to the inner product of a row's and a target's vector. */
	public float bias(int target) {
		check(target >= 0 && target < config.targets(), "Target " + target + " out of range");
		float[] out = new float[1];
		own.read(parameters, layout.headBias + target, out, 0, 1);
		return out[0];
	}

	/**
	 * Scores and slopes between a row of mean tokens and the row itself; see {@link Gradients}.
	 *
	 * @return [point][target], with a product for every feature
	 */
	public Slope[][] slopes(double[] row, int[] targets, List<Point> points) {
		int d = config.dim();
		int features = features();
		TablePass<A> pass = newPass();
		pass.append(row);
		pass.append(row, 0, baseline);
		float[] tokens = new float[2 * pass.tokens() * d];
		pass.tokens(parameters, tokens);
		int n = pass.tokens();
		// Of the model's own token there is no content: it is the same everywhere.
		float[] content = new float[features * d];
		double squares = 0;
		for (int i = 0; i < content.length; i++) {
			content[i] = tokens[i] - tokens[n * d + i];
			squares += (double) content[i] * content[i];
		}
		double unit = Math.sqrt(squares / content.length);
		Slope[][] out = new Slope[points.size()][targets.length];
		int most = Math.max(1, GRADIENT_TOKENS / n);
		float[] vector = new float[d];
		for (int from = 0; from < points.size(); from += most) {
			List<Point> part = points.subList(from, Math.min(points.size(), from + most));
			float[] noise = part.stream().anyMatch(p -> p.noise() > 0) ? new float[part.size() * n * d] : null;
			pass.clear();
			for (int i = 0; i < part.size(); i++) {
				Point p = part.get(i);
				pass.append(row, p.alpha(), baseline);
				SplittableRandom random = new SplittableRandom(p.seed());
				for (int j = i * n * d; p.noise() > 0 && j < i * n * d + content.length; j++) {
					noise[j] = (float) (p.noise() * unit * Layout.gaussian(random));
				}
			}
			pass.forward(parameters, noise);
			float[] gradient = new float[pass.rows * d];
			for (int t = 0; t < targets.length; t++) {
				targetVector(targets[t], vector);
				for (int i = 0; i < part.size(); i++) {
					pass.k.write(vector, 0, pass.dh, i * d, d);
				}
				pass.k.read(pass.backward(parameters, null, null), 0, gradient, 0, gradient.length);
				for (int i = 0; i < part.size(); i++) {
					double[] products = new double[features];
					for (int j = 0; j < content.length; j++) {
						products[j / d] += (double) gradient[i * n * d + j] * content[j];
					}
					out[from + i][t] = new Slope(pass.k.dotInOrder(pass.h, i * d, parameters, layout.head + targets[t] * d, d)
							+ bias(targets[t]), products);
				}
			}
		}
		return out;
	}

	/**
	 * Attention at a row and its gradients; see {@link Attention}.
	 *
	 * @return a token for every feature, then the model's own, from which the scores are read
	 */
	public Attention.Maps attention(double[] row, int[] targets) {
		int d = config.dim();
		TablePass<A> pass = newPass();
		pass.append(row);
		pass.forward(parameters, null);
		int n = pass.tokens();
		int heads = config.heads();
		double[][][][] weights = new double[config.blocks()][heads][n][n];
		for (int block = 0; block < weights.length; block++) {
			squares(pass.attentionWeights(block), 0, weights[block]);
		}
		double[][][][][] gradients = new double[targets.length][config.blocks()][heads][n][n];
		int size = heads * n * n;
		A by = pass.k.allocate(weights.length * size);
		float[] read = new float[weights.length * size];
		float[] vector = new float[d];
		for (int t = 0; t < targets.length; t++) {
			targetVector(targets[t], vector);
			pass.k.write(vector, 0, pass.dh, 0, d);
			pass.backward(parameters, null, by);
			pass.k.read(by, 0, read, 0, read.length);
			for (int block = 0; block < weights.length; block++) {
				squares(read, block * size, gradients[t][block]);
			}
		}
		int[] parts = new int[n];
		Arrays.setAll(parts, i -> i < n - 1 ? i : -1);
		return new Attention.Maps(parts, n - 1, weights, gradients);
	}

	/** Reads [head][query][key]. */
	private static void squares(float[] from, int offset, double[][][] out) {
		for (double[][] head : out) {
			for (double[] query : head) {
				for (int key = 0; key < query.length; key++) {
					query[key] = from[offset++];
				}
			}
		}
	}

	/** Writes the model. The stream stays open. */
	public void save(OutputStream out) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		ModelFile.ints(head, config.targets(), config.dim(), config.blocks(), config.heads(), config.hidden(),
				Float.floatToIntBits(config.dropout()), config.columns().size());
		for (Column c : config.columns()) {
			ModelFile.ints(head, c.categories());
			doubles(head, c.mean(), c.deviation());
			ModelFile.ints(head, c.edges().length);
			doubles(head, c.edges());
		}
		for (float b : baseline) {
			ModelFile.ints(head, Float.floatToIntBits(b));
		}
		ModelFile.write(out, MAGIC, VERSION, head.toByteArray(), layout, weights());
	}

	private static void doubles(OutputStream out, double... values) throws IOException {
		for (double v : values) {
			long bits = Double.doubleToLongBits(v);
			ModelFile.ints(out, (int) bits, (int) (bits >>> 32));
		}
	}

	private static double readDouble(DataInputStream in) throws IOException {
		long low = ModelFile.readInt(in) & 0xFFFFFFFFL;
		return Double.longBitsToDouble((long) ModelFile.readInt(in) << 32 | low);
	}

	/** Reads a model that will compute with given kernels. @throws IOException if the input is not a model, is damaged or ends too soon */
	public static <A> TableTransformer<A> load(InputStream in, Supplier<? extends Kernels<A>> kernels) throws IOException {
		return ModelFile.read(in, MAGIC, VERSION, (head, bytes) -> {
			int targets = ModelFile.readInt(head);
			int dim = ModelFile.readInt(head);
			int blocks = ModelFile.readInt(head);
			int heads = ModelFile.readInt(head);
			int hidden = ModelFile.readInt(head);
			float dropout = Float.intBitsToFloat(ModelFile.readInt(head));
			int n = ModelFile.readInt(head);
			check(n > 0 && n <= bytes && blocks > 0 && blocks < 10_000, "numbers that can't be");
			List<Column> columns = new ArrayList<>();
			for (int f = 0; f < n; f++) {
				int categories = ModelFile.readInt(head);
				double mean = readDouble(head);
				double deviation = readDouble(head);
				int count = ModelFile.readInt(head);
				check(count >= 0 && count <= bytes && categories <= bytes, "numbers that can't be");
				double[] edges = new double[count];
				for (int i = 0; i < edges.length; i++) {
					edges[i] = readDouble(head);
				}
				columns.add(new Column(categories, mean, deviation, edges));
			}
			TableConfig config = new TableConfig(columns, targets, dim, blocks, heads, hidden, dropout);
			float[] baseline = new float[config.vectors()];
			for (int i = 0; i < baseline.length; i++) {
				baseline[i] = Float.intBitsToFloat(ModelFile.readInt(head));
			}
			return new ModelFile.Unfilled<>(new TableLayout(config), weights -> {
				TableTransformer<A> model = new TableTransformer<>(config, baseline, kernels);
				model.own.write(weights, 0, model.parameters, 0, weights.length);
				return model;
			});
		});
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}
}
