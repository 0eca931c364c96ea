package org.wherefore.engine.dl4j.internal.transformer;

/** Where the parameters of an {@link ImageTransformer} lie. */
final class ImageLayout extends ClassLayout {
	final int stem, stemBias, position;

	ImageLayout(ImageConfig c) {
		stem = add("stem", c.square(), c.dim());
		stemBias = add("stem.bias", c.dim(), 0);
		position = add("position", c.squares() + 1, c.dim());
		classes(c.encoder(), c.targets());
	}
}
