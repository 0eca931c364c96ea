package org.wherefore.engine.dl4j.internal.transformer;

import java.util.List;

/**
 * Shape of a {@link TableTransformer}.
 *
 * @param columns how each feature becomes a token
 * @param targets number of targets, at least 1
 * @param dim     width of the vectors, a multiple of {@code heads}
 * @param blocks  number of Transformer blocks, at least 1
 * @param heads   attention heads
 * @param hidden  width of the gated layer inside a block
 * @param dropout share of activations dropped in training, in [0, 1)
 */
record TableConfig(List<Column> columns, int targets, int dim, int blocks, int heads, int hidden, float dropout) {
	TableConfig {
		columns = List.copyOf(columns);
		if (columns.isEmpty() || targets < 1) {
			throw new IllegalArgumentException("at least one column and one target");
		}
		new EncoderShape(dim, blocks, heads, hidden, dropout, false, true, true); // checks its own
	}

	/** Its blocks: all tokens look at each other, and only the last one's output counts. */
	EncoderShape encoder() {
		return new EncoderShape(dim, blocks, heads, hidden, dropout, false, true, true);
	}

	/** Number of vectors that tokens are made of, the model's own token included. */
	int vectors() {
		return columns.stream().mapToInt(Column::size).sum() + 1;
	}
}
