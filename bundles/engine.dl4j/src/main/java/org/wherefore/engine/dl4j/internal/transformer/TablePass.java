package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/** One thread's way through a {@link TableTransformer} and back. */
final class TablePass<A> extends ClassPass<A, double[]> {
	private final TableConfig c;
	private final TableLayout layout;
	/** Number of the first vector of each column; the last one is the model's own token. */
	private final int[] first;
	/** The tokens of the batch as weighted sums of vectors. */
	private int[] starts = new int[1];
	private int[] ids = new int[0];
	private float[] weights = new float[0];
	/** What the mean token of every column is made of. */
	private final float[] baseline;

	TablePass(TableConfig config, float[] baseline, TableLayout layout, Kernels<A> kernels) {
		super(config.encoder(), config.targets(), layout, kernels);
		this.baseline = baseline;
		this.c = config;
		this.layout = layout;
		first = new int[config.columns().size() + 1];
		for (int f = 0; f < config.columns().size(); f++) {
			first[f + 1] = first[f] + config.columns().get(f).size();
		}
	}

	@Override
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

	@Override
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

	@Override
	void append(double[] values, double alpha) {
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

	@Override
	void embed(A p) {
		k.fill(x, 0, rows * d, 0f);
		k.addWeighted(rows, d, starts, ids, weights, p, layout.token, x, 0);
	}

	@Override
	void embedBackward(A byTokens, A g) {
		k.addWeightedBackward(rows, d, starts, ids, weights, byTokens, 0, g, layout.token);
	}
}
