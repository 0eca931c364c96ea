package org.wherefore.engine.dl4j.internal.kernel;

import java.util.Arrays;

/**
 * {@link Kernels} in plain loops: the fallback without {@code jdk.incubator.vector}, and what the faster kernels are
 * tested against. Confined to one thread at a time.
 */
public class ScalarKernels implements Kernels<float[]> {
	private static final float EPS = 1e-5f;
	/** Query rows of attention computed together: keys behind the block are skipped. */
	private static final int BLOCK = 48;
	private static final int REST = 12;
	private static final float LOG2E = 1.44269504f;
	private static final float MAGIC = 12582912f;
	private float[] transposed = new float[0];
	private float[] scores = new float[0];
	private float[] weights = new float[0];

	@Override
	public String name() {
		return "scalar";
	}

	@Override
	public float[] allocate(int n) {
		return new float[n];
	}

	@Override
	public float[] view(float[] values) {
		return values;
	}

	@Override
	public void copy(float[] from, int fo, float[] to, int t, int n) {
		System.arraycopy(from, fo, to, t, n);
	}

	@Override
	public void fill(float[] x, int from, int to, float value) {
		Arrays.fill(x, from, to, value);
	}

	@Override
	public void write(float[] from, int fo, float[] to, int t, int n) {
		System.arraycopy(from, fo, to, t, n);
	}

	@Override
	public void read(float[] from, int fo, float[] to, int t, int n) {
		if (from != to) {
			System.arraycopy(from, fo, to, t, n);
		}
	}

	@Override
	public void gemmNN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		clear(m, n, c, co, ldc, accumulate);
		for (int i = 0; i < m; i++) {
			for (int p = 0; p < k; p++) {
				float x = a[ao + i * lda + p];
				for (int j = 0, bp = bo + p * ldb, cp = co + i * ldc; j < n; j++) {
					c[cp + j] += x * b[bp + j];
				}
			}
		}
	}

	@Override
	public void gemmNT(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		clear(m, n, c, co, ldc, accumulate);
		for (int i = 0; i < m; i++) {
			for (int j = 0; j < n; j++) {
				float sum = 0;
				for (int p = 0, ap = ao + i * lda, bp = bo + j * ldb; p < k; p++) {
					sum += a[ap + p] * b[bp + p];
				}
				c[co + i * ldc + j] += sum;
			}
		}
	}

	@Override
	public void gemmTN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		clear(m, n, c, co, ldc, accumulate);
		for (int p = 0; p < k; p++) {
			for (int i = 0; i < m; i++) {
				float x = a[ao + p * lda + i];
				for (int j = 0, bp = bo + p * ldb, cp = co + i * ldc; j < n; j++) {
					c[cp + j] += x * b[bp + j];
				}
			}
		}
	}

	/** Zeroes C unless it is to be added to. */
	protected static void clear(int m, int n, float[] c, int co, int ldc, boolean accumulate) {
		if (!accumulate) {
			for (int i = 0; i < m; i++) {
				Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
			}
		}
	}

	@Override
	public void transpose(int rows, int cols, float[] a, int ao, int lda, float[] out, int oo, int ldo) {
		for (int r0 = 0; r0 < rows; r0 += 16) {
			int r1 = Math.min(rows, r0 + 16);
			for (int c = 0; c < cols; c++) {
				for (int r = r0; r < r1; r++) {
					out[oo + c * ldo + r] = a[ao + r * lda + c];
				}
			}
		}
	}

	/** Scalar product of two vectors. */
	protected float dot(float[] a, int ao, float[] b, int bo, int n) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			sum += a[ao + i] * b[bo + i];
		}
		return sum;
	}

	@Override
	public float dotInOrder(float[] a, int ao, float[] b, int bo, int n) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			sum += a[ao + i] * b[bo + i];
		}
		return sum;
	}

	@Override
	public double squares(float[] x, int xo, int n) {
		double sum = 0;
		for (int i = 0; i < n; i += 4096) {
			sum += dot(x, xo + i, x, xo + i, Math.min(4096, n - i));
		}
		return sum;
	}

	@Override
	public long dropoutMask(int n, float rate, long state, float[] mask) {
		float kept = 1 / (1 - rate);
		int limit = (int) (rate * 65536);
		long at = state;
		for (int i = 0; i < n; i += 4) {
			at += 0x9E3779B97F4A7C15L;
			long z = (at ^ (at >>> 30)) * 0xBF58476D1CE4E5B9L;
			z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
			z ^= z >>> 31;
			for (int j = i, end = Math.min(n, i + 4); j < end; j++, z >>>= 16) {
				mask[j] = (z & 0xFFFF) < limit ? 0f : kept;
			}
		}
		return at;
	}

	/** y += alpha x. */
	protected void axpy(float alpha, float[] x, int xo, float[] y, int yo, int n) {
		for (int i = 0; i < n; i++) {
			y[yo + i] += alpha * x[xo + i];
		}
	}

	@Override
	public void add(float[] x, int xo, float[] y, int yo, int n) {
		for (int i = 0; i < n; i++) {
			y[yo + i] += x[xo + i];
		}
	}

	@Override
	public void multiply(float[] x, int xo, float[] y, int yo, int n) {
		for (int i = 0; i < n; i++) {
			y[yo + i] *= x[xo + i];
		}
	}

	@Override
	public void addBias(int rows, int n, float[] x, int xo, int ld, float[] bias, int bo) {
		for (int r = 0; r < rows; r++) {
			add(bias, bo, x, xo + r * ld, n);
		}
	}

	@Override
	public void addBiasRelu(int rows, int n, float[] x, int xo, float[] bias, int bo) {
		for (int r = 0; r < rows; r++) {
			for (int i = 0, p = xo + r * n; i < n; i++) {
				x[p + i] = Math.max(0f, x[p + i] + bias[bo + i]);
			}
		}
	}

	@Override
	public void reluBackward(float[] y, float[] dy, int n) {
		for (int i = 0; i < n; i++) {
			dy[i] = y[i] > 0 ? dy[i] : 0f;
		}
	}

	@Override
	public void reglu(int rows, int n, float[] x, float[] y) {
		for (int r = 0; r < rows; r++) {
			for (int i = 0, p = 2 * r * n, q = r * n; i < n; i++) {
				y[q + i] = Math.max(0f, x[p + i]) * x[p + n + i];
			}
		}
	}

	@Override
	public void regluBackward(int rows, int n, float[] x, float[] dy, float[] dx) {
		for (int r = 0; r < rows; r++) {
			for (int i = 0, p = 2 * r * n, q = r * n; i < n; i++) {
				float gate = x[p + i];
				dx[p + i] = gate > 0 ? dy[q + i] * x[p + n + i] : 0f;
				dx[p + n + i] = dy[q + i] * Math.max(0f, gate);
			}
		}
	}

	@Override
	public void addColumnSums(int rows, int n, float[] x, int xo, float[] sums, int so) {
		for (int r = 0; r < rows; r++) {
			add(x, xo + r * n, sums, so, n);
		}
	}

	@Override
	public void layerNorm(int rows, int d, float[] x, int xo, float[] gain, int go, float[] bias, int bo, float[] y,
			int yo, float[] stats) {
		for (int r = 0; r < rows; r++) {
			int xp = xo + r * d;
			int yp = yo + r * d;
			float mean = sum(x, xp, d) / d;
			float rstd = (float) (1 / Math.sqrt(squares(x, xp, d, mean) / d + EPS));
			if (stats != null) {
				stats[2 * r] = mean;
				stats[2 * r + 1] = rstd;
			}
			for (int i = 0; i < d; i++) {
				y[yp + i] = (x[xp + i] - mean) * rstd * gain[go + i] + bias[bo + i];
			}
		}
	}

	/** Sum of {@code n} values. */
	protected float sum(float[] x, int xo, int n) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			sum += x[xo + i];
		}
		return sum;
	}

	/** Sum of squared distances from {@code mean}. */
	protected float squares(float[] x, int xo, int n, float mean) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			float v = x[xo + i] - mean;
			sum += v * v;
		}
		return sum;
	}

	@Override
	public void layerNormBackward(int rows, int d, float[] x, float[] stats, float[] gain, int go, float[] dy,
			float[] dx, float[] dGain, int dgo, float[] dBias, int dbo) {
		if (scores.length < 2 * d) {
			scores = new float[2 * d];
		}
		float[] normal = scores;
		for (int r = 0; r < rows; r++) {
			int p = r * d;
			float mean = stats[2 * r];
			float rstd = stats[2 * r + 1];
			for (int i = 0; i < d; i++) {
				float z = (x[p + i] - mean) * rstd;
				float g = dy[p + i];
				dGain[dgo + i] += g * z;
				normal[i] = z;
				normal[d + i] = g * gain[go + i];
			}
			add(dy, p, dBias, dbo, d);
			float s1 = sum(normal, d, d) / d;
			float s2 = dot(normal, 0, normal, d, d) / d;
			for (int i = 0; i < d; i++) {
				dx[p + i] += rstd * (normal[d + i] - s1 - normal[i] * s2);
			}
		}
	}

	@Override
	public void attention(int sequences, int[] offsets, int d, int heads, boolean causal, float[] qkv, float[] out,
			float[] probs) {
		int dh = d / heads;
		int ld = 3 * d;
		float scale = (float) (1 / Math.sqrt(dh));
		boolean keep = probs != null;
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			if (transposed.length < dh * n) {
				transposed = new float[dh * n];
			}
			if (!keep && weights.length < n * n) {
				weights = new float[n * n];
			}
			float[] p = keep ? probs : weights;
			for (int h = 0; h < heads; h++, pp += keep ? n * n : 0) {
				int q = first * ld + h * dh;
				transpose(n, dh, qkv, q + d, ld, transposed, 0, n);
				for (int i0 = 0, rows; i0 < n; i0 += rows) {
					// A short rest joins the last block: products of few rows are slow.
					rows = n - i0 < BLOCK + REST ? n - i0 : BLOCK;
					int keys = causal ? i0 + rows : n;
					int p0 = pp + i0 * n;
					gemmNN(rows, keys, dh, qkv, q + i0 * ld, ld, transposed, 0, n, p, p0, n, false);
					for (int i = 0; i < rows; i++) {
						int seen = causal ? i0 + i + 1 : n;
						softmax(1, seen, p, p0 + i * n, n, scale);
						Arrays.fill(p, p0 + i * n + seen, p0 + i * n + n, 0f);
					}
					gemmNN(rows, dh, keys, p, p0, n, qkv, q + 2 * d, ld, out, (first + i0) * d + h * dh, d, false);
				}
			}
		}
	}

	@Override
	public void attentionLast(int sequences, int[] offsets, int d, int heads, float[] q, float[] kv, float[] out) {
		int dh = d / heads;
		float scale = (float) (1 / Math.sqrt(dh));
		Arrays.fill(out, 0, sequences * d, 0f);
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			if (weights.length < n) {
				weights = new float[n];
			}
			for (int h = 0; h < heads; h++) {
				int at = s * d + h * dh;
				int key = first * 2 * d + h * dh;
				for (int j = 0; j < n; j++) {
					weights[j] = dot(q, at, kv, key + j * 2 * d, dh);
				}
				softmax(1, n, weights, 0, n, scale);
				for (int j = 0; j < n; j++) {
					axpy(weights[j], kv, key + j * 2 * d + d, out, at, dh);
				}
			}
		}
	}

	@Override
	public void attentionBackward(int sequences, int[] offsets, int d, int heads, boolean causal, float[] qkv,
			float[] probs, float[] dout, float[] dqkv) {
		int dh = d / heads;
		int ld = 3 * d;
		float scale = (float) (1 / Math.sqrt(dh));
		Arrays.fill(dqkv, 0, offsets[sequences] * ld, 0f);
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			if (transposed.length < dh * n) {
				transposed = new float[dh * n];
			}
			if (scores.length < (BLOCK + REST) * n) {
				scores = new float[(BLOCK + REST) * n];
			}
			for (int h = 0; h < heads; h++, pp += n * n) {
				int q = first * ld + h * dh;
				transpose(n, dh, qkv, q + 2 * d, ld, transposed, 0, n);
				for (int i0 = 0, rows; i0 < n; i0 += rows) {
					// A short rest joins the last block: products of few rows are slow.
					rows = n - i0 < BLOCK + REST ? n - i0 : BLOCK;
					int keys = causal ? i0 + rows : n;
					int p0 = pp + i0 * n;
					int o = (first + i0) * d + h * dh;
					gemmTN(keys, dh, rows, probs, p0, n, dout, o, d, dqkv, q + 2 * d, ld, true);
					gemmNN(rows, keys, dh, dout, o, d, transposed, 0, n, scores, 0, n, false);
					for (int i = 0; i < rows; i++) {
						float sum = dot(probs, p0 + i * n, scores, i * n, keys);
						for (int j = 0, a = p0 + i * n, b = i * n; j < keys; j++) {
							scores[b + j] = scale * probs[a + j] * (scores[b + j] - sum);
						}
					}
					gemmNN(rows, dh, keys, scores, 0, n, qkv, q + d, ld, dqkv, q + i0 * ld, ld, true);
					gemmTN(keys, dh, rows, scores, 0, n, qkv, q + i0 * ld, ld, dqkv, q + d, ld, true);
				}
			}
		}
	}

	@Override
	public double softmaxCrossEntropy(int rows, int n, float[] logits, int lo, int ld, int[] targets, int to,
			float smoothing, float scale) {
		double loss = 0;
		for (int r = 0; r < rows; r++) {
			int p = lo + r * ld;
			int target = p + targets[to + r];
			float max = max(logits, p, n);
			double hit = logits[target] - max;
			double mean = smoothing == 0 ? 0 : sum(logits, p, n) / (double) n - max;
			float total = exp(logits, p, n, max, 1f);
			loss += Math.log(total) - (1 - smoothing) * hit - smoothing * mean;
			affine(logits, p, n, scale / total, -scale * smoothing / n);
			logits[target] -= scale * (1 - smoothing);
		}
		return loss;
	}

	/** Replaces every row of {@code n} values by its softmax after multiplication by {@code scale}. */
	protected void softmax(int rows, int n, float[] x, int xo, int ld, float scale) {
		for (int r = 0; r < rows; r++) {
			int p = xo + r * ld;
			float total = exp(x, p, n, max(x, p, n), scale);
			affine(x, p, n, 1 / total, 0f);
		}
	}

	/** Largest of {@code n} values. */
	protected float max(float[] x, int xo, int n) {
		float max = Float.NEGATIVE_INFINITY;
		for (int i = 0; i < n; i++) {
			max = Math.max(max, x[xo + i]);
		}
		return max;
	}

	/** x = exp(scale (x - shift)); answers the sum. */
	protected float exp(float[] x, int xo, int n, float shift, float scale) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			float v = exp(scale * (x[xo + i] - shift));
			x[xo + i] = v;
			sum += v;
		}
		return sum;
	}

	/** x = factor x + summand. */
	protected void affine(float[] x, int xo, int n, float factor, float summand) {
		for (int i = 0; i < n; i++) {
			x[xo + i] = x[xo + i] * factor + summand;
		}
	}

	/** e^x for x at most 88, to about two units in the last place; what is below -87 counts as -87. */
	protected static float exp(float x) {
		float y = Math.max(x, -87f);
		float t = y * LOG2E + MAGIC;
		float n = t - MAGIC;
		float f = y - n * 0.693359375f + n * 2.12194440e-4f;
		float p = 1.9875691500e-4f;
		p = p * f + 1.3981999507e-3f;
		p = p * f + 8.3334519073e-3f;
		p = p * f + 4.1665795894e-2f;
		p = p * f + 1.6666665459e-1f;
		p = p * f + 5.0000001201e-1f;
		p = p * f * f + f + 1f;
		return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(t) << 23));
	}

	@Override
	public void scatterAdd(int rows, int d, int[] ids, int io, float[] x, int xo, float scale, float[] table, int to) {
		for (int r = 0; r < rows; r++) {
			axpy(scale, x, xo + r * d, table, to + ids[io + r] * d, d);
		}
	}

	@Override
	public double binaryCrossEntropy(int rows, int n, float[] logits, int[] ids, float weight, float scale) {
		double loss = 0;
		for (int r = 0, i = 0; r < rows; r++) {
			for (int j = 0; j < n; j++, i++) {
				double x = logits[i];
				if (j == 0) {
					loss += weight * softplus(-x);
					logits[i] = (float) (-scale * weight * sigmoid(-x));
				} else if (ids[i] >= 0) {
					loss += softplus(x);
					logits[i] = (float) (scale * sigmoid(x));
				} else {
					logits[i] = 0f;
				}
			}
		}
		return loss;
	}

	@Override
	public double focalCrossEntropy(int rows, int n, float[] logits, int[] targets, float weight, float gamma, float scale) {
		double loss = 0;
		for (int r = 0, i = 0; r < rows; r++) {
			for (int j = 0; j < n; j++, i++) {
				boolean there = j == targets[r];
				double z = there ? logits[i] : -logits[i];
				double factor = (there ? weight : 1) * (gamma == 0 ? 1 : Math.pow(sigmoid(-z), gamma));
				double slope = factor * (gamma * sigmoid(z) * softplus(-z) + sigmoid(-z));
				loss += factor * softplus(-z);
				logits[i] = (float) (there ? -scale * slope : scale * slope);
			}
		}
		return loss;
	}

	private static double sigmoid(double x) {
		return 1 / (1 + Math.exp(-x));
	}

	private static double softplus(double x) {
		return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
	}

	@Override
	public void gather(int rows, int d, int[] ids, int io, float scale, float[] table, int to, float[] out, int oo,
			boolean accumulate) {
		for (int r = 0; r < rows; r++) {
			int from = to + ids[io + r] * d;
			int at = oo + r * d;
			if (!accumulate && scale == 1f) {
				System.arraycopy(table, from, out, at, d);
			} else {
				if (!accumulate) {
					Arrays.fill(out, at, at + d, 0f);
				}
				axpy(scale, table, from, out, at, d);
			}
		}
	}

	@Override
	public void gatherDots(int rows, int n, int d, float[] h, int ho, float[] table, int to, int[] ids, int io,
			float[] out, int oo, int ld) {
		for (int r = 0, i = io; r < rows; r++) {
			for (int j = 0; j < n; j++, i++) {
				out[oo + r * ld + j] = ids[i] < 0 ? 0f : dot(h, ho + r * d, table, to + ids[i] * d, d);
			}
		}
	}

	@Override
	public void gatherDotsBackward(int rows, int n, int d, float[] h, int ho, float[] table, int to, int[] ids, int io,
			float[] dOut, int oo, int ld, float[] dh, int dho, float[] dTable, int dto) {
		for (int r = 0, i = io; r < rows; r++) {
			for (int j = 0; j < n; j++, i++) {
				if (ids[i] >= 0) {
					float gradient = dOut[oo + r * ld + j];
					axpy(gradient, table, to + ids[i] * d, dh, dho + r * d, d);
					axpy(gradient, h, ho + r * d, dTable, dto + ids[i] * d, d);
				}
			}
		}
	}

	@Override
	public void addMeans(int rows, int d, int[] starts, int[] ids, float[] table, int to, float[] out, int oo) {
		for (int r = 0; r < rows; r++) {
			float part = 1f / (starts[r + 1] - starts[r]);
			for (int i = starts[r]; i < starts[r + 1]; i++) {
				axpy(part, table, to + ids[i] * d, out, oo + r * d, d);
			}
		}
	}

	@Override
	public void addMeansBackward(int rows, int d, int[] starts, int[] ids, float[] dOut, int oo, float[] dTable, int to) {
		for (int r = 0; r < rows; r++) {
			float part = 1f / (starts[r + 1] - starts[r]);
			for (int i = starts[r]; i < starts[r + 1]; i++) {
				axpy(part, dOut, oo + r * d, dTable, to + ids[i] * d, d);
			}
		}
	}

	@Override
	public void addWeighted(int rows, int d, int[] starts, int[] ids, float[] weights, float[] table, int to, float[] out,
			int oo) {
		for (int r = 0; r < rows; r++) {
			for (int i = starts[r]; i < starts[r + 1]; i++) {
				axpy(weights[i], table, to + ids[i] * d, out, oo + r * d, d);
			}
		}
	}

	@Override
	public void addWeightedBackward(int rows, int d, int[] starts, int[] ids, float[] weights, float[] dOut, int oo,
			float[] dTable, int to) {
		for (int r = 0; r < rows; r++) {
			for (int i = starts[r]; i < starts[r + 1]; i++) {
				axpy(weights[i], dOut, oo + r * d, dTable, to + ids[i] * d, d);
			}
		}
	}

	@Override
	public void adam(float[] p, float[] g, float[] m, float[] v, int from, int to, float gradScale, float lr,
			float beta1, float beta2, float eps, long step, float decay) {
		adam(p, g, m, v, from, to, gradScale, lr, beta1, beta2, eps, (float) (1 - Math.pow(beta1, step)),
				(float) (1 - Math.pow(beta2, step)), decay);
	}

	/** Adam with c1 = 1 - beta1^step and c2 = 1 - beta2^step. */
	protected void adam(float[] p, float[] g, float[] m, float[] v, int from, int to, float gradScale, float lr,
			float beta1, float beta2, float eps, float c1, float c2, float decay) {
		float step = lr / c1;
		float root = (float) (1 / Math.sqrt(c2));
		for (int i = from; i < to; i++) {
			float x = g[i] * gradScale;
			float mi = beta1 * m[i] + (1 - beta1) * x;
			float vi = beta2 * v[i] + (1 - beta2) * x * x;
			m[i] = mi;
			v[i] = vi;
			p[i] -= step * mi / ((float) Math.sqrt(vi) * root + eps) + lr * decay * p[i];
		}
	}
}
