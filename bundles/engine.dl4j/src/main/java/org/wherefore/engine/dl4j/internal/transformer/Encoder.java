package org.wherefore.engine.dl4j.internal.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.transformer.Layout.Block;

/**
 * One thread's way through norm-first Transformer blocks and back over a packed batch, with all its memory, which grows
 * to the largest batch seen and is then reused. What a token is, is for those who extend it.
 */
abstract class Encoder<A> {
	/** What one block keeps for the way back. */
	private static final class Kept<A> {
		A in, norm1, stats1, qkv, att, mid, norm2, stats2, up, gated, probs, mask1, mask2;
		/** Weights of attention that fit in. */
		int size;
	}

	final Kernels<A> k;
	final int d;
	private final EncoderShape c;
	private final Layout layout;
	/** The batch: rows of sequence s are offsets[s]..offsets[s + 1]. */
	int sequences;
	int rows;
	int[] offsets = new int[1];
	private final List<Kept<A>> kept = new ArrayList<>();
	/** The tokens, rows x d, for {@link #blocks} and {@link #last}, which overwrite them. */
	A x;
	private A stats, mask0, dx, dy, dz, dup, dqkv;
	/** Takes what a way back without parameters has no use for. */
	private A waste;
	/**
	 * Output of {@link #blocks} and its gradient for {@link #backward}: a row for every token, or for every sequence where
	 * only the last one counts.
	 */
	A h;
	A dh;
	private int capacity;
	private boolean dropped;
	private boolean tokensDropped;
	private long random;

	Encoder(EncoderShape shape, Layout layout, Kernels<A> kernels) {
		this.c = shape;
		this.layout = layout;
		this.k = kernels;
		d = shape.dim();
		for (int i = 0; i < shape.blocks(); i++) {
			kept.add(new Kept<>());
		}
	}

	void clear() {
		sequences = 0;
		rows = 0;
	}

	/** Appends a sequence of {@code n} tokens. */
	void append(int n) {
		rows += n;
		sequences++;
		if (sequences >= offsets.length) {
			offsets = Arrays.copyOf(offsets, sequences * 2);
		}
		offsets[sequences] = rows;
	}

	/** Makes room for the batch; to be called before {@link #x} is filled. */
	void reserve(boolean training) {
		if (rows > capacity) {
			capacity = rows;
			x = null;
		}
		if (x == null) {
			int n = capacity * d;
			x = k.allocate(n);
			h = k.allocate(n);
			dz = k.allocate(capacity * Math.max(d, c.up()));
			dup = c.gated() ? k.allocate(capacity * c.up()) : null;
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
				b.up = k.allocate(capacity * c.up());
				b.gated = c.gated() ? k.allocate(capacity * c.hidden()) : null;
				b.mask1 = k.allocate(n);
				b.mask2 = k.allocate(n);
				b.size = 0;
			}
		}
	}

	/** Multiplies by a random mask that is kept. */
	private void drop(A values, A mask, int n) {
		random = k.dropoutMask(n * d, c.dropout(), random, mask);
		k.multiply(mask, 0, values, 0, n * d);
	}

	/** Whether a batch's outputs are those of its last tokens, from this block on. */
	private boolean last(int block) {
		return c.lastOnly() && block == kept.size() - 1;
	}

	/** Moves the last row of every sequence to the front. */
	private void compact(A values) {
		for (int s = 0; s < sequences; s++) {
			int r = offsets[s + 1] - 1;
			if (r > s) {
				k.copy(values, r * d, values, s * d, d);
			}
		}
	}

	/** Moves rows from the front to the last of every sequence, and zeroes the others. */
	private void expand(A from, A to) {
		for (int s = sequences - 1; s >= 0; s--) {
			int r = offsets[s + 1] - 1;
			if (r > s || from != to) {
				k.copy(from, s * d, to, r * d, d);
			}
			k.fill(to, offsets[s] * d, r * d, 0f);
		}
	}

	/** The way in without dropout: {@link #h} becomes the normalised output of every row. */
	void blocks(A p) {
		blocks(p, 0, false, false);
	}

	/**
	 * Training's way in.
	 *
	 * @param seed   of dropout
	 * @param drop   whether to drop out in the blocks
	 * @param tokens whether to drop out of the tokens, too
	 */
	void blocks(A p, long seed, boolean drop, boolean tokens) {
		random = seed;
		dropped = drop && c.dropout() > 0;
		tokensDropped = dropped && tokens;
		if (tokensDropped) {
			drop(x, mask0, rows);
		}
		int m = rows;
		int hidden = c.hidden();
		int probs = attentionSize();
		for (int i = 0; i < kept.size(); i++) {
			Kept<A> b = kept.get(i);
			Block w = layout.blocks[i];
			if (b.size < probs) {
				b.probs = k.allocate(probs);
				b.size = probs;
			}
			k.copy(x, 0, b.in, 0, rows * d);
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, b.norm1, 0, b.stats1);
			k.gemmNN(rows, 3 * d, d, b.norm1, 0, d, p, w.qkv, 3 * d, b.qkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, b.qkv, 0, 3 * d, p, w.qkvBias);
			k.attention(sequences, offsets, d, c.heads(), c.causal(), b.qkv, b.att, b.probs);
			if (last(i)) {
				m = sequences;
				compact(b.att);
				compact(x);
			}
			k.gemmNN(m, d, d, b.att, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(m, d, dz, 0, d, p, w.outBias);
			if (dropped) {
				drop(dz, b.mask1, m);
			}
			k.add(dz, 0, x, 0, m * d);
			k.copy(x, 0, b.mid, 0, m * d);
			k.layerNorm(m, d, x, 0, p, w.gain2, p, w.bias2, b.norm2, 0, b.stats2);
			A active = up(p, w, m, b.norm2, b.up, b.gated);
			k.gemmNN(m, d, hidden, active, 0, hidden, p, w.down, d, dz, 0, d, false);
			k.addBias(m, d, dz, 0, d, p, w.downBias);
			if (dropped) {
				drop(dz, b.mask2, m);
			}
			k.add(dz, 0, x, 0, m * d);
		}
		k.layerNorm(m, d, x, 0, p, layout.gain, p, layout.bias, h, 0, stats);
	}

	/** The feed-forward layer up to its activations. */
	private A up(A p, Block w, int m, A in, A up, A gated) {
		k.gemmNN(m, c.up(), d, in, 0, d, p, w.up, c.up(), up, 0, c.up(), false);
		if (!c.gated()) {
			k.addBiasRelu(m, c.hidden(), up, 0, p, w.upBias);
			return up;
		}
		k.addBias(m, c.up(), up, 0, c.up(), p, w.upBias);
		k.reglu(m, c.hidden(), up, gated);
		return gated;
	}

	/**
	 * The way back from {@link #dh}, which may be taken again from another one.
	 *
	 * @param g       the gradients by the parameters are added to it; null when they are not wanted
	 * @param weights receives the gradient by every attention weight, block after block as {@link #attentionWeights} gives
	 *                them; what causal attention hides has no meaning. Null when it is not wanted
	 * @return the gradient by the tokens, rows x d, valid until the next pass
	 */
	A backward(A p, A g, A weights) {
		int hidden = c.hidden();
		boolean all = g != null;
		int m = c.lastOnly() ? sequences : rows;
		k.fill(dx, 0, m * d, 0f);
		normBackward(m, x, stats, p, dh, g, layout.gain, layout.bias);
		for (int i = kept.size() - 1; i >= 0; i--) {
			Kept<A> b = kept.get(i);
			Block w = layout.blocks[i];
			k.copy(dx, 0, dy, 0, m * d);
			if (dropped) {
				k.multiply(b.mask2, 0, dy, 0, m * d);
			}
			if (all) {
				k.gemmTN(hidden, d, m, c.gated() ? b.gated : b.up, 0, hidden, dy, 0, d, g, w.down, d, true);
				k.addColumnSums(m, d, dy, 0, g, w.downBias);
			}
			k.gemmNT(m, hidden, d, dy, 0, d, p, w.down, d, dz, 0, hidden, false);
			A slope = dz;
			if (c.gated()) {
				k.regluBackward(m, hidden, b.up, dz, dup);
				slope = dup;
			} else {
				k.reluBackward(b.up, dz, m * hidden);
			}
			if (all) {
				k.gemmTN(d, c.up(), m, b.norm2, 0, d, slope, 0, c.up(), g, w.up, c.up(), true);
				k.addColumnSums(m, c.up(), slope, 0, g, w.upBias);
			}
			k.gemmNT(m, d, c.up(), slope, 0, c.up(), p, w.up, c.up(), dy, 0, d, false);
			normBackward(m, b.mid, b.stats2, p, dy, g, w.gain2, w.bias2);

			k.copy(dx, 0, dy, 0, m * d);
			if (dropped) {
				k.multiply(b.mask1, 0, dy, 0, m * d);
			}
			if (all) {
				k.gemmTN(d, d, m, b.att, 0, d, dy, 0, d, g, w.out, d, true);
				k.addColumnSums(m, d, dy, 0, g, w.outBias);
			}
			k.gemmNT(m, d, d, dy, 0, d, p, w.out, d, dz, 0, d, false);
			A dout = dz;
			if (last(i)) {
				m = rows;
				expand(dz, dy);
				expand(dx, dx);
				dout = dy;
			}
			if (weights != null) {
				weightGradients(b.qkv, dout, weights, i * attentionSize());
			}
			k.attentionBackward(sequences, offsets, d, c.heads(), c.causal(), b.qkv, b.probs, dout, dqkv);
			if (all) {
				k.gemmTN(d, 3 * d, rows, b.norm1, 0, d, dqkv, 0, 3 * d, g, w.qkv, 3 * d, true);
				k.addColumnSums(rows, 3 * d, dqkv, 0, g, w.qkvBias);
			}
			k.gemmNT(rows, d, 3 * d, dqkv, 0, 3 * d, p, w.qkv, 3 * d, dy, 0, d, false);
			normBackward(rows, b.in, b.stats1, p, dy, g, w.gain1, w.bias1);
		}
		if (tokensDropped) {
			k.multiply(mask0, 0, dx, 0, rows * d);
		}
		return dx;
	}

	int attentionSize() {
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

	/** Reads the attention weights of a block after {@link #blocks}: sequence after sequence, in each [head][query][key]. */
	float[] attentionWeights(int block) {
		float[] out = new float[attentionSize()];
		k.read(kept.get(block).probs, 0, out, 0, out.length);
		return out;
	}

	/** Adds to {@link #dx}. */
	private void normBackward(int m, A in, A inStats, A p, A dOut, A g, int gain, int bias) {
		if (g != null) {
			k.layerNormBackward(m, d, in, inStats, p, gain, dOut, dx, g, gain, g, bias);
			return;
		}
		if (waste == null) {
			waste = k.allocate(2 * d);
		}
		k.layerNormBackward(m, d, in, inStats, p, gain, dOut, dx, waste, 0, waste, d);
	}

	/** Inference: writes the normalised vector of each sequence's last row; no sequence may be empty. */
	void last(A p, A out, int oo) {
		int last = kept.size() - 1;
		for (int i = 0; i < last; i++) {
			Block w = layout.blocks[i];
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
			k.gemmNN(rows, 3 * d, d, h, 0, d, p, w.qkv, 3 * d, dqkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, dqkv, 0, 3 * d, p, w.qkvBias);
			k.attention(sequences, offsets, d, c.heads(), c.causal(), dqkv, h, null);
			k.gemmNN(rows, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, d, p, w.outBias);
			k.add(dz, 0, x, 0, rows * d);
			feedForward(p, w, rows);
		}
		Block w = layout.blocks[last];
		k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
		// Keys and values of all rows, then queries of the last rows only.
		k.gemmNN(rows, 2 * d, d, h, 0, d, p, w.qkv + d, 3 * d, dqkv, 0, 2 * d, false);
		k.addBias(rows, 2 * d, dqkv, 0, 2 * d, p, w.qkvBias + d);
		compact(h);
		compact(x);
		int queries = sequences;
		k.gemmNN(queries, d, d, h, 0, d, p, w.qkv, 3 * d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, d, p, w.qkvBias);
		k.attentionLast(queries, offsets, d, c.heads(), dz, dqkv, h);
		k.gemmNN(queries, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, d, p, w.outBias);
		k.add(dz, 0, x, 0, queries * d);
		feedForward(p, w, queries);
		k.layerNorm(queries, d, x, 0, p, layout.gain, p, layout.bias, out, oo, null);
	}

	private void feedForward(A p, Block w, int n) {
		k.layerNorm(n, d, x, 0, p, w.gain2, p, w.bias2, h, 0, null);
		A active = up(p, w, n, h, dz, dup);
		k.gemmNN(n, d, c.hidden(), active, 0, c.hidden(), p, w.down, d, x, 0, d, true);
		k.addBias(n, d, x, 0, d, p, w.downBias);
	}
}
