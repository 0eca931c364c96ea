package org.wherefore.engine.dl4j.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

/** The best kernels of this machine against the scalar ones. */
class KernelsTest {
	private final ScalarKernels best = (ScalarKernels) Kernels.best();
	private final ScalarKernels scalar = new ScalarKernels();
	private final Random random = new Random(5);

	private float[] random(int n) {
		float[] x = new float[n];
		for (int i = 0; i < n; i++) {
			x[i] = (float) random.nextGaussian();
		}
		return x;
	}

	private static void assertClose(float[] actual, float[] expected) {
		double error = 0;
		double size = 0;
		for (int i = 0; i < expected.length; i++) {
			error += Math.pow((double) actual[i] - expected[i], 2);
			size += (double) expected[i] * expected[i];
		}
		assertThat(Math.sqrt(error)).isLessThanOrEqualTo(1e-4 * Math.sqrt(size) + 1e-30);
	}

	@Test
	void matrix_products_agree_over_random_shapes() {
		for (int trial = 0; trial < 60; trial++) {
			int m = 1 + random.nextInt(40);
			int n = 1 + random.nextInt(150);
			int k = 1 + random.nextInt(280);
			int pad = random.nextInt(5);
			int off = random.nextInt(7);
			boolean accumulate = random.nextBoolean();
			float[] a = random(off + (m + pad) * (k + pad));
			float[] b = random(off + (n + pad) * (k + pad));
			float[] c = random(off + m * (n + pad));
			float[] x = c.clone();
			float[] y = c.clone();
			best.gemmNN(m, n, k, a, off, k + pad, b, off, n, x, off, n + pad, accumulate);
			scalar.gemmNN(m, n, k, a, off, k + pad, b, off, n, y, off, n + pad, accumulate);
			assertClose(x, y);
			best.gemmNT(m, n, k, a, off, k + pad, b, off, k + pad, x, off, n + pad, accumulate);
			scalar.gemmNT(m, n, k, a, off, k + pad, b, off, k + pad, y, off, n + pad, accumulate);
			assertClose(x, y);
			best.gemmTN(m, n, k, a, off, m, b, off, n, x, off, n + pad, accumulate);
			scalar.gemmTN(m, n, k, a, off, m, b, off, n, y, off, n + pad, accumulate);
			assertClose(x, y);
		}
	}

	@Test
	void matrix_products_agree_beyond_every_block() {
		for (int[] shape : new int[][] { { 13, 1100, 300 }, { 300, 600, 270 }, { 530, 70, 140 }, { 9, 520, 1 } }) {
			int m = shape[0];
			int n = shape[1];
			int k = shape[2];
			float[] a = random(m * k);
			float[] b = random(n * k);
			float[] x = random(m * n);
			float[] y = x.clone();
			for (boolean accumulate : new boolean[] { true, false }) {
				best.gemmNN(m, n, k, a, 0, k, b, 0, n, x, 0, n, accumulate);
				scalar.gemmNN(m, n, k, a, 0, k, b, 0, n, y, 0, n, accumulate);
				assertClose(x, y);
				best.gemmNT(m, n, k, a, 0, k, b, 0, k, x, 0, n, accumulate);
				scalar.gemmNT(m, n, k, a, 0, k, b, 0, k, y, 0, n, accumulate);
				assertClose(x, y);
				best.gemmTN(m, n, k, a, 0, m, b, 0, n, x, 0, n, accumulate);
				scalar.gemmTN(m, n, k, a, 0, m, b, 0, n, y, 0, n, accumulate);
				assertClose(x, y);
			}
		}
	}

	@Test
	void an_element_of_a_product_is_the_same_to_the_bit_in_every_shape() {
		int n = 1050;
		for (int k : new int[] { 1, 7, 64, 300 }) {
			float[] a = random(60 * k);
			float[] b = random(n * k);
			float[] turned = new float[n * k];
			best.transpose(k, n, b, 0, n, turned, 0, k);
			float[] whole = new float[60 * n];
			best.gemmNN(60, n, k, a, 0, k, b, 0, n, whole, 0, n, false);
			for (int m : new int[] { 1, 2, 3, 4, 6, 7, 11, 12, 13, 31 }) {
				for (int from : new int[] { 0, 5, n - 33 }) {
					int cols = Math.min(n - from, 33 + 500 * (m % 3));
					float[] part = new float[m * cols];
					best.gemmNN(m, cols, k, a, k, k, b, from, n, part, 0, cols, false);
					for (int i = 0; i < m; i++) {
						assertThat(Arrays.copyOfRange(part, i * cols, (i + 1) * cols))
								.isEqualTo(Arrays.copyOfRange(whole, (i + 1) * n + from, (i + 1) * n + from + cols));
					}
				}
			}
			for (int i = 0; i < 60; i += 7) {
				for (int j = 0; j < n; j += 13) {
					assertThat(best.dotInOrder(a, i * k, turned, j * k, k)).isEqualTo(whole[i * n + j]);
				}
			}
		}
	}

	@Test
	void attention_agrees_over_packed_sequences_and_odd_head_widths() {
		for (int dh : new int[] { 1, 5, 16, 24, 33, 64, 96 }) {
			for (int heads = 1; heads <= 3; heads++) {
				attention_agrees(dh, heads, true);
				attention_agrees(dh, heads, false);
			}
		}
	}

	private void attention_agrees(int dh, int heads, boolean causal) {
		int d = dh * heads;
		int[] offsets = { 0, 1, 8, 61, 161 };
		float[] qkv = random(161 * 3 * d);
		float[] dout = random(161 * d);
		float[][] out = new float[2][161 * d];
		float[][] probs = new float[2][Kernels.attentionSize(4, offsets, heads)];
		float[][] dqkv = new float[2][161 * 3 * d];
		for (int i = 0; i < 2; i++) {
			ScalarKernels k = i == 0 ? best : scalar;
			k.attention(4, offsets, d, heads, causal, qkv, out[i], probs[i]);
			float[] unkept = new float[161 * d];
			k.attention(4, offsets, d, heads, causal, qkv, unkept, null);
			assertThat(unkept).isEqualTo(out[i]);
			k.attentionBackward(4, offsets, d, heads, causal, qkv, probs[i], dout, dqkv[i]);
		}
		// The first event's weight of the second, in the last head of the longest sequence.
		assertThat(probs[0][probs[0].length - 100 * 100 + 1] == 0).isEqualTo(causal);
		assertClose(out[0], out[1]);
		assertClose(probs[0], probs[1]);
		assertClose(dqkv[0], dqkv[1]);
	}

	@Test
	void gates_focal_losses_and_weighted_sums_agree() {
		for (int n : new int[] { 1, 15, 32, 50 }) {
			float[] x = random(6 * n);
			float[] dy = random(3 * n);
			int[] starts = { 0, 2, 2, 5 };
			int[] ids = { 0, 3, 3, 1, 3 };
			float[] weights = random(5);
			float[][] r = new float[2][];
			for (int i = 0; i < 2; i++) {
				ScalarKernels k = i == 0 ? best : scalar;
				float[] all = new float[19 * n + 1];
				float[] y = new float[3 * n];
				k.reglu(3, n, x, y);
				float[] dx = new float[6 * n];
				k.regluBackward(3, n, x, dy, dx);
				float[] logits = y.clone();
				all[19 * n] = (float) k.focalCrossEntropy(3, n, logits, new int[] { 0, -1, n - 1 }, 3f, 2f, 0.5f);
				float[] sums = new float[3 * n];
				k.addWeighted(3, n, starts, ids, weights, x, 0, sums, 0);
				float[] table = new float[4 * n];
				k.addWeightedBackward(3, n, starts, ids, weights, dy, 0, table, 0);
				System.arraycopy(y, 0, all, 0, 3 * n);
				System.arraycopy(dx, 0, all, 3 * n, 6 * n);
				System.arraycopy(logits, 0, all, 9 * n, 3 * n);
				System.arraycopy(sums, 0, all, 12 * n, 3 * n);
				System.arraycopy(table, 0, all, 15 * n, 4 * n);
				r[i] = all;
			}
			assertClose(r[0], r[1]);
		}
	}

	@Test
	void row_operations_agree_at_every_width() {
		for (int n = 1; n < 70; n++) {
			int width = n;
			float[] x = random(3 * n);
			float[] gain = random(n);
			float[] bias = random(n);
			float[] dy = random(3 * n);
			float[][] r = new float[2][];
			for (int i = 0; i < 2; i++) {
				ScalarKernels k = i == 0 ? best : scalar;
				float[] stats = new float[6];
				float[] y = new float[3 * n];
				k.layerNorm(3, n, x, 0, gain, 0, bias, 0, y, 0, stats);
				float[] dx = new float[3 * n];
				float[] dg = new float[2 * n];
				// With one column everything is exactly normal, and the gradient is only noise.
				k.layerNormBackward(3, n, x, stats, gain, 0, dy, dx, dg, 0, dg, n);
				float[] logits = y.clone();
				float loss = (float) k.softmaxCrossEntropy(3, n, logits, 0, n, new int[] { 0, width - 1, width / 2 }, 0,
						0.1f, 0.5f);
				float[] p = x.clone();
				k.adam(p, dy, new float[3 * n], new float[3 * n], 0, 3 * n, 0.5f, 0.01f, 0.9f, 0.98f, 1e-8f, 3,
						0.1f);
				float dot = k.dot(x, 0, dy, 0, 3 * n);
				float[] all = Arrays.copyOf(y, 13 * n + 2);
				if (n > 2) {
					System.arraycopy(dx, 0, all, 3 * n, 3 * n);
				}
				System.arraycopy(dg, 0, all, 6 * n, 2 * n);
				System.arraycopy(logits, 0, all, 8 * n, n);
				System.arraycopy(p, 0, all, 9 * n, 3 * n);
				all[12 * n] = loss;
				all[12 * n + 1] = dot;
				r[i] = all;
			}
			assertClose(r[0], r[1]);
		}
	}

	@Test
	void softmax_sums_to_one_for_extreme_scores() {
		for (ScalarKernels k : new ScalarKernels[] { best, scalar }) {
			float[] x = new float[37];
			x[3] = 1000;
			x[36] = -1000;
			k.softmax(1, 37, x, 0, 37, 1f);
			assertThat(x[3]).isEqualTo(1f);
			assertThat(x[36]).isBetween(0f, 1e-30f);
		}
	}
}
