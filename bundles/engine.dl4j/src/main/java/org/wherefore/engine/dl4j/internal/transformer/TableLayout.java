package org.wherefore.engine.dl4j.internal.transformer;

/** Where the parameters of a {@link TableTransformer} lie. */
final class TableLayout extends ClassLayout {
	final int token;

	TableLayout(TableConfig c) {
		token = add("token", c.vectors(), c.dim());
		classes(c.encoder(), c.targets());
	}
}
