package org.wherefore.engine.dl4j.internal.transformer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * A causal Transformer over event sequences that scores the items that may come next: norm-first blocks after Kang
 * and McAuley, "Self-Attentive Sequential Recommendation" (SASRec, 2018), item vectors tied between input and output.
 * <p>
 * A history is an int[] of item ids, oldest first; of one longer than {@code maxLength} the last events count. The
 * learned positions are counted from the end, so that a shortened history stays aligned. A history vector has
 * {@code dim} floats; an item's score is its scalar product with the item's vector.
 * <p>
 * A score depends on its history and item alone: to the bit, whatever else is computed in the same call. So explanations
 * and their tests may be batched in any way.
 * <p>
 * All reading methods may be called from many threads at once: each call borrows a workspace from a pool. Training
 * ({@link Trainer}) must not run at the same time as reading.
 * <p>
 * What is saved is the same for all kernels: a model trained with one is served by any other.
 *
 * @param <A> kind of array that its kernels compute with
 */
public final class Transformer<A> {
	private static final int MAGIC = 0x57464D54; // "TMFW" in little-endian order
	private static final int VERSION = 1;
	/** Rows that are encoded together. */
	private static final int ROWS = 2048;
	/** Rows that go back together: much is kept of each. */
	private static final int GRADIENT_ROWS = 512;
	private static final int IDLE_WORKSPACES = 16;
	private final TransformerConfig config;
	private final Supplier<? extends Kernels<A>> kernels;
	private final Kernels<A> own;
	final HistoryLayout layout;
	final A parameters;
	/** Item vectors with their attributes; null without attributes, when the item embeddings are the vectors. */
	private A fused;
	/** Attributes of item i: ids attributeStarts[i]..attributeStarts[i + 1]. */
	private int[] attributeStarts;
	private int[] attributeIds;
	/** Item vectors, dim x items, for scoring; made when first needed, null after the parameters have changed. */
	private volatile A transposed;
	private final ConcurrentLinkedQueue<Pass<A>> idle = new ConcurrentLinkedQueue<>();

	/**
	 * A model with random weights that computes with the fastest kernels of this Java runtime.
	 *
	 * @param config its shape
	 * @param seed   of the weights
	 */
	public static Transformer<float[]> random(TransformerConfig config, long seed) {
		return random(config, seed, Kernels::best);
	}

	/**
	 * A model with random weights, the same for all kernels.
	 *
	 * @param kernels makes an instance for each workspace
	 */
	public static <A> Transformer<A> random(TransformerConfig config, long seed, Supplier<? extends Kernels<A>> kernels) {
		Transformer<A> model = new Transformer<>(config, kernels);
		float[] weights = model.layout.random(seed, 0.02f);
		model.own.write(weights, 0, model.parameters, 0, weights.length);
		model.refresh();
		return model;
	}

	/** @return the shape of the model */
	public TransformerConfig config() {
		return config;
	}

	/** @return number of weights */
	public int parameterCount() {
		return layout.size();
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

	/** Recomputes what derives from the parameters after they have changed. */
	void refresh() {
		transposed = null;
		if (layout.attribute < 0) {
			return;
		}
		int n = config.items();
		if (fused == null) {
			fused = own.allocate(n * config.dim());
		}
		own.copy(parameters, layout.item, fused, 0, n * config.dim());
		own.addMeans(n, config.dim(), attributeStarts, attributeIds, parameters, layout.attribute, fused, 0);
	}

	/** Adds the gradient of the attributes, which follows from that of the item vectors. */
	void attributeGradient(A g) {
		if (layout.attribute >= 0) {
			own.addMeansBackward(config.items(), config.dim(), attributeStarts, attributeIds, g, layout.item, g,
					layout.attribute);
		}
	}

	/** The array that holds the item vectors from {@link #vectorOffset()}. */
	A vectors() {
		return fused != null ? fused : parameters;
	}

	private A transposed(Kernels<A> k) {
		A t = transposed;
		if (t == null) {
			int d = config.dim();
			int n = config.items();
			t = k.allocate(n * d);
			k.transpose(n, d, vectors(), vectorOffset(), d, t, 0, n);
			transposed = t;
		}
		return t;
	}

	int vectorOffset() {
		return fused != null ? 0 : layout.item;
	}

	Kernels<A> newKernels() {
		return kernels.get();
	}

	Pass<A> newPass() {
		return new Pass<>(config, layout, newKernels());
	}

	private Pass<A> borrow() {
		Pass<A> pass = idle.poll();
		return pass != null ? pass : newPass();
	}

	private void giveBack(Pass<A> pass) {
		if (idle.size() < IDLE_WORKSPACES) {
			idle.add(pass);
		}
	}

	/**
	 * Encodes histories.
	 *
	 * @param histories item ids, oldest first; an empty history gives the zero vector
	 * @param kinds     kinds of the events in the same shape, or null if all are of kind 0
	 * @param out       histories.length x dim floats
	 */
	public void scoreRows(int[][] histories, int[][] kinds, float[] out) {
		int d = config.dim();
		check(out.length >= (long) histories.length * d, "out is too small");
		check(kinds == null || kinds.length == histories.length, "kinds must have the shape of histories");
		Pass<A> pass = borrow();
		A to = pass.k.view(out);
		for (int s = 0; s < histories.length;) {
			if (histories[s].length == 0) {
				pass.k.fill(to, s * d, s * d + d, 0f);
				s++;
				continue;
			}
			int first = s;
			pass.clear();
			do {
				int[] history = histories[s];
				check(kinds == null || kinds[s].length == history.length, "kinds must have the shape of histories");
				pass.append(history, kinds == null ? null : kinds[s],
						Math.max(0, history.length - config.maxLength()), history.length);
				s++;
			} while (s < histories.length && histories[s].length > 0
					&& pass.rows + Math.min(histories[s].length, config.maxLength()) <= ROWS);
			pass.encode(parameters, vectors(), vectorOffset(), to, first * d);
		}
		pass.k.read(to, 0, out, 0, histories.length * d);
		giveBack(pass);
	}

	/**
	 * Scores all items.
	 *
	 * @param vectors what {@link #scoreRows} gave
	 * @param n       number of vectors
	 * @param out     n x items floats
	 */
	public void scores(float[] vectors, int n, float[] out) {
		check(out.length >= (long) n * config.items(), "out is too small");
		Pass<A> pass = borrow();
		A to = pass.k.view(out);
		pass.k.gemmNN(n, config.items(), config.dim(), pass.k.view(vectors), 0, config.dim(), transposed(pass.k), 0,
				config.items(), to, 0, config.items(), false);
		pass.k.read(to, 0, out, 0, n * config.items());
		giveBack(pass);
	}

	/**
	 * Scores chosen items.
	 *
	 * @param vectors history vectors
	 * @param row     which of them
	 * @param items   item ids
	 * @param out     a float for every one of {@code items}
	 */
	public void scores(float[] vectors, int row, int[] items, float[] out) {
		Pass<A> pass = borrow();
		int d = config.dim();
		A from = pass.k.view(vectors);
		for (int i = 0; i < items.length; i++) {
			check(items[i] >= 0 && items[i] < config.items(), "Item out of range");
			out[i] = pass.k.dotInOrder(from, row * d, vectors(), vectorOffset() + items[i] * d, d);
		}
		giveBack(pass);
	}

	/**
	 * The item vector as used for scoring, attributes included.
	 *
	 * @param out dim floats
	 */
	public void itemVector(int item, float[] out) {
		check(item >= 0 && item < config.items(), "Item out of range");
		own.read(vectors(), vectorOffset() + item * config.dim(), out, 0, config.dim());
	}

	/**
	 * The best of a row of scores, best first; of equal scores the smaller id comes first.
	 *
	 * @param scores   scores of all items from {@code offset}
	 * @param n        number of items
	 * @param k        how many are wanted
	 * @param excluded items that may not be answered, in any order; may be null
	 * @return at most {@code k} item ids
	 */
	public static int[] topK(float[] scores, int offset, int n, int k, int[] excluded) {
		int[] out = excluded == null ? new int[0] : excluded.clone();
		Arrays.sort(out);
		int[] heap = new int[Math.max(0, Math.min(k, n))];
		int size = 0;
		// Almost every item is worse than the worst of the heap: one comparison has to tell.
		float worst = Float.NEGATIVE_INFINITY;
		for (int i = 0; i < n && heap.length > 0; i++) {
			if (scores[offset + i] < worst || out.length > 0 && Arrays.binarySearch(out, i) >= 0) {
				continue;
			}
			if (size < heap.length) {
				int at = size++;
				while (at > 0 && worse(scores, offset, i, heap[(at - 1) / 2])) {
					heap[at] = heap[(at - 1) / 2];
					at = (at - 1) / 2;
				}
				heap[at] = i;
			} else if (worse(scores, offset, heap[0], i)) {
				sift(scores, offset, heap, size, i);
			}
			if (size == heap.length) {
				worst = scores[offset + heap[0]];
			}
		}
		int[] best = new int[size];
		while (size > 0) {
			best[--size] = heap[0];
			if (size > 0) {
				sift(scores, offset, heap, size, heap[size]);
			}
		}
		return best;
	}

	/** Puts {@code item} at the top of a heap whose worst is on top, and down to its place. */
	private static void sift(float[] scores, int offset, int[] heap, int size, int item) {
		int at = 0;
		for (int child = 1; child < size; child = 2 * at + 1) {
			if (child + 1 < size && worse(scores, offset, heap[child + 1], heap[child])) {
				child++;
			}
			if (!worse(scores, offset, heap[child], item)) {
				break;
			}
			heap[at] = heap[child];
			at = child;
		}
		heap[at] = item;
	}

	private static boolean worse(float[] scores, int offset, int a, int b) {
		int order = Float.compare(scores[offset + a], scores[offset + b]);
		return order < 0 || order == 0 && a > b;
	}

	/**
	 * Scores and slopes between a history without content and the history itself; see {@link Gradients}. All points
	 * share the way in, each target takes its own way back through them.
	 *
	 * @param history item ids
	 * @param kinds   kinds of the events, or null if all are of kind 0
	 * @param targets items
	 * @return [point][target]; the products of events before the last {@code maxLength} are 0
	 */
	public Slope[][] slopes(int[] history, int[] kinds, int[] targets, List<Point> points) {
		check(kinds == null || kinds.length == history.length, "kinds must have the shape of the history");
		for (int target : targets) {
			check(target >= 0 && target < config.items(), "Item " + target + " out of range");
		}
		Slope[][] out = new Slope[points.size()][targets.length];
		int n = Math.min(history.length, config.maxLength());
		if (n == 0) {
			for (Slope[] row : out) {
				Arrays.fill(row, new Slope(0, new double[0]));
			}
			return out;
		}
		int d = config.dim();
		int first = history.length - n;
		Pass<A> pass = newPass();
		pass.append(history, kinds, first, history.length);
		float[] content = new float[n * d];
		pass.content(parameters, vectors(), vectorOffset(), content);
		double squares = 0;
		for (float c : content) {
			squares += (double) c * c;
		}
		double unit = Math.sqrt(squares / content.length);
		int most = Math.max(1, GRADIENT_ROWS / n);
		for (int from = 0; from < points.size(); from += most) {
			List<Point> part = points.subList(from, Math.min(points.size(), from + most));
			float[] alphas = new float[part.size()];
			float[] noise = part.stream().anyMatch(p -> p.noise() > 0) ? new float[part.size() * n * d] : null;
			pass.clear();
			for (int i = 0; i < alphas.length; i++) {
				Point p = part.get(i);
				pass.append(history, kinds, first, history.length);
				alphas[i] = (float) p.alpha();
				SplittableRandom random = new SplittableRandom(p.seed());
				for (int j = i * n * d; p.noise() > 0 && j < (i + 1) * n * d; j++) {
					noise[j] = (float) (p.noise() * unit * Layout.gaussian(random));
				}
			}
			pass.forward(parameters, vectors(), vectorOffset(), alphas, noise);
			float[] gradient = new float[pass.rows * d];
			for (int t = 0; t < targets.length; t++) {
				int vector = vectorOffset() + targets[t] * d;
				pass.k.fill(pass.dh, 0, pass.rows * d, 0f);
				for (int i = 1; i <= alphas.length; i++) {
					pass.k.copy(vectors(), vector, pass.dh, (i * n - 1) * d, d);
				}
				pass.k.read(pass.backward(parameters, null), 0, gradient, 0, gradient.length);
				for (int i = 0; i < alphas.length; i++) {
					double[] products = new double[history.length];
					for (int j = 0; j < n * d; j++) {
						products[first + j / d] += (double) gradient[i * n * d + j] * content[j];
					}
					out[from + i][t] = new Slope(pass.k.dotInOrder(pass.h, ((i + 1) * n - 1) * d, vectors(), vector, d), products);
				}
			}
		}
		return out;
	}

	/**
	 * Attention at a history and its gradients; see {@link Attention}. The last event's row is read for the scores.
	 *
	 * @param history item ids
	 * @param kinds   kinds of the events, or null if all are of kind 0
	 * @param targets items
	 * @return tokens are the last {@code maxLength} events
	 */
	public Attention.Maps attention(int[] history, int[] kinds, int[] targets) {
		check(kinds == null || kinds.length == history.length, "kinds must have the shape of the history");
		for (int target : targets) {
			check(target >= 0 && target < config.items(), "Item " + target + " out of range");
		}
		int n = Math.min(history.length, config.maxLength());
		int heads = config.heads();
		double[][][][] weights = new double[config.blocks()][heads][n][n];
		double[][][][][] gradients = new double[targets.length][config.blocks()][heads][n][n];
		int first = history.length - n;
		int[] parts = new int[n];
		Arrays.setAll(parts, i -> first + i);
		if (n == 0) {
			return new Attention.Maps(parts, -1, weights, gradients);
		}
		int d = config.dim();
		Pass<A> pass = newPass();
		pass.append(history, kinds, first, history.length);
		pass.forward(parameters, vectors(), vectorOffset(), 0, false);
		for (int block = 0; block < weights.length; block++) {
			lowerTriangles(pass.attentionWeights(block), 0, weights[block]);
		}
		int size = heads * n * n;
		A by = pass.k.allocate(weights.length * size);
		float[] read = new float[weights.length * size];
		for (int t = 0; t < targets.length; t++) {
			pass.k.fill(pass.dh, 0, n * d, 0f);
			pass.k.copy(vectors(), vectorOffset() + targets[t] * d, pass.dh, (n - 1) * d, d);
			pass.backward(parameters, null, by);
			pass.k.read(by, 0, read, 0, read.length);
			for (int block = 0; block < weights.length; block++) {
				lowerTriangles(read, block * size, gradients[t][block]);
			}
		}
		return new Attention.Maps(parts, n - 1, weights, gradients);
	}

	/** Reads [head][query][key]; keys behind the query stay 0. */
	private static void lowerTriangles(float[] from, int offset, double[][][] out) {
		for (double[][] head : out) {
			for (int query = 0; query < head.length; query++, offset += head.length) {
				for (int key = 0; key <= query; key++) {
					head[query][key] = from[offset + key];
				}
			}
		}
	}

	/**
	 * Writes the model: little-endian, with configuration, names, shapes and a checksum. The stream stays open.
	 */
	public void save(OutputStream out) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		ModelFile.ints(head, config.items(), config.maxLength(), config.dim(), config.blocks(), config.heads(),
				config.hidden(), Float.floatToIntBits(config.dropout()), config.kinds(), config.attributes());
		if (config.attributes() > 0) {
			for (int[] ids : config.itemAttributes()) {
				ModelFile.ints(head, ids.length);
				ModelFile.ints(head, ids);
			}
		}
		ModelFile.write(out, MAGIC, VERSION, head.toByteArray(), layout, weights());
	}

	/**
	 * Reads a model.
	 *
	 * @throws IOException if the input is not a model, is damaged or ends too soon
	 */
	public static Transformer<float[]> load(InputStream in) throws IOException {
		return load(in, Kernels::best);
	}

	/** Reads a model that will compute with given kernels. */
	public static <A> Transformer<A> load(InputStream in, Supplier<? extends Kernels<A>> kernels) throws IOException {
		return ModelFile.read(in, MAGIC, VERSION, (head, bytes) -> {
			int items = ModelFile.readInt(head);
			int maxLength = ModelFile.readInt(head);
			int dim = ModelFile.readInt(head);
			int blocks = ModelFile.readInt(head);
			int heads = ModelFile.readInt(head);
			int hidden = ModelFile.readInt(head);
			float dropout = Float.intBitsToFloat(ModelFile.readInt(head));
			int kinds = ModelFile.readInt(head);
			int attributes = ModelFile.readInt(head);
			int[][] ids = null;
			if (attributes > 0) {
				check(items > 0 && items <= bytes, "Damaged model");
				ids = new int[items][];
				for (int i = 0; i < items; i++) {
					int n = ModelFile.readInt(head);
					check(n >= 0 && n <= bytes, "Damaged model");
					ids[i] = new int[n];
					for (int j = 0; j < n; j++) {
						ids[i][j] = ModelFile.readInt(head);
					}
				}
			}
			check(blocks > 0 && blocks < 10_000, "Damaged model");
			TransformerConfig config = new TransformerConfig(items, maxLength, dim, blocks, heads, hidden, dropout, kinds, attributes,
					ids);
			return new ModelFile.Unfilled<>(new HistoryLayout(config), weights -> {
				Transformer<A> model = new Transformer<>(config, kernels);
				model.own.write(weights, 0, model.parameters, 0, weights.length);
				model.refresh();
				return model;
			});
		});
	}

	private Transformer(TransformerConfig config, Supplier<? extends Kernels<A>> kernels) {
		this.config = Objects.requireNonNull(config);
		this.kernels = Objects.requireNonNull(kernels);
		own = kernels.get();
		layout = new HistoryLayout(config);
		parameters = own.allocate(layout.size());
		if (layout.attribute >= 0) {
			int[][] ids = config.itemAttributes();
			attributeStarts = new int[ids.length + 1];
			for (int i = 0; i < ids.length; i++) {
				attributeStarts[i + 1] = attributeStarts[i] + ids[i].length;
			}
			attributeIds = Arrays.stream(ids).flatMapToInt(Arrays::stream).toArray();
		}
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}
}
