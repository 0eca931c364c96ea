package org.wherefore.engine.dl4j.internal.transformer;

/** Where the parameters of a {@link ClassTransformer} lie: what its tokens are made of comes first. */
abstract class ClassLayout extends Layout {
	int head, headBias;

	/** Adds the blocks, and a vector and a bias for every target. */
	final void classes(EncoderShape encoder, int targets) {
		blocks(encoder);
		head = add("head", targets, encoder.dim());
		headBias = add("head.bias", targets, 0);
	}
}
