package org.wherefore.engine.dl4j.internal.transformer;

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
 * A Transformer whose tokens all look at each other, with one of its own that is read for the log odds of every target,
 * which are independent of each other.
 * <p>
 * An input's score depends on the input alone: to the bit, whatever else is computed in the same call.
 * <p>
 * All reading methods may be called from many threads at once. Training ({@link ClassTrainer}) must not run at the same
 * time as reading.
 *
 * @param <A> kind of array that its kernels compute with
 * @param <I> kind of input
 */
public abstract class ClassTransformer<A, I> {
	/** Tokens that are encoded together. */
	private static final int TOKENS = 2048;
	/** Tokens that go back together: much is kept of each. */
	private static final int GRADIENT_TOKENS = 512;
	private static final int IDLE_WORKSPACES = 16;
	private final EncoderShape shape;
	private final int targets;
	private final int dim;
	private final Supplier<? extends Kernels<A>> kernels;
	private final Kernels<A> own;
	final ClassLayout layout;
	final A parameters;
	private final ConcurrentLinkedQueue<ClassPass<A, I>> idle = new ConcurrentLinkedQueue<>();

	ClassTransformer(EncoderShape shape, int targets, ClassLayout layout, Supplier<? extends Kernels<A>> kernels) {
		this.shape = shape;
		this.targets = targets;
		this.dim = shape.dim();
		this.layout = layout;
		this.kernels = Objects.requireNonNull(kernels);
		own = kernels.get();
		parameters = own.allocate(layout.size());
	}

	/** A workspace for one thread. */
	abstract ClassPass<A, I> newPass();

	/** Weights to start from, the same for all kernels. */
	final void randomise(long seed) {
		float[] weights = layout.random(seed, 1f);
		for (Entry e : layout.entries) {
			// What is looked up is as long as normalised vectors are wide, matrices keep the size of what goes through.
			double fan = e.name().equals("token") || e.name().equals("head") || e.name().equals("position") ? e.cols() : e.rows();
			for (int i = e.offset(); e.cols() > 0 && i < e.offset() + e.size(); i++) {
				weights[i] *= (float) (1 / Math.sqrt(fan));
			}
		}
		use(weights);
	}

	/** Takes these weights. */
	final void use(float[] weights) {
		own.write(weights, 0, parameters, 0, layout.size());
	}

	/** @return number of targets */
	public int targets() {
		return targets;
	}

	/** @return width of vectors */
	public int dim() {
		return dim;
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

	/**
	 * Encodes inputs.
	 *
	 * @param out inputs x dim floats
	 * @throws IllegalArgumentException for an input that the model can't read
	 */
	public void vectors(List<I> inputs, float[] out) {
		int d = dim;
		check(out.length >= (long) inputs.size() * d, "out is too small");
		ClassPass<A, I> pass = idle.poll();
		if (pass == null) {
			pass = newPass();
		}
		A to = pass.k.view(out);
		int most = Math.max(1, TOKENS / pass.tokens());
		for (int from = 0; from < inputs.size(); from += most) {
			pass.clear();
			for (int r = from; r < Math.min(inputs.size(), from + most); r++) {
				pass.append(inputs.get(r));
			}
			pass.encode(parameters, to, from * d);
		}
		pass.k.read(to, 0, out, 0, inputs.size() * d);
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
		check(out.length >= (long) n * targets, "out is too small");
		Kernels<A> k = newKernels();
		A from = k.view(vectors);
		float[] bias = new float[targets];
		for (int t = 0; t < bias.length; t++) {
			bias[t] = bias(t);
		}
		for (int i = 0; i < n * bias.length; i++) {
			int t = i % bias.length;
			out[i] = k.dotInOrder(from, i / bias.length * dim, parameters, layout.head + t * dim, dim) + bias[t];
		}
	}

	/** The vector of a target. @param out dim floats */
	public void targetVector(int target, float[] out) {
		check(target >= 0 && target < targets, "Target " + target + " out of range");
		own.read(parameters, layout.head + target * dim, out, 0, dim);
	}

	/** What is added to the inner product of a row's and a target's vector. */
	public float bias(int target) {
		check(target >= 0 && target < targets, "Target " + target + " out of range");
		float[] out = new float[1];
		own.read(parameters, layout.headBias + target, out, 0, 1);
		return out[0];
	}

	/**
	 * Scores and slopes between an input of mean tokens and the input itself; see {@link Gradients}.
	 *
	 * @return [point][target], with a product for every token but the model's own
	 */
	public Slope[][] slopes(I input, int[] wanted, List<Point> points) {
		int d = dim;
		ClassPass<A, I> pass = newPass();
		pass.append(input);
		pass.append(input, 0);
		float[] tokens = new float[2 * pass.tokens() * d];
		pass.tokens(parameters, tokens);
		int n = pass.tokens();
		int parts = n - 1;
		// Of the model's own token there is no content: it is the same everywhere.
		float[] content = new float[parts * d];
		double squares = 0;
		for (int i = 0; i < content.length; i++) {
			content[i] = tokens[i] - tokens[n * d + i];
			squares += (double) content[i] * content[i];
		}
		double unit = Math.sqrt(squares / content.length);
		Slope[][] out = new Slope[points.size()][wanted.length];
		int most = Math.max(1, GRADIENT_TOKENS / n);
		float[] vector = new float[d];
		for (int from = 0; from < points.size(); from += most) {
			List<Point> part = points.subList(from, Math.min(points.size(), from + most));
			float[] noise = part.stream().anyMatch(p -> p.noise() > 0) ? new float[part.size() * n * d] : null;
			pass.clear();
			for (int i = 0; i < part.size(); i++) {
				Point p = part.get(i);
				pass.append(input, p.alpha());
				SplittableRandom random = new SplittableRandom(p.seed());
				for (int j = i * n * d; p.noise() > 0 && j < i * n * d + content.length; j++) {
					noise[j] = (float) (p.noise() * unit * Layout.gaussian(random));
				}
			}
			pass.forward(parameters, noise);
			float[] gradient = new float[pass.rows * d];
			for (int t = 0; t < wanted.length; t++) {
				targetVector(wanted[t], vector);
				for (int i = 0; i < part.size(); i++) {
					pass.k.write(vector, 0, pass.dh, i * d, d);
				}
				pass.k.read(pass.backward(parameters, null, null), 0, gradient, 0, gradient.length);
				for (int i = 0; i < part.size(); i++) {
					double[] products = new double[parts];
					for (int j = 0; j < content.length; j++) {
						products[j / d] += (double) gradient[i * n * d + j] * content[j];
					}
					out[from + i][t] = new Slope(pass.k.dotInOrder(pass.h, i * d, parameters, layout.head + wanted[t] * d, d)
							+ bias(wanted[t]), products);
				}
			}
		}
		return out;
	}

	/**
	 * Attention at an input and its gradients; see {@link Attention}.
	 *
	 * @return the input's tokens, then the model's own, from which the scores are read
	 */
	public Attention.Maps attention(I input, int[] wanted) {
		int d = dim;
		ClassPass<A, I> pass = newPass();
		pass.append(input);
		pass.forward(parameters, null);
		int n = pass.tokens();
		int heads = shape.heads();
		double[][][][] weights = new double[shape.blocks()][heads][n][n];
		for (int block = 0; block < weights.length; block++) {
			squares(pass.attentionWeights(block), 0, weights[block]);
		}
		double[][][][][] gradients = new double[wanted.length][shape.blocks()][heads][n][n];
		int size = heads * n * n;
		A by = pass.k.allocate(weights.length * size);
		float[] read = new float[weights.length * size];
		float[] vector = new float[d];
		for (int t = 0; t < wanted.length; t++) {
			targetVector(wanted[t], vector);
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

	static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}
}
