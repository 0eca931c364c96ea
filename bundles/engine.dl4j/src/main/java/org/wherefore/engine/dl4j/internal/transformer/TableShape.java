package org.wherefore.engine.dl4j.internal.transformer;

/**
 * What of a {@link TableTransformer} does not follow from the data.
 *
 * @param dim     width of the vectors, a multiple of {@code heads}
 * @param blocks  number of Transformer blocks, at least 1
 * @param heads   attention heads
 * @param hidden  width of the gated layer inside a block
 * @param dropout share of activations dropped in training, in [0, 1)
 * @param bins    pieces between quantiles in which the token of a number may bend, 0 for none
 */
public record TableShape(int dim, int blocks, int heads, int hidden, float dropout, int bins) {
}
