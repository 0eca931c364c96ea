package org.wherefore.engine.dl4j.internal.transformer;

/** Where the parameters of a {@link TableTransformer} lie. */
final class TableLayout extends Layout {
	final int token, head, headBias;

	TableLayout(TableConfig c) {
		token = add("token", c.vectors(), c.dim());
		blocks(c.encoder());
		head = add("head", c.targets(), c.dim());
		headBias = add("head.bias", c.targets(), 0);
	}
}
