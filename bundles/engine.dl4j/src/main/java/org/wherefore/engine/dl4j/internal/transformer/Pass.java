package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.transformer.Layout.Block;

/**
 * One thread's way through the model and back over a packed batch, with all its memory, which grows to the largest
 * batch seen and is then reused.
 */
final class Pass {
	/** What one block keeps for the way back. */
	private static final class Kept {
		float[] in, norm1, stats1, qkv, att, mid, norm2, stats2, up, probs, mask1, mask2;
	}

	final Kernels k;
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
	private final Kept[] kept;
	private float[] x, stats, mask0, dx, dy, dz, dqkv, weights;
	/** Output of {@link #forward} and its gradient for {@link #backward}, rows x d. */
	float[] h;
	float[] dh;
	private int capacity;
	private boolean dropped;
	private long random;

	Pass(TransformerConfig config, Layout layout, Kernels kernels) {
		this.c = config;
		this.layout = layout;
		this.k = kernels;
		d = config.dim();
		kept = new Kept[config.blocks()];
		for (int i = 0; i < kept.length; i++) {
			kept[i] = new Kept();
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
			x = new float[n];
			h = new float[n];
			dz = new float[capacity * Math.max(d, c.hidden())];
			dqkv = new float[3 * n];
			dx = dy = dh = mask0 = stats = null;
			Arrays.setAll(kept, i -> new Kept());
		}
		if (training && dx == null) {
			int n = capacity * d;
			dx = new float[n];
			dy = new float[n];
			dh = new float[n];
			mask0 = new float[n];
			stats = new float[2 * capacity];
			for (Kept b : kept) {
				b.in = new float[n];
				b.norm1 = new float[n];
				b.stats1 = new float[2 * capacity];
				b.qkv = new float[3 * n];
				b.att = new float[n];
				b.mid = new float[n];
				b.norm2 = new float[n];
				b.stats2 = new float[2 * capacity];
				b.up = new float[capacity * c.hidden()];
				b.mask1 = new float[n];
				b.mask2 = new float[n];
				b.probs = new float[0];
			}
		}
	}

	private void embed(float[] p, float[] vectors, int vo) {
		float scale = (float) Math.sqrt(d);
		for (int r = 0; r < rows; r++) {
			int to = r * d;
			System.arraycopy(p, layout.position + positions[r] * d, x, to, d);
			k.axpy(scale, vectors, vo + items[r] * d, x, to, d);
			if (layout.kind >= 0) {
				k.add(p, layout.kind + kinds[r] * d, x, to, d);
			}
		}
	}

	/** Multiplies by a random mask that is kept. */
	private void drop(float[] values, float[] mask) {
		int n = rows * d;
		float scale = 1 / (1 - c.dropout());
		int limit = (int) (c.dropout() * 65536);
		long state = random;
		for (int i = 0; i < n; i += 4) {
			state += 0x9E3779B97F4A7C15L;
			long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
			z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
			z ^= z >>> 31;
			for (int j = i, end = Math.min(n, i + 4); j < end; j++, z >>>= 16) {
				mask[j] = (z & 0xFFFF) < limit ? 0f : scale;
			}
		}
		random = state;
		k.multiply(mask, 0, values, 0, n);
	}

	/**
	 * Training's way in: {@link #h} becomes the normalised output of every row.
	 *
	 * @param vectors item vectors from offset {@code vo}
	 * @param seed    of dropout
	 * @param drop    whether to drop out
	 */
	void forward(float[] p, float[] vectors, int vo, long seed, boolean drop) {
		reserve(true);
		random = seed;
		dropped = drop && c.dropout() > 0;
		embed(p, vectors, vo);
		if (dropped) {
			drop(x, mask0);
		}
		int n = rows * d;
		int hidden = c.hidden();
		int probs = Kernels.attentionSize(sequences, offsets, c.heads());
		for (int i = 0; i < kept.length; i++) {
			Kept b = kept[i];
			Block w = layout.blocks[i];
			if (b.probs.length < probs) {
				b.probs = new float[probs];
			}
			System.arraycopy(x, 0, b.in, 0, n);
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, b.norm1, 0, b.stats1);
			k.gemmNN(rows, 3 * d, d, b.norm1, 0, d, p, w.qkv, 3 * d, b.qkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, b.qkv, 0, p, w.qkvBias);
			k.attention(sequences, offsets, d, c.heads(), b.qkv, b.att, b.probs);
			k.gemmNN(rows, d, d, b.att, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, p, w.outBias);
			if (dropped) {
				drop(dz, b.mask1);
			}
			k.add(dz, 0, x, 0, n);
			System.arraycopy(x, 0, b.mid, 0, n);
			k.layerNorm(rows, d, x, 0, p, w.gain2, p, w.bias2, b.norm2, 0, b.stats2);
			k.gemmNN(rows, hidden, d, b.norm2, 0, d, p, w.up, hidden, b.up, 0, hidden, false);
			k.addBiasRelu(rows, hidden, b.up, 0, p, w.upBias);
			k.gemmNN(rows, d, hidden, b.up, 0, hidden, p, w.down, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, p, w.downBias);
			if (dropped) {
				drop(dz, b.mask2);
			}
			k.add(dz, 0, x, 0, n);
		}
		k.layerNorm(rows, d, x, 0, p, layout.gain, p, layout.bias, h, 0, stats);
	}

	/**
	 * The way back from {@link #dh}; adds to the gradients {@code g}.
	 *
	 * @return the gradient by the embedded input, rows x d, valid until the next pass
	 */
	float[] backward(float[] p, float[] g) {
		int n = rows * d;
		int hidden = c.hidden();
		Arrays.fill(dx, 0, n, 0f);
		k.layerNormBackward(rows, d, x, stats, p, layout.gain, dh, dx, g, layout.gain, g, layout.bias);
		for (int i = kept.length - 1; i >= 0; i--) {
			Kept b = kept[i];
			Block w = layout.blocks[i];
			System.arraycopy(dx, 0, dy, 0, n);
			if (dropped) {
				k.multiply(b.mask2, 0, dy, 0, n);
			}
			k.gemmTN(hidden, d, rows, b.up, 0, hidden, dy, 0, d, g, w.down, d, true);
			k.addColumnSums(rows, d, dy, 0, g, w.downBias);
			k.gemmNT(rows, hidden, d, dy, 0, d, p, w.down, d, dz, 0, hidden, false);
			k.reluBackward(b.up, dz, rows * hidden);
			k.gemmTN(d, hidden, rows, b.norm2, 0, d, dz, 0, hidden, g, w.up, hidden, true);
			k.addColumnSums(rows, hidden, dz, 0, g, w.upBias);
			k.gemmNT(rows, d, hidden, dz, 0, hidden, p, w.up, hidden, dy, 0, d, false);
			k.layerNormBackward(rows, d, b.mid, b.stats2, p, w.gain2, dy, dx, g, w.gain2, g, w.bias2);

			System.arraycopy(dx, 0, dy, 0, n);
			if (dropped) {
				k.multiply(b.mask1, 0, dy, 0, n);
			}
			k.gemmTN(d, d, rows, b.att, 0, d, dy, 0, d, g, w.out, d, true);
			k.addColumnSums(rows, d, dy, 0, g, w.outBias);
			k.gemmNT(rows, d, d, dy, 0, d, p, w.out, d, dz, 0, d, false);
			k.attentionBackward(sequences, offsets, d, c.heads(), b.qkv, b.probs, dz, dqkv);
			k.gemmTN(d, 3 * d, rows, b.norm1, 0, d, dqkv, 0, 3 * d, g, w.qkv, 3 * d, true);
			k.addColumnSums(rows, 3 * d, dqkv, 0, g, w.qkvBias);
			k.gemmNT(rows, d, 3 * d, dqkv, 0, 3 * d, p, w.qkv, 3 * d, dy, 0, d, false);
			k.layerNormBackward(rows, d, b.in, b.stats1, p, w.gain1, dy, dx, g, w.gain1, g, w.bias1);
		}
		if (dropped) {
			k.multiply(mask0, 0, dx, 0, n);
		}
		k.scatterAdd(rows, d, items, 0, dx, 0, (float) Math.sqrt(d), g, layout.item);
		k.scatterAdd(rows, d, positions, 0, dx, 0, 1f, g, layout.position);
		if (layout.kind >= 0) {
			k.scatterAdd(rows, d, kinds, 0, dx, 0, 1f, g, layout.kind);
		}
		return dx;
	}

	/** Inference: writes the normalised vector of each sequence's last row; no sequence may be empty. */
	void encode(float[] p, float[] vectors, int vo, float[] out, int oo) {
		reserve(false);
		embed(p, vectors, vo);
		int hidden = c.hidden();
		int last = kept.length - 1;
		for (int i = 0; i < last; i++) {
			Block w = layout.blocks[i];
			k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
			k.gemmNN(rows, 3 * d, d, h, 0, d, p, w.qkv, 3 * d, dqkv, 0, 3 * d, false);
			k.addBias(rows, 3 * d, dqkv, 0, p, w.qkvBias);
			int size = 0;
			for (int s = 0; s < sequences; s++) {
				int n = offsets[s + 1] - offsets[s];
				size = Math.max(size, n * n * c.heads());
			}
			if (weights == null || weights.length < size) {
				weights = new float[size];
			}
			int[] one = new int[2];
			for (int s = 0; s < sequences; s++) {
				one[0] = offsets[s];
				one[1] = offsets[s + 1];
				k.attention(1, one, d, c.heads(), dqkv, h, weights);
			}
			k.gemmNN(rows, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
			k.addBias(rows, d, dz, 0, p, w.outBias);
			k.add(dz, 0, x, 0, rows * d);
			feedForward(p, w, rows, hidden);
		}
		Block w = layout.blocks[last];
		k.layerNorm(rows, d, x, 0, p, w.gain1, p, w.bias1, h, 0, null);
		// Keys and values of all rows, then queries of the last rows only.
		k.gemmNN(rows, 2 * d, d, h, 0, d, p, w.qkv + d, 3 * d, dqkv, 0, 2 * d, false);
		k.addBias(rows, 2 * d, dqkv, 0, p, w.qkvBias + d);
		for (int s = 0; s < sequences; s++) {
			int r = offsets[s + 1] - 1;
			System.arraycopy(h, r * d, h, s * d, d);
			System.arraycopy(x, r * d, x, s * d, d);
		}
		int queries = sequences;
		k.gemmNN(queries, d, d, h, 0, d, p, w.qkv, 3 * d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, p, w.qkvBias);
		int heads = c.heads();
		int dh = d / heads;
		if (weights == null || weights.length < c.maxLength()) {
			weights = new float[c.maxLength()];
		}
		Arrays.fill(h, 0, queries * d, 0f);
		float scale = (float) (1 / Math.sqrt(dh));
		for (int s = 0; s < queries; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			for (int a = 0; a < heads; a++) {
				for (int j = 0; j < n; j++) {
					weights[j] = k.dot(dz, s * d + a * dh, dqkv, (first + j) * 2 * d + a * dh, dh);
				}
				k.softmax(1, n, weights, 0, n, scale);
				for (int j = 0; j < n; j++) {
					k.axpy(weights[j], dqkv, (first + j) * 2 * d + d + a * dh, h, s * d + a * dh, dh);
				}
			}
		}
		k.gemmNN(queries, d, d, h, 0, d, p, w.out, d, dz, 0, d, false);
		k.addBias(queries, d, dz, 0, p, w.outBias);
		k.add(dz, 0, x, 0, queries * d);
		feedForward(p, w, queries, hidden);
		k.layerNorm(queries, d, x, 0, p, layout.gain, p, layout.bias, out, oo, null);
	}

	private void feedForward(float[] p, Block w, int n, int hidden) {
		k.layerNorm(n, d, x, 0, p, w.gain2, p, w.bias2, h, 0, null);
		k.gemmNN(n, hidden, d, h, 0, d, p, w.up, hidden, dz, 0, hidden, false);
		k.addBiasRelu(n, hidden, dz, 0, p, w.upBias);
		k.gemmNN(n, d, hidden, dz, 0, hidden, p, w.down, d, x, 0, d, true);
		k.addBias(n, d, x, 0, p, w.downBias);
	}
}
