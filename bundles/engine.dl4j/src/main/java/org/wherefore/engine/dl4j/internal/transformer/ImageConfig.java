package org.wherefore.engine.dl4j.internal.transformer;

/**
 * Shape of an {@link ImageTransformer}.
 *
 * @param channels of an image
 * @param height   of an image
 * @param width    of an image
 * @param window   side of the squares that become tokens, at least {@code stride}
 * @param stride   pixels from one square to the next
 * @param targets  number of targets, at least 1
 * @param dim      width of the vectors, a multiple of {@code heads}
 * @param blocks   number of Transformer blocks, at least 1
 * @param heads    attention heads
 * @param hidden   width of the gated layer inside a block
 * @param dropout  share of activations dropped in training, in [0, 1)
 */
record ImageConfig(int channels, int height, int width, int window, int stride, int targets, int dim, int blocks, int heads,
		int hidden, float dropout) {
	ImageConfig {
		if (channels < 1 || height < 1 || width < 1 || targets < 1 || stride < 1 || window < stride) {
			throw new IllegalArgumentException("an image, its squares or its targets of no size");
		}
		Math.multiplyExact(Math.multiplyExact(channels, height), width);
		Math.multiplyExact(Math.multiplyExact(channels, window), window);
		new EncoderShape(dim, blocks, heads, hidden, dropout, false, true, true); // checks its own
	}

	EncoderShape encoder() {
		return new EncoderShape(dim, blocks, heads, hidden, dropout, false, true, true);
	}

	int pixels() {
		return channels * height * width;
	}

	/** Numbers of a square. */
	int square() {
		return channels * window * window;
	}

	/** Squares in a row of them. */
	int across() {
		return (width + stride - 1) / stride;
	}

	/** Squares of an image. */
	int squares() {
		return Math.multiplyExact(across(), (height + stride - 1) / stride);
	}
}
