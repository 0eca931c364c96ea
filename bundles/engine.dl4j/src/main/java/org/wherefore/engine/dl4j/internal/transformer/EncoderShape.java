package org.wherefore.engine.dl4j.internal.transformer;

/**
 * Shape of the blocks of an {@link Encoder}.
 *
 * @param dim      width of the vectors, a multiple of {@code heads}
 * @param blocks   number of Transformer blocks, at least 1
 * @param heads    attention heads
 * @param hidden   width of the feed-forward layer inside a block
 * @param dropout  share of activations dropped in training, in [0, 1)
 * @param causal   whether a token looks at earlier ones and itself only, or at all
 * @param gated    whether the feed-forward layer is a gated linear unit, or a rectifier
 * @param lastOnly whether only the output of each sequence's last token is computed
 */
record EncoderShape(int dim, int blocks, int heads, int hidden, float dropout, boolean causal, boolean gated,
		boolean lastOnly) {
	/** Checks the shape. */
	EncoderShape {
		check(heads > 0 && dim > 0 && dim % heads == 0, "dim must be a positive multiple of heads");
		check(blocks > 0, "blocks must be positive");
		check(hidden > 0, "hidden must be positive");
		check(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)");
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

	/** Columns of the feed-forward layer's first matrix. */
	int up() {
		return gated ? 2 * hidden : hidden;
	}
}
