package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;

/**
 * How a feature of a table becomes a token: a weighted sum of learned vectors, which lie one after another in one table.
 * <p>
 * A number x, scaled, is {@code bias + x slope}, after the FT-Transformer (Gorishniy et al., "Revisiting Deep Learning
 * Models for Tabular Data", NeurIPS 2021), plus what lies between the vectors of the two quantiles next to it
 * (Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep Learning", NeurIPS 2022, whose piecewise
 * linear encoding this is, written as one vector for each edge). A category has a vector, and so has a missing value.
 *
 * @param categories number of categories, 0 for a number
 * @param mean       subtracted from a number
 * @param deviation  by which it is divided then, positive
 * @param edges      ascending quantiles, none or at least two
 */
record Column(int categories, double mean, double deviation, double[] edges) {
	Column {
		check(categories >= 0, "negative number of categories");
		check(Double.isFinite(mean) && deviation > 0 && Double.isFinite(deviation), "a scale that is no scale");
		check(edges.length != 1 && (categories == 0 || edges.length == 0), "edges that are no edges");
		for (int i = 0; i < edges.length; i++) {
			check(Double.isFinite(edges[i]) && (i == 0 || edges[i] > edges[i - 1]), "edges that do not ascend");
		}
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

	static Column category(int categories) {
		return new Column(categories, 0, 1, new double[0]);
	}

	/**
	 * Learns the scale of a number.
	 *
	 * @param values of the training examples, NaN where missing
	 * @param bins   pieces between quantiles, 0 for none; fewer where values repeat
	 */
	static Column number(double[] values, int bins) {
		double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
		int n = sorted.length;
		double mean = n == 0 ? 0 : Arrays.stream(sorted).average().orElse(0);
		double squares = Arrays.stream(sorted).map(v -> (v - mean) * (v - mean)).sum();
		double deviation = Math.sqrt(squares / Math.max(1, n));
		double[] edges = new double[0];
		if (n > 0 && bins > 0) {
			edges = new double[bins + 1];
			for (int i = 0; i <= bins; i++) {
				edges[i] = sorted[(int) Math.round((double) i * (n - 1) / bins)];
			}
			edges = Arrays.stream(edges).distinct().toArray();
		}
		return new Column(0, mean, deviation > 0 && Double.isFinite(deviation) ? deviation : 1,
				edges.length < 2 ? new double[0] : edges);
	}

	/** Number of vectors: of a number bias, slope, edges and missing; of a category each and missing. */
	int size() {
		return categories > 0 ? categories + 1 : 3 + edges.length;
	}

	/** Most vectors that a value takes. */
	static final int MOST = 4;

	/**
	 * What a value is made of.
	 *
	 * @param value   NaN where missing
	 * @param first   number of the first vector of this column
	 * @param ids     receives the vectors' numbers from {@code at}
	 * @param weights receives their weights
	 * @return how many there are, at most {@link #MOST}
	 * @throws IllegalArgumentException for a category that it does not have
	 */
	int bag(double value, int first, int[] ids, float[] weights, int at) {
		if (Double.isNaN(value)) {
			ids[at] = first + size() - 1;
			weights[at] = 1;
			return 1;
		}
		if (categories > 0) {
			if (!(value >= 0 && value < categories && value == Math.rint(value))) {
				throw new IllegalArgumentException(value + " is no index of a category, there are " + categories);
			}
			ids[at] = first + (int) value;
			weights[at] = 1;
			return 1;
		}
		ids[at] = first;
		weights[at] = 1;
		ids[at + 1] = first + 1;
		weights[at + 1] = (float) Math.max(-20, Math.min(20, (value - mean) / deviation));
		if (edges.length == 0) {
			return 2;
		}
		int i = Arrays.binarySearch(edges, value);
		i = Math.max(0, Math.min(edges.length - 2, i >= 0 ? i : -i - 2));
		float share = (float) Math.max(0, Math.min(1, (value - edges[i]) / (edges[i + 1] - edges[i])));
		ids[at + 2] = first + 2 + i;
		weights[at + 2] = 1 - share;
		ids[at + 3] = first + 3 + i;
		weights[at + 3] = share;
		return 4;
	}
}
