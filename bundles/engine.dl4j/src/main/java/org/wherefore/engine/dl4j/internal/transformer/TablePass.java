package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/** One thread's way through a {@link TableTransformer} and back. The model's own token comes last in every row. */
final class TablePass<A> extends Encoder<A> {
	private final TableConfig c;
	private final TableLayout layout;
	/** Number of the first vector of each column; the last one is the model's own token. */
	private final int[] first;
	/** The tokens of the batch as weighted sums of vectors. */
	private int[] starts = new int[1];
	private int[] ids = new int[0];
	private float[] weights = new float[0];
	private A logits;
	private int logitsSize;

	TablePass(TableConfig config, TableLayout layout, Kernels<A> kernels) {
		super(config.encoder(), layout, kernels);
		this.c = config;
		this.layout = layout;
		first = new int[config.columns().size() + 1];
		for (int f = 0; f < config.columns().size(); f++) {
			first[f + 1] = first[f] + config.columns().get(f).size();
		}
	}

	/** Tokens of a row of the table. */
	int tokens() {
		return first.length;
	}

	private void room(int more) {
		int tokens = tokens();
		if (rows + tokens >= starts.length) {
			starts = Arrays.copyOf(starts, 2 * (rows + tokens + 1));
		}
		int end = starts[rows] + more + 1;
		if (end > ids.length) {
			ids = Arrays.copyOf(ids, 2 * end);
			weights = Arrays.copyOf(weights, 2 * end);
		}
	}

	private void own(int at) {
		ids[at] = first[tokens() - 1];
		weights[at] = 1;
		starts[rows + tokens()] = at + 1;
		append(tokens());
	}

	/** Appends a row. @throws IllegalArgumentException for a category that a column does not have, or too few or many values */
	void append(double[] values) {
		sized(values);
		room(Column.MOST * values.length);
		int at = starts[rows];
		for (int f = 0; f < values.length; f++) {
			at += c.columns().get(f).bag(values[f], first[f], ids, weights, at);
			starts[rows + f + 1] = at;
		}
		own(at);
	}

	private void sized(double[] values) {
		if (values.length != tokens() - 1) {
			throw new IllegalArgumentException("a row of " + values.length + " values, the model reads " + (tokens() - 1));
		}
	}

	/** Appends a row whose tokens are {@code alpha} their own and for the rest those of the baseline. */
	void append(double[] values, double alpha, float[] baseline) {
		sized(values);
		room(Column.MOST * values.length + baseline.length);
		int at = starts[rows];
		for (int f = 0; f < values.length; f++) {
			int n = c.columns().get(f).bag(values[f], first[f], ids, weights, at);
			for (int i = at; i < at + n; i++) {
				weights[i] *= (float) alpha;
			}
			at += n;
			for (int id = first[f]; id < first[f + 1]; id++) {
				if (baseline[id] != 0) {
					ids[at] = id;
					weights[at++] = (float) ((1 - alpha) * baseline[id]);
				}
			}
			starts[rows + f + 1] = at;
		}
		own(at);
	}

	/** The weights of a row's vectors, added up over rows: what a mean token is made of. */
	static float[] baseline(TableConfig c, double[][] rows) {
		double[] sums = new double[c.vectors()];
		int[] ids = new int[Column.MOST];
		float[] weights = new float[Column.MOST];
		for (double[] row : rows) {
			for (int f = 0, from = 0; f < row.length; from += c.columns().get(f++).size()) {
				int n = c.columns().get(f).bag(row[f], from, ids, weights, 0);
				for (int i = 0; i < n; i++) {
					sums[ids[i]] += weights[i];
				}
			}
		}
		float[] out = new float[sums.length];
		for (int i = 0; i < out.length; i++) {
			out[i] = (float) (sums[i] / Math.max(1, rows.length));
		}
		return out;
	}

	/** Reads the tokens of all rows, rows x d. */
	void tokens(A p, float[] out) {
		reserve(false);
		embed(p);
		k.read(x, 0, out, 0, rows * d);
	}

	private void embed(A p) {
		k.fill(x, 0, rows * d, 0f);
		k.addWeighted(rows, d, starts, ids, weights, p, layout.token, x, 0);
	}

	/** Training's way in: {@link #h} becomes the normalised output of every row of the table. */
	void forward(A p, long seed, boolean drop) {
		reserve(true);
		embed(p);
		blocks(p, seed, drop, false);
	}

	/** The way in for {@link #backward} without parameters, with {@code noise} added to the tokens; null for none. */
	void forward(A p, float[] noise) {
		reserve(true);
		embed(p);
		if (noise != null) {
			k.write(noise, 0, h, 0, rows * d);
			k.add(h, 0, x, 0, rows * d);
		}
		blocks(p);
	}

	/** Inference: writes a vector for every row of the table. */
	void encode(A p, A out, int oo) {
		reserve(false);
		embed(p);
		last(p, out, oo);
	}

	/**
	 * Loss of all targets, after {@link #forward}; {@link #dh} becomes its gradient times {@code scale}.
	 *
	 * @param g receives the gradients of the head
	 * @return the sum over rows and targets, not scaled
	 */
	double loss(A p, int[] targets, float weight, float gamma, float scale, A g) {
		int n = c.targets();
		if (logitsSize < sequences * n) {
			logitsSize = sequences * n;
			logits = k.allocate(logitsSize);
		}
		k.gemmNT(sequences, n, d, h, 0, d, p, layout.head, d, logits, 0, n, false);
		k.addBias(sequences, n, logits, 0, n, p, layout.headBias);
		double loss = k.focalCrossEntropy(sequences, n, logits, targets, weight, gamma, scale);
		k.gemmNN(sequences, d, n, logits, 0, n, p, layout.head, d, dh, 0, d, false);
		k.gemmTN(n, d, sequences, logits, 0, n, h, 0, d, g, layout.head, d, true);
		k.addColumnSums(sequences, n, logits, 0, g, layout.headBias);
		return loss;
	}

	@Override
	A backward(A p, A g, A byWeights) {
		A dx = super.backward(p, g, byWeights);
		if (g != null) {
			k.addWeightedBackward(rows, d, starts, ids, weights, dx, 0, g, layout.token);
		}
		return dx;
	}
}
