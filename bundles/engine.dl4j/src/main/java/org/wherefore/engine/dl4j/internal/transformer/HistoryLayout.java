package org.wherefore.engine.dl4j.internal.transformer;

/** Where the parameters of a {@link Transformer} over histories lie. */
final class HistoryLayout extends Layout {
	final int item, position, kind, attribute;

	HistoryLayout(TransformerConfig c) {
		int d = c.dim();
		item = add("item", c.items(), d);
		position = add("position", c.maxLength(), d);
		kind = c.kinds() > 1 ? add("kind", c.kinds(), d) : -1;
		attribute = c.attributes() > 0 ? add("attribute", c.attributes(), d) : -1;
		blocks(c.encoder());
	}
}
