package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/** One thread's way through a {@link Transformer} over histories and back. */
final class Pass<A> extends Encoder<A> {
	private final TransformerConfig c;
	private final HistoryLayout layout;
	int[] items = new int[0];
	int[] kinds = new int[0];
	int[] targets = new int[0];
	private int[] positions = new int[0];

	Pass(TransformerConfig config, HistoryLayout layout, Kernels<A> kernels) {
		super(config.encoder(), layout, kernels);
		this.c = config;
		this.layout = layout;
	}

	/** Appends the events {@code from..to} as a sequence. */
	void append(int[] seqItems, int[] seqKinds, int from, int to) {
		int n = to - from;
		if (rows + n > items.length) {
			int size = Math.max(rows + n, items.length * 3 / 2);
			items = Arrays.copyOf(items, size);
			kinds = Arrays.copyOf(kinds, size);
			targets = Arrays.copyOf(targets, size);
			positions = Arrays.copyOf(positions, size);
		}
		for (int i = 0; i < n; i++) {
			int item = seqItems[from + i];
			int kind = seqKinds == null ? 0 : seqKinds[from + i];
			if (item < 0 || item >= c.items()) {
				throw new IllegalArgumentException("Item " + item + " out of range");
			}
			if (kind < 0 || kind >= c.kinds()) {
				throw new IllegalArgumentException("Kind " + kind + " out of range");
			}
			items[rows + i] = item;
			kinds[rows + i] = kind;
			positions[rows + i] = n - 1 - i;
		}
		append(n);
	}

	private void embed(A p, A vectors, int vo) {
		k.gather(rows, d, positions, 0, 1f, p, layout.position, x, 0, false);
		content(p, vectors, vo, 0, rows, 1f, x, true);
	}

	/** Embeds the events of the rows {@code from..to} without their positions, times {@code factor}. */
	private void content(A p, A vectors, int vo, int from, int to, float factor, A out, boolean accumulate) {
		int n = to - from;
		k.gather(n, d, items, from, factor * (float) Math.sqrt(d), vectors, vo, out, from * d, accumulate);
		if (layout.kind >= 0) {
			k.gather(n, d, kinds, from, factor, p, layout.kind, out, from * d, true);
		}
	}

	/** Reads the embedded events of all rows without their positions, rows x d, by which {@link #backward} differentiates. */
	void content(A p, A vectors, int vo, float[] out) {
		reserve(false);
		content(p, vectors, vo, 0, rows, 1f, h, false);
		k.read(h, 0, out, 0, rows * d);
	}

	/**
	 * Training's way in: {@link #h} becomes the normalised output of every row.
	 *
	 * @param vectors item vectors from offset {@code vo}
	 * @param seed    of dropout
	 * @param drop    whether to drop out
	 */
	void forward(A p, A vectors, int vo, long seed, boolean drop) {
		reserve(true);
		embed(p, vectors, vo);
		blocks(p, seed, drop, true);
	}

	/**
	 * The way in from events that count in part, for {@link #backward} without parameters.
	 *
	 * @param alphas for each sequence the factor on its embedded events; its positions stay as they are
	 * @param noise  added to the embedded events, rows x d; null for none
	 */
	void forward(A p, A vectors, int vo, float[] alphas, float[] noise) {
		reserve(true);
		k.gather(rows, d, positions, 0, 1f, p, layout.position, x, 0, false);
		for (int s = 0; s < sequences; s++) {
			content(p, vectors, vo, offsets[s], offsets[s + 1], alphas[s], x, true);
		}
		if (noise != null) {
			k.write(noise, 0, h, 0, rows * d);
			k.add(h, 0, x, 0, rows * d);
		}
		blocks(p);
	}

	/**
	 * The way back from {@link #dh}, which may be taken again from another one.
	 *
	 * @param g the gradients by the parameters are added to it; null when they are not wanted
	 * @return the gradient by the embedded input, rows x d, valid until the next pass
	 */
	A backward(A p, A g) {
		return backward(p, g, null);
	}

	@Override
	A backward(A p, A g, A weights) {
		A dx = super.backward(p, g, weights);
		if (g != null) {
			k.scatterAdd(rows, d, items, 0, dx, 0, (float) Math.sqrt(d), g, layout.item);
			k.scatterAdd(rows, d, positions, 0, dx, 0, 1f, g, layout.position);
			if (layout.kind >= 0) {
				k.scatterAdd(rows, d, kinds, 0, dx, 0, 1f, g, layout.kind);
			}
		}
		return dx;
	}

	/** Inference: writes the normalised vector of each sequence's last row; no sequence may be empty. */
	void encode(A p, A vectors, int vo, A out, int oo) {
		reserve(false);
		embed(p, vectors, vo);
		last(p, out, oo);
	}
}
