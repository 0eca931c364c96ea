package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Objects;

/**
 * Shape of a {@link Transformer} over event sequences (Kang and McAuley, "Self-Attentive Sequential Recommendation",
 * 2018). Immutable by convention: the arrays are not copied.
 *
 * @param items          number of items; item ids are 0 to items - 1
 * @param maxLength      events of a history that are looked at, the last ones
 * @param dim            width of the vectors, a multiple of {@code heads}
 * @param blocks         number of Transformer blocks, at least 1
 * @param heads          attention heads
 * @param hidden         width of the feed-forward layer inside a block
 * @param dropout        share of activations dropped in training, in [0, 1)
 * @param kinds          number of event kinds, at least 1; with more than one every event adds the embedding of its
 *                       kind
 * @param attributes     number of attributes that items may have, 0 for none
 * @param itemAttributes attribute ids of every item, null without attributes; an item's vector is its own embedding
 *                       plus the mean of those of its attributes, on the way in and on the way out
 */
public record TransformerConfig(int items, int maxLength, int dim, int blocks, int heads, int hidden, float dropout,
		int kinds, int attributes, int[][] itemAttributes) {
	/** Checks the shape. */
	public TransformerConfig {
		check(items > 0, "items must be positive");
		check(maxLength > 0, "maxLength must be positive");
		new EncoderShape(dim, blocks, heads, hidden, dropout, true, false, false); // checks its own
		check(kinds > 0, "kinds must be positive");
		check(attributes >= 0, "attributes must not be negative");
		if (attributes > 0) {
			Objects.requireNonNull(itemAttributes, "itemAttributes");
			check(itemAttributes.length == items, "itemAttributes must have an entry for every item");
			for (int[] ids : itemAttributes) {
				for (int id : ids) {
					check(id >= 0 && id < attributes, "attribute id out of range");
				}
			}
		}
	}

	/** Its blocks: every event gives an output, from itself and earlier ones. */
	EncoderShape encoder() {
		return new EncoderShape(dim, blocks, heads, hidden, dropout, true, false, false);
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

	/**
	 * A configuration without kinds and attributes.
	 *
	 * @return two blocks of one head, a hidden layer twice as wide as the vectors, dropout 0.2
	 */
	public static TransformerConfig of(int items, int maxLength, int dim) {
		return new TransformerConfig(items, maxLength, dim, 2, 1, 2 * dim, 0.2f, 1, 0, null);
	}
}
