package org.wherefore.engine.dl4j.internal.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.transformer.Layout.Block;

/**
 * One thread's way through the model and back over a packed batch, with all its memory, which grows to the largest
 * batch seen and is then reused.
 */
final class Pass<A> {
	/** What one block keeps for the way back. */
	private static final class Kept<A> {
		A in, norm1, stats1, qkv, att, mid, norm2, stats2, up, probs, mask1, mask2;
		/** Weights of attention that fit in. */
		int size;
	}

	final Kernels<A> k;
	private final TransformerConfig c;
	private final Layout layout;
	private final int d;
	/** The batch: rows of sequence s are offsets[s]..offsets[s + 1]. */
	int sequences;
	int rows;
	int[] offsets = new int[1];
	int[] items = new int[0];
	int[] kinds = new int[0];
	int[] targets = new int[0];
	private int[] positions = new int[0];
	private final List<Kept<A>> kept = new ArrayList<>();
	private A x, stats, mask0, dx, dy, dz, dqkv;
	/** Takes what a way back without parameters has no use for. */
	private A waste;
	/** Output of {@link #forward} and its gradient for {@link #backward}, rows x d. */
	A h;
	A dh;
	private int capacity;
	private boolean dropped;
	private long random;

	Pass(TransformerConfig config, Layout layout, Kernels<A> kernels) {
		this.c = config;
		this.layout = layout;
		this.k = kernels;
		d = config.dim();
		for (int i = 0; i < config.blocks(); i++) {
			kept.add(new Kept<>());
		}
	}

	void clear() {
		sequences = 0;
		rows = 0;
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
		rows += n;
		sequences++;
		if (sequences >= offsets.length) {
			offsets = Arrays.copyOf(offsets, sequences * 2);
		}
		offsets[sequences] = rows;
	}

	private void reserve(boolean training) {
		if (rows > capacity) {
			capacity = rows;
			x = null;
		}
		if (x == null) {
			int n = capacity * d;
			x = k.allocate(n);
			h = k.allocate(n);
			dz = k.allocate(capacity * Math.max(d, c.hidden()));
			dqkv = k.allocate(3 * n);
			dx = dy = dh = mask0 = stats = null;
			kept.replaceAll(b -> new Kept<>());
		}
		if (training && dx == null) {
			int n = capacity * d;
			dx = k.allocate(n);
			dy = k.allocate(n);
			dh = k.allocate(n);
			mask0 = k.allocate(n);
			stats = k.allocate(2 * capacity);
			for (Kept<A> b : kept) {
				b.in = k.allocate(n);
				b.norm1 = k.allocate(n);
				b.stats1 = k.allocate(2 * capacity);
				b.qkv = k.allocate(3 * n);
				b.att = k.allocate(n);
				b.mid = k.allocate(n);
				b.norm2 = k.allocate(n);
				b.stats2 = k.allocate(2 * capacity);
				b.up = k.allocate(capacity * c.hidden());
				b.mask1 = k.allocate(n);
				b.mask2 = k.allocate(n);
				b.size = 0;
			}
		}
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

	/** Multiplies by a random mask that is kept. */
	private void drop(A values, A mask) {
		random = k.dropoutMask(rows * d, c.dropout(), random, mask);
		k.multiply(mask, 0, values, 0, rows * d);
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
		random = seed;
		dropped = drop && c.dropout() > 0;
		embed(p, vectors, vo);
		if (dropped) {
			drop(x, mask0);
		}
		blocks(p);
	}

	/**
	 * The way in from events that count in part, for {@link #backward} without parameters.
	 *
	 * @param alphas for each sequence the factor on its embedded events; its positions stay as they are
	 * @param noise  added to the embedded events, rows x d; null for none
	 */
	void forward(A p, A vectors, int vo, float[] alphas, float[] noise) {
		reserve(true);
		dropped = false;
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

	private void blocks(A p) {
		int n = rows * d;
		int hidden = c.hidden();
		int probs = attentionSize();
		for (int i = 0; i < kept.size(); i++) {
			Kept<A> b = kept.get(i);
			Block w = layout.blocks[i];
			if (b.size < probs) {
				b.probs = k.allocate(probs);
				b.size = probs;
			}
			k.copy(x, 0, b.in, 0, n);
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, b.norm1, 0, b.stats1);
			k.gemmNN(rows, 3 * d, d, b.norm1, 0, d, p, w.qkv, 3 * d, b.qkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, b.qkv, 0, 3 * d, p, w.qkvBias);
			k.attention(sequences, offsets, d, c.heads(), true, b.qkv, b.att, b.probs);
			k.gemmNN(rows, d, d, b.att, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, d, p, w.outBias);
			if (dropped) {
				drop(dz, b.mask1);
			}
			k.add(dz, 0, x, 0, n);
			k.copy(x, 0, b.mid, 0, n);
			k.layerNorm(rows, d, x, 0, p, w.gain2, p, w.bias2, b.norm2, 0, b.stats2);
			k.gemmNN(rows, hidden, d, b.norm2, 0, d, p, w.up, hidden, b.up, 0, hidden, false);
			k.addBiasRelu(rows, hidden, b.up, 0, p, w.upBias);
			k.gemmNN(rows, d, hidden, b.up, 0, hidden, p, w.down, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, d, p, w.downBias);
			if (dropped) {
				drop(dz, b.mask2);
			}
			k.add(dz, 0, x, 0, n);
		}
		k.layerNorm(rows, d, x, 0, p, layout.gain, p, layout.bias, h, 0, stats);
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

	/**
	 * @param weights receives the gradient by every attention weight, block after block as {@link #attentionWeights} gives them; what
	 *                lies above the diagonal has no meaning. Null when it is not wanted
	 */
	A backward(A p, A g, A weights) {
		int n = rows * d;
		int hidden = c.hidden();
		boolean all = g != null;
		k.fill(dx, 0, n, 0f);
		normBackward(x, stats, p, dh, g, layout.gain, layout.bias);
		for (int i = kept.size() - 1; i >= 0; i--) {
			Kept<A> b = kept.get(i);
			Block w = layout.blocks[i];
			k.copy(dx, 0, dy, 0, n);
			if (dropped) {
				k.multiply(b.mask2, 0, dy, 0, n);
			}
			if (all) {
				k.gemmTN(hidden, d, rows, b.up, 0, hidden, dy, 0, d, g, w.down, d, true);
				k.addColumnSums(rows, d, dy, 0, g, w.downBias);
			}
			k.gemmNT(rows, hidden, d, dy, 0, d, p, w.down, d, dz, 0, hidden, false);
			k.reluBackward(b.up, dz, rows * hidden);
			if (all) {
				k.gemmTN(d, hidden, rows, b.norm2, 0, d, dz, 0, hidden, g, w.up, hidden, true);
				k.addColumnSums(rows, hidden, dz, 0, g, w.upBias);
			}
			k.gemmNT(rows, d, hidden, dz, 0, hidden, p, w.up, hidden, dy, 0, d, false);
			normBackward(b.mid, b.stats2, p, dy, g, w.gain2, w.bias2);

			k.copy(dx, 0, dy, 0, n);
			if (dropped) {
				k.multiply(b.mask1, 0, dy, 0, n);
			}
			if (all) {
				k.gemmTN(d, d, rows, b.att, 0, d, dy, 0, d, g, w.out, d, true);
				k.addColumnSums(rows, d, dy, 0, g, w.outBias);
			}
			k.gemmNT(rows, d, d, dy, 0, d, p, w.out, d, dz, 0, d, false);
			if (weights != null) {
				weightGradients(b.qkv, dz, weights, i * attentionSize());
			}
			k.attentionBackward(sequences, offsets, d, c.heads(), true, b.qkv, b.probs, dz, dqkv);
			if (all) {
				k.gemmTN(d, 3 * d, rows, b.norm1, 0, d, dqkv, 0, 3 * d, g, w.qkv, 3 * d, true);
				k.addColumnSums(rows, 3 * d, dqkv, 0, g, w.qkvBias);
			}
			k.gemmNT(rows, d, 3 * d, dqkv, 0, 3 * d, p, w.qkv, 3 * d, dy, 0, d, false);
			normBackward(b.in, b.stats1, p, dy, g, w.gain1, w.bias1);
		}
		if (dropped) {
			k.multiply(mask0, 0, dx, 0, n);
		}
		if (all) {
			k.scatterAdd(rows, d, items, 0, dx, 0, (float) Math.sqrt(d), g, layout.item);
			k.scatterAdd(rows, d, positions, 0, dx, 0, 1f, g, layout.position);
			if (layout.kind >= 0) {
				k.scatterAdd(rows, d, kinds, 0, dx, 0, 1f, g, layout.kind);
			}
		}
		return dx;
	}

	private int attentionSize() {
		return Kernels.attentionSize(sequences, offsets, c.heads());
	}

	/** Every output of attention is the sum of the values by their weights. */
	private void weightGradients(A qkv, A dout, A out, int to) {
		int width = d / c.heads();
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			for (int head = 0; head < c.heads(); head++, to += n * n) {
				k.gemmNT(n, n, width, dout, first * d + head * width, d, qkv, first * 3 * d + 2 * d + head * width, 3 * d, out, to, n,
						false);
			}
		}
	}

	/** Reads the attention weights of a block after {@link #forward}: sequence after sequence, in each [head][query][key]. */
	float[] attentionWeights(int block) {
		float[] out = new float[attentionSize()];
		k.read(kept.get(block).probs, 0, out, 0, out.length);
		return out;
	}

	/** Adds to {@link #dx}. */
	private void normBackward(A in, A inStats, A p, A dOut, A g, int gain, int bias) {
		if (g != null) {
			k.layerNormBackward(rows, d, in, inStats, p, gain, dOut, dx, g, gain, g, bias);
			return;
		}
		if (waste == null) {
			waste = k.allocate(2 * d);
		}
		k.layerNormBackward(rows, d, in, inStats, p, gain, dOut, dx, waste, 0, waste, d);
	}

	/** Inference: writes the normalised vector of each sequence's last row; no sequence may be empty. */
	void encode(A p, A vectors, int vo, A out, int oo) {
		reserve(false);
		embed(p, vectors, vo);
		int hidden = c.hidden();
		int last = kept.size() - 1;
		for (int i = 0; i < last; i++) {
			Block w = layout.blocks[i];
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
			k.gemmNN(rows, 3 * d, d, h, 0, d, p, w.qkv, 3 * d, dqkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, dqkv, 0, 3 * d, p, w.qkvBias);
			k.attention(sequences, offsets, d, c.heads(), true, dqkv, h, null);
			k.gemmNN(rows, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, d, p, w.outBias);
			k.add(dz, 0, x, 0, rows * d);
			feedForward(p, w, rows, hidden);
		}
		Block w = layout.blocks[last];
		k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
		// Keys and values of all rows, then queries of the last rows only.
		k.gemmNN(rows, 2 * d, d, h, 0, d, p, w.qkv + d, 3 * d, dqkv, 0, 2 * d, false);
		k.addBias(rows, 2 * d, dqkv, 0, 2 * d, p, w.qkvBias + d);
		for (int s = 0; s < sequences; s++) {
			int r = offsets[s + 1] - 1;
			if (r > s) {
				k.copy(h, r * d, h, s * d, d);
				k.copy(x, r * d, x, s * d, d);
			}
		}
		int queries = sequences;
		k.gemmNN(queries, d, d, h, 0, d, p, w.qkv, 3 * d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, d, p, w.qkvBias);
		k.attentionLast(queries, offsets, d, c.heads(), dz, dqkv, h);
		k.gemmNN(queries, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, d, p, w.outBias);
		k.add(dz, 0, x, 0, queries * d);
		feedForward(p, w, queries, hidden);
		k.layerNorm(queries, d, x, 0, p, layout.gain, p, layout.bias, out, oo, null);
	}

	private void feedForward(A p, Block w, int n, int hidden) {
		k.layerNorm(n, d, x, 0, p, w.gain2, p, w.bias2, h, 0, null);
		k.gemmNN(n, hidden, d, h, 0, d, p, w.up, hidden, dz, 0, hidden, false);
		k.addBiasRelu(n, hidden, dz, 0, p, w.upBias);
		k.gemmNN(n, d, hidden, dz, 0, hidden, p, w.down, d, x, 0, d, true);
		k.addBias(n, d, x, 0, d, p, w.downBias);
	}
}
