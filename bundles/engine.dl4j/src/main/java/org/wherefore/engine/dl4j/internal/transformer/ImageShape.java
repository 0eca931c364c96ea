package org.wherefore.engine.dl4j.internal.transformer;

/**
 * What of an {@link ImageTransformer} does not follow from the data.
 *
 * @param dim     width of the vectors, a multiple of {@code heads}
 * @param blocks  number of Transformer blocks, at least 1
 * @param heads   attention heads
 * @param hidden  width of the gated layer inside a block
 * @param dropout share of activations dropped in training, in [0, 1)
 * @param window  side of the squares that become tokens, at least {@code stride}
 * @param stride  pixels from one square to the next
 * @param shift   most pixels by which an image is moved in training, in each direction
 */
public record ImageShape(int dim, int blocks, int heads, int hidden, float dropout, int window, int stride, int shift) {
}
