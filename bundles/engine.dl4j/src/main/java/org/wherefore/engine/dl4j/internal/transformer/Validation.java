package org.wherefore.engine.dl4j.internal.transformer;

/**
 * Held-out cases, ranked among all items without those of the history.
 *
 * @param histories item ids, oldest first
 * @param kinds     kinds of the events, or null
 * @param targets   the item that came next in each case
 */
public record Validation(int[][] histories, int[][] kinds, int[] targets) {
	/** Measures at ten. */
	public record Result(double hr, double ndcg) {
	}

	/**
	 * Ranks every target among all items that its history lacks; equal scores count against the model.
	 *
	 * @return hit rate and normalised discounted cumulative gain at 10
	 */
	public Result measure(Transformer<?> model) {
		int d = model.config().dim();
		int items = model.config().items();
		int chunk = Math.max(1, Math.min(256, (1 << 24) / items));
		float[] vectors = new float[chunk * d];
		float[] scores = new float[chunk * items];
		double hr = 0;
		double ndcg = 0;
		for (int from = 0; from < histories.length; from += chunk) {
			int to = Math.min(histories.length, from + chunk);
			model.scoreRows(java.util.Arrays.copyOfRange(histories, from, to),
					kinds == null ? null : java.util.Arrays.copyOfRange(kinds, from, to), vectors);
			model.scores(vectors, to - from, scores);
			for (int i = from; i < to; i++) {
				int row = (i - from) * items;
				float score = scores[row + targets[i]];
				for (int seen : histories[i]) {
					scores[row + seen] = Float.NEGATIVE_INFINITY;
				}
				int rank = 0;
				for (int j = 0; j < items && rank < 10; j++) {
					if (j != targets[i] && !(scores[row + j] < score)) {
						rank++;
					}
				}
				if (rank < 10) {
					hr++;
					ndcg += Math.log(2) / Math.log(rank + 2.0);
				}
			}
		}
		int n = Math.max(1, histories.length);
		return new Result(hr / n, ndcg / n);
	}
}
