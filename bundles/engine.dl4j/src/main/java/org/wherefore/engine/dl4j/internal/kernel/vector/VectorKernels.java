package org.wherefore.engine.dl4j.internal.kernel.vector;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels over the Vector API, of the width that the processor prefers. Needs
 * {@code --add-modules jdk.incubator.vector}. Confined to one thread at a time.
 * <p>
 * Matrix products pack the right side into panels as wide as a register tile and keep a tile of six rows by four
 * vectors (two where there are only 16 registers) in registers; products with a transposed left side pack that as well.
 * A tile starts from what lies at F, which is C itself, or zeros: a branch inside the tile would make the compiler box
 * the vectors, as would sharing one loop between the kinds of product, or vectors of a second width anywhere in the
 * process: the compiler then can't tell from {@code intoArray}'s profile which is meant. Rows that a tile has too many compute the last
 * row again; columns at the edge are computed in a scratch tile.
 * <p>
 * Every element of {@link #gemmNN} is summed from first to last with one rounding a step, whatever the shape, as
 * {@link #dotInOrder} does it.
 */
public final class VectorKernels extends ScalarKernels {
	private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
	private static final int L = S.length();
	/** Rows of a tile of {@link #gemmTN}; a panel of its left side is a vector wide and serves several tiles. */
	private static final int T = 4;
	/** Rows of a tile of {@link #gemmNN}. */
	private static final int R = 6;
	/** Vectors in the widest tile: 6x4 sums need 32 registers, which AVX-512 has. */
	private static final int WIDE = L >= 16 ? 4 : 2;
	/** Depth of a panel, so that it stays in the first level cache. */
	private static final int KC = 128;
	/** Depth where the left side is packed too. */
	private static final int KT = 128;
	/** Rows of A that stay in the second level cache while panels pass; a multiple of {@link #R}. */
	private static final int MC = 252;
	/** The same where the left side is packed; a multiple of every lane count. */
	private static final int MT = 256;
	/** Columns of B that are packed together, so that they stay in the second level cache. */
	private static final int NC = 512;
	/** Fewer rows than this aren't worth packing B for. */
	private static final int PACKED = 12;
	/** Columns of C that stay in the first level cache while few rows are made; a multiple of every lane count. */
	private static final int COLUMNS = 2048;
	private static final float EPS = 1e-5f;
	private static final float LOG2E = 1.44269504f;
	private static final float MAGIC = 12582912f;
	private final float[] zeros = new float[WIDE * L];
	private final float[] scratch = new float[R * WIDE * L];
	/** A vector of zeros and one of negative infinities; ones and zeros: read from an offset, they cut a vector off. */
	private final float[] minus = new float[2 * L];
	private final float[] ones = new float[2 * L];
	private final float[] shifts = new float[R];
	private final float[] lanes = new float[L];
	private float[] pack = new float[0];
	private float[] left = new float[0];
	private float[] turned = new float[0];
	private float[] weights = new float[0];
	private float[] gradients = new float[0];

	/** For one thread at a time. */
	public VectorKernels() {
		if (L < 4) {
			throw new LinkageError("No vector unit");
		}
		Arrays.fill(minus, L, 2 * L, Float.NEGATIVE_INFINITY);
		Arrays.fill(ones, 0, L, 1f);
	}

	@Override
	public String name() {
		return "vector-" + S.vectorBitSize();
	}

	private static int panel(int rest) {
		return rest > 2 * L ? WIDE * L : 2 * L;
	}

	private static int up(int n, int multiple) {
		return (n + multiple - 1) / multiple * multiple;
	}

	private static float[] grown(float[] x, int size) {
		return x.length < size ? new float[size] : x;
	}

	/** Packs kc rows of n columns into panels; the last is filled up with zeros. */
	private void packRows(int kc, int n, float[] b, int bo, int ldb) {
		pack = grown(pack, kc * (n + WIDE * L));
		for (int j0 = 0; j0 < n;) {
			int width = panel(n - j0);
			packPanel(kc, Math.min(width, n - j0), width, b, bo + j0, ldb, pack, kc * j0);
			j0 += width;
		}
	}

	private static void packPanel(int kc, int valid, int width, float[] b, int bo, int ldb, float[] to, int at) {
		if (valid == 4 * L) {
			for (int p = 0, r = bo, t = at; p < kc; p++, r += ldb, t += 4 * L) {
				FloatVector.fromArray(S, b, r).intoArray(to, t);
				FloatVector.fromArray(S, b, r + L).intoArray(to, t + L);
				FloatVector.fromArray(S, b, r + 2 * L).intoArray(to, t + 2 * L);
				FloatVector.fromArray(S, b, r + 3 * L).intoArray(to, t + 3 * L);
			}
		} else if (valid == 2 * L && width == valid) {
			for (int p = 0, r = bo, t = at; p < kc; p++, r += ldb, t += 2 * L) {
				FloatVector.fromArray(S, b, r).intoArray(to, t);
				FloatVector.fromArray(S, b, r + L).intoArray(to, t + L);
			}
		} else {
			for (int p = 0, r = bo, t = at; p < kc; p++, r += ldb, t += width) {
				System.arraycopy(b, r, to, t, valid);
				Arrays.fill(to, t + valid, t + width, 0f);
			}
		}
	}

	/** Packs n rows of kc columns, transposed, into panels. */
	private void packTransposed(int kc, int n, float[] b, int bo, int ldb) {
		pack = grown(pack, kc * (n + WIDE * L));
		for (int j0 = 0; j0 < n;) {
			int width = panel(n - j0);
			turn(Math.min(width, n - j0), kc, b, bo + j0 * ldb, ldb, pack, kc * j0, width);
			j0 += width;
		}
	}

	/** Transposes {@code n} rows into the first columns of rows of {@code width}, the rest of which become zero. */
	private static void turn(int n, int cols, float[] a, int ao, int lda, float[] out, int oo, int width) {
		int j = 0;
		for (; j + 8 <= n; j += 8) {
			int r0 = ao + j * lda;
			int r1 = r0 + lda;
			int r2 = r1 + lda;
			int r3 = r2 + lda;
			int r4 = r3 + lda;
			int r5 = r4 + lda;
			int r6 = r5 + lda;
			int r7 = r6 + lda;
			for (int p = 0, t = oo + j; p < cols; p++, t += width) {
				out[t] = a[r0 + p];
				out[t + 1] = a[r1 + p];
				out[t + 2] = a[r2 + p];
				out[t + 3] = a[r3 + p];
				out[t + 4] = a[r4 + p];
				out[t + 5] = a[r5 + p];
				out[t + 6] = a[r6 + p];
				out[t + 7] = a[r7 + p];
			}
		}
		for (; j < n; j++) {
			for (int p = 0, r = ao + j * lda, t = oo + j; p < cols; p++, t += width) {
				out[t] = a[r + p];
			}
		}
		if (n < width) {
			for (int p = 0, t = oo; p < cols; p++, t += width) {
				Arrays.fill(out, t + n, t + width, 0f);
			}
		}
	}

	/** Packs kc rows of m columns into panels of a vector's width; the last is filled up with its last column. */
	private void packLeft(int kc, int m, float[] a, int ao, int lda) {
		left = grown(left, kc * (m + L));
		int i = m / L * L;
		for (int p = 0; p < kc; p++) {
			for (int j = 0, r = ao + p * lda, t = p * L; j < i; j += L, t += kc * L) {
				FloatVector.fromArray(S, a, r + j).intoArray(left, t);
			}
		}
		if (i < m) {
			int valid = m - i;
			for (int p = 0, r = ao + i, t = kc * i; p < kc; p++, r += lda, t += L) {
				System.arraycopy(a, r, left, t, valid);
				Arrays.fill(left, t + valid, t + L, a[r + valid - 1]);
			}
		}
	}

	@Override
	public void gemmNN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		if (m < 4) {
			clear(m, n, c, co, ldc, accumulate);
			for (int j = 0; j < n; j += COLUMNS) {
				for (int i = 0; i < m; i++) {
					row(Math.min(COLUMNS, n - j), k, a, ao + i * lda, b, bo + j, ldb, c, co + i * ldc + j);
				}
			}
			return;
		}
		for (int n0 = 0; n0 < n; n0 += NC) {
			int nc = Math.min(NC, n - n0);
			if (k == 0) {
				clear(m, nc, c, co + n0, ldc, accumulate);
			}
			for (int k0 = 0; k0 < k; k0 += KC) {
				int kc = Math.min(KC, k - k0);
				int from = bo + k0 * ldb + n0;
				boolean add = accumulate || k0 > 0;
				int direct = m < PACKED ? nc / (WIDE * L) * (WIDE * L) : 0;
				for (int j = 0; j < direct; j += WIDE * L) {
					column(m, WIDE * L, WIDE * L, kc, a, ao + k0, lda, b, from + j, ldb, c, co + n0 + j, ldc, add);
				}
				if (direct < nc) {
					packRows(kc, nc - direct, b, from + direct, ldb);
					panels(m, nc - direct, kc, a, ao + k0, lda, c, co + n0 + direct, ldc, add);
				}
			}
		}
	}

	@Override
	public void gemmNT(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		for (int n0 = 0; n0 < n; n0 += NC) {
			int nc = Math.min(NC, n - n0);
			if (k == 0) {
				clear(m, nc, c, co + n0, ldc, accumulate);
			}
			for (int k0 = 0; k0 < k; k0 += KC) {
				int kc = Math.min(KC, k - k0);
				packTransposed(kc, nc, b, bo + n0 * ldb + k0, ldb);
				panels(m, nc, kc, a, ao + k0, lda, c, co + n0, ldc, accumulate || k0 > 0);
			}
		}
	}

	/** C = A times what is packed, or added to C. */
	private void panels(int m, int n, int kc, float[] a, int ao, int lda, float[] c, int co, int ldc, boolean add) {
		for (int i = 0; i < m; i += MC) {
			int rows = Math.min(MC, m - i);
			for (int j = 0; j < n;) {
				int width = panel(n - j);
				column(rows, Math.min(width, n - j), width, kc, a, ao + i * lda, lda, pack, kc * j, width, c,
						co + i * ldc + j, ldc, add);
				j += width;
			}
		}
	}

	/** Tiles one below the other. */
	private void column(int m, int valid, int width, int kc, float[] a, int ao, int lda, float[] b, int bo, int ldb,
			float[] c, int co, int ldc, boolean add) {
		float[] f = add ? c : zeros;
		int ldf = add ? ldc : 0;
		for (int i = 0; i < m; i += R) {
			int rows = Math.min(R, m - i);
			int c0 = co + i * ldc;
			int f0 = add ? c0 : 0;
			if (valid < width) {
				loadScratch(rows, valid, width, f, f0, ldf);
				tileNN(width, rows, kc, a, ao + i * lda, lda, b, bo, ldb, scratch, 0, width, scratch, 0, width);
				storeScratch(rows, valid, width, c, c0, ldc);
			} else {
				tileNN(width, rows, kc, a, ao + i * lda, lda, b, bo, ldb, f, f0, ldf, c, c0, ldc);
			}
		}
	}

	private static void tileNN(int width, int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb,
			float[] f, int f0, int ldf, float[] c, int c0, int ldc) {
		if (width == 2 * L) {
			tileNN2(rows, k, a, a0, lda, b, bo, ldb, f, f0, ldf, c, c0, ldc);
		} else {
			tileNN4(rows, k, a, a0, lda, b, bo, ldb, f, f0, ldf, c, c0, ldc);
		}
	}

	private static void tileTN(int width, int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb,
			float[] f, int f0, int ldf, float[] c, int c0, int ldc) {
		if (width == 2 * L) {
			tileTN2(rows, k, a, a0, lda, b, bo, ldb, f, f0, ldf, c, c0, ldc);
		} else {
			tileTN4(rows, k, a, a0, lda, b, bo, ldb, f, f0, ldf, c, c0, ldc);
		}
	}

	/** Edges start from what is in F, as whole tiles do, so that an element is rounded alike wherever it lies. */
	private void loadScratch(int rows, int valid, int width, float[] f, int fo, int ldf) {
		for (int i = 0; i < rows; i++) {
			System.arraycopy(f, fo + i * ldf, scratch, i * width, valid);
		}
	}

	private void storeScratch(int rows, int valid, int width, float[] c, int co, int ldc) {
		for (int i = 0; i < rows; i++) {
			System.arraycopy(scratch, i * width, c, co + i * ldc, valid);
		}
	}

	@Override
	public void gemmTN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		if (k == 0) {
			clear(m, n, c, co, ldc, accumulate);
		}
		for (int n0 = 0; n0 < n; n0 += NC) {
			int nc = Math.min(NC, n - n0);
			for (int k0 = 0; k0 < k; k0 += KT) {
				int kc = Math.min(KT, k - k0);
				boolean add = accumulate || k0 > 0;
				packRows(kc, nc, b, bo + k0 * ldb + n0, ldb);
				for (int m0 = 0; m0 < m; m0 += MT) {
					int mc = Math.min(MT, m - m0);
					packLeft(kc, mc, a, ao + k0 * lda + m0, lda);
					for (int j = 0; j < nc;) {
						int width = panel(nc - j);
						columnTN(mc, Math.min(width, nc - j), width, kc, kc * j, c, co + m0 * ldc + n0 + j, ldc, add);
						j += width;
					}
				}
			}
		}
	}

	/** Tiles of packed A and B one below the other. */
	private void columnTN(int m, int valid, int width, int kc, int bo, float[] c, int co, int ldc, boolean add) {
		float[] f = add ? c : zeros;
		int ldf = add ? ldc : 0;
		for (int i = 0; i < m; i += T) {
			int rows = Math.min(T, m - i);
			int c0 = co + i * ldc;
			int f0 = add ? c0 : 0;
			int from = i / L * L * kc + i % L;
			if (valid < width) {
				loadScratch(rows, valid, width, f, f0, ldf);
				tileTN(width, rows, kc, left, from, L, pack, bo, width, scratch, 0, width, scratch, 0, width);
				storeScratch(rows, valid, width, c, c0, ldc);
			} else {
				tileTN(width, rows, kc, left, from, L, pack, bo, width, f, f0, ldf, c, c0, ldc);
			}
		}
	}

	/** Six rows by four vectors: C = F + A B; of missing rows the last is computed again. */
	private static void tileNN4(int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb, float[] f,
			int f0, int ldf, float[] c, int c0, int ldc) {
		int a1 = rows > 1 ? a0 + lda : a0;
		int a2 = rows > 2 ? a1 + lda : a1;
		int a3 = rows > 3 ? a2 + lda : a2;
		int a4 = rows > 4 ? a3 + lda : a3;
		int a5 = rows > 5 ? a4 + lda : a4;
		int f1 = rows > 1 ? f0 + ldf : f0;
		int f2 = rows > 2 ? f1 + ldf : f1;
		int f3 = rows > 3 ? f2 + ldf : f2;
		int f4 = rows > 4 ? f3 + ldf : f3;
		int f5 = rows > 5 ? f4 + ldf : f4;
		int c1 = rows > 1 ? c0 + ldc : c0;
		int c2 = rows > 2 ? c1 + ldc : c1;
		int c3 = rows > 3 ? c2 + ldc : c2;
		int c4 = rows > 4 ? c3 + ldc : c3;
		int c5 = rows > 5 ? c4 + ldc : c4;
		FloatVector s00 = FloatVector.fromArray(S, f, f0);
		FloatVector s01 = FloatVector.fromArray(S, f, f0 + L);
		FloatVector s02 = FloatVector.fromArray(S, f, f0 + 2 * L);
		FloatVector s03 = FloatVector.fromArray(S, f, f0 + 3 * L);
		FloatVector s10 = FloatVector.fromArray(S, f, f1);
		FloatVector s11 = FloatVector.fromArray(S, f, f1 + L);
		FloatVector s12 = FloatVector.fromArray(S, f, f1 + 2 * L);
		FloatVector s13 = FloatVector.fromArray(S, f, f1 + 3 * L);
		FloatVector s20 = FloatVector.fromArray(S, f, f2);
		FloatVector s21 = FloatVector.fromArray(S, f, f2 + L);
		FloatVector s22 = FloatVector.fromArray(S, f, f2 + 2 * L);
		FloatVector s23 = FloatVector.fromArray(S, f, f2 + 3 * L);
		FloatVector s30 = FloatVector.fromArray(S, f, f3);
		FloatVector s31 = FloatVector.fromArray(S, f, f3 + L);
		FloatVector s32 = FloatVector.fromArray(S, f, f3 + 2 * L);
		FloatVector s33 = FloatVector.fromArray(S, f, f3 + 3 * L);
		FloatVector s40 = FloatVector.fromArray(S, f, f4);
		FloatVector s41 = FloatVector.fromArray(S, f, f4 + L);
		FloatVector s42 = FloatVector.fromArray(S, f, f4 + 2 * L);
		FloatVector s43 = FloatVector.fromArray(S, f, f4 + 3 * L);
		FloatVector s50 = FloatVector.fromArray(S, f, f5);
		FloatVector s51 = FloatVector.fromArray(S, f, f5 + L);
		FloatVector s52 = FloatVector.fromArray(S, f, f5 + 2 * L);
		FloatVector s53 = FloatVector.fromArray(S, f, f5 + 3 * L);
		for (int p = 0, q = bo; p < k; p++, q += ldb) {
			FloatVector b0 = FloatVector.fromArray(S, b, q);
			FloatVector b1 = FloatVector.fromArray(S, b, q + L);
			FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
			FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
			FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
			s00 = x.fma(b0, s00);
			s01 = x.fma(b1, s01);
			s02 = x.fma(b2, s02);
			s03 = x.fma(b3, s03);
			x = FloatVector.broadcast(S, a[a1 + p]);
			s10 = x.fma(b0, s10);
			s11 = x.fma(b1, s11);
			s12 = x.fma(b2, s12);
			s13 = x.fma(b3, s13);
			x = FloatVector.broadcast(S, a[a2 + p]);
			s20 = x.fma(b0, s20);
			s21 = x.fma(b1, s21);
			s22 = x.fma(b2, s22);
			s23 = x.fma(b3, s23);
			x = FloatVector.broadcast(S, a[a3 + p]);
			s30 = x.fma(b0, s30);
			s31 = x.fma(b1, s31);
			s32 = x.fma(b2, s32);
			s33 = x.fma(b3, s33);
			x = FloatVector.broadcast(S, a[a4 + p]);
			s40 = x.fma(b0, s40);
			s41 = x.fma(b1, s41);
			s42 = x.fma(b2, s42);
			s43 = x.fma(b3, s43);
			x = FloatVector.broadcast(S, a[a5 + p]);
			s50 = x.fma(b0, s50);
			s51 = x.fma(b1, s51);
			s52 = x.fma(b2, s52);
			s53 = x.fma(b3, s53);
		}
		s00.intoArray(c, c0);
		s01.intoArray(c, c0 + L);
		s02.intoArray(c, c0 + 2 * L);
		s03.intoArray(c, c0 + 3 * L);
		s10.intoArray(c, c1);
		s11.intoArray(c, c1 + L);
		s12.intoArray(c, c1 + 2 * L);
		s13.intoArray(c, c1 + 3 * L);
		s20.intoArray(c, c2);
		s21.intoArray(c, c2 + L);
		s22.intoArray(c, c2 + 2 * L);
		s23.intoArray(c, c2 + 3 * L);
		s30.intoArray(c, c3);
		s31.intoArray(c, c3 + L);
		s32.intoArray(c, c3 + 2 * L);
		s33.intoArray(c, c3 + 3 * L);
		s40.intoArray(c, c4);
		s41.intoArray(c, c4 + L);
		s42.intoArray(c, c4 + 2 * L);
		s43.intoArray(c, c4 + 3 * L);
		s50.intoArray(c, c5);
		s51.intoArray(c, c5 + L);
		s52.intoArray(c, c5 + 2 * L);
		s53.intoArray(c, c5 + 3 * L);
	}

	/** Six rows by two vectors: C = F + A B. */
	private static void tileNN2(int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb, float[] f,
			int f0, int ldf, float[] c, int c0, int ldc) {
		int a1 = rows > 1 ? a0 + lda : a0;
		int a2 = rows > 2 ? a1 + lda : a1;
		int a3 = rows > 3 ? a2 + lda : a2;
		int a4 = rows > 4 ? a3 + lda : a3;
		int a5 = rows > 5 ? a4 + lda : a4;
		int f1 = rows > 1 ? f0 + ldf : f0;
		int f2 = rows > 2 ? f1 + ldf : f1;
		int f3 = rows > 3 ? f2 + ldf : f2;
		int f4 = rows > 4 ? f3 + ldf : f3;
		int f5 = rows > 5 ? f4 + ldf : f4;
		int c1 = rows > 1 ? c0 + ldc : c0;
		int c2 = rows > 2 ? c1 + ldc : c1;
		int c3 = rows > 3 ? c2 + ldc : c2;
		int c4 = rows > 4 ? c3 + ldc : c3;
		int c5 = rows > 5 ? c4 + ldc : c4;
		FloatVector s00 = FloatVector.fromArray(S, f, f0);
		FloatVector s01 = FloatVector.fromArray(S, f, f0 + L);
		FloatVector s10 = FloatVector.fromArray(S, f, f1);
		FloatVector s11 = FloatVector.fromArray(S, f, f1 + L);
		FloatVector s20 = FloatVector.fromArray(S, f, f2);
		FloatVector s21 = FloatVector.fromArray(S, f, f2 + L);
		FloatVector s30 = FloatVector.fromArray(S, f, f3);
		FloatVector s31 = FloatVector.fromArray(S, f, f3 + L);
		FloatVector s40 = FloatVector.fromArray(S, f, f4);
		FloatVector s41 = FloatVector.fromArray(S, f, f4 + L);
		FloatVector s50 = FloatVector.fromArray(S, f, f5);
		FloatVector s51 = FloatVector.fromArray(S, f, f5 + L);
		for (int p = 0, q = bo; p < k; p++, q += ldb) {
			FloatVector b0 = FloatVector.fromArray(S, b, q);
			FloatVector b1 = FloatVector.fromArray(S, b, q + L);
			FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
			s00 = x.fma(b0, s00);
			s01 = x.fma(b1, s01);
			x = FloatVector.broadcast(S, a[a1 + p]);
			s10 = x.fma(b0, s10);
			s11 = x.fma(b1, s11);
			x = FloatVector.broadcast(S, a[a2 + p]);
			s20 = x.fma(b0, s20);
			s21 = x.fma(b1, s21);
			x = FloatVector.broadcast(S, a[a3 + p]);
			s30 = x.fma(b0, s30);
			s31 = x.fma(b1, s31);
			x = FloatVector.broadcast(S, a[a4 + p]);
			s40 = x.fma(b0, s40);
			s41 = x.fma(b1, s41);
			x = FloatVector.broadcast(S, a[a5 + p]);
			s50 = x.fma(b0, s50);
			s51 = x.fma(b1, s51);
		}
		s00.intoArray(c, c0);
		s01.intoArray(c, c0 + L);
		s10.intoArray(c, c1);
		s11.intoArray(c, c1 + L);
		s20.intoArray(c, c2);
		s21.intoArray(c, c2 + L);
		s30.intoArray(c, c3);
		s31.intoArray(c, c3 + L);
		s40.intoArray(c, c4);
		s41.intoArray(c, c4 + L);
		s50.intoArray(c, c5);
		s51.intoArray(c, c5 + L);
	}

	/** Four rows by four vectors: C = F + A transposed B; missing rows must repeat the last column of A. */
	private static void tileTN4(int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb, float[] f,
			int f0, int ldf, float[] c, int c0, int ldc) {
		int f1 = rows > 1 ? f0 + ldf : f0;
		int f2 = rows > 2 ? f1 + ldf : f1;
		int f3 = rows > 3 ? f2 + ldf : f2;
		int c1 = rows > 1 ? c0 + ldc : c0;
		int c2 = rows > 2 ? c1 + ldc : c1;
		int c3 = rows > 3 ? c2 + ldc : c2;
		FloatVector s00 = FloatVector.fromArray(S, f, f0);
		FloatVector s01 = FloatVector.fromArray(S, f, f0 + L);
		FloatVector s02 = FloatVector.fromArray(S, f, f0 + 2 * L);
		FloatVector s03 = FloatVector.fromArray(S, f, f0 + 3 * L);
		FloatVector s10 = FloatVector.fromArray(S, f, f1);
		FloatVector s11 = FloatVector.fromArray(S, f, f1 + L);
		FloatVector s12 = FloatVector.fromArray(S, f, f1 + 2 * L);
		FloatVector s13 = FloatVector.fromArray(S, f, f1 + 3 * L);
		FloatVector s20 = FloatVector.fromArray(S, f, f2);
		FloatVector s21 = FloatVector.fromArray(S, f, f2 + L);
		FloatVector s22 = FloatVector.fromArray(S, f, f2 + 2 * L);
		FloatVector s23 = FloatVector.fromArray(S, f, f2 + 3 * L);
		FloatVector s30 = FloatVector.fromArray(S, f, f3);
		FloatVector s31 = FloatVector.fromArray(S, f, f3 + L);
		FloatVector s32 = FloatVector.fromArray(S, f, f3 + 2 * L);
		FloatVector s33 = FloatVector.fromArray(S, f, f3 + 3 * L);
		for (int p = 0, q = bo, r = a0; p < k; p++, q += ldb, r += lda) {
			FloatVector b0 = FloatVector.fromArray(S, b, q);
			FloatVector b1 = FloatVector.fromArray(S, b, q + L);
			FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
			FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
			FloatVector x = FloatVector.broadcast(S, a[r]);
			s00 = x.fma(b0, s00);
			s01 = x.fma(b1, s01);
			s02 = x.fma(b2, s02);
			s03 = x.fma(b3, s03);
			x = FloatVector.broadcast(S, a[r + 1]);
			s10 = x.fma(b0, s10);
			s11 = x.fma(b1, s11);
			s12 = x.fma(b2, s12);
			s13 = x.fma(b3, s13);
			x = FloatVector.broadcast(S, a[r + 2]);
			s20 = x.fma(b0, s20);
			s21 = x.fma(b1, s21);
			s22 = x.fma(b2, s22);
			s23 = x.fma(b3, s23);
			x = FloatVector.broadcast(S, a[r + 3]);
			s30 = x.fma(b0, s30);
			s31 = x.fma(b1, s31);
			s32 = x.fma(b2, s32);
			s33 = x.fma(b3, s33);
		}
		s00.intoArray(c, c0);
		s01.intoArray(c, c0 + L);
		s02.intoArray(c, c0 + 2 * L);
		s03.intoArray(c, c0 + 3 * L);
		s10.intoArray(c, c1);
		s11.intoArray(c, c1 + L);
		s12.intoArray(c, c1 + 2 * L);
		s13.intoArray(c, c1 + 3 * L);
		s20.intoArray(c, c2);
		s21.intoArray(c, c2 + L);
		s22.intoArray(c, c2 + 2 * L);
		s23.intoArray(c, c2 + 3 * L);
		s30.intoArray(c, c3);
		s31.intoArray(c, c3 + L);
		s32.intoArray(c, c3 + 2 * L);
		s33.intoArray(c, c3 + 3 * L);
	}

	/** Four rows by two vectors: C = F + A transposed B. */
	private static void tileTN2(int rows, int k, float[] a, int a0, int lda, float[] b, int bo, int ldb, float[] f,
			int f0, int ldf, float[] c, int c0, int ldc) {
		int f1 = rows > 1 ? f0 + ldf : f0;
		int f2 = rows > 2 ? f1 + ldf : f1;
		int f3 = rows > 3 ? f2 + ldf : f2;
		int c1 = rows > 1 ? c0 + ldc : c0;
		int c2 = rows > 2 ? c1 + ldc : c1;
		int c3 = rows > 3 ? c2 + ldc : c2;
		FloatVector s00 = FloatVector.fromArray(S, f, f0);
		FloatVector s01 = FloatVector.fromArray(S, f, f0 + L);
		FloatVector s10 = FloatVector.fromArray(S, f, f1);
		FloatVector s11 = FloatVector.fromArray(S, f, f1 + L);
		FloatVector s20 = FloatVector.fromArray(S, f, f2);
		FloatVector s21 = FloatVector.fromArray(S, f, f2 + L);
		FloatVector s30 = FloatVector.fromArray(S, f, f3);
		FloatVector s31 = FloatVector.fromArray(S, f, f3 + L);
		for (int p = 0, q = bo, r = a0; p < k; p++, q += ldb, r += lda) {
			FloatVector b0 = FloatVector.fromArray(S, b, q);
			FloatVector b1 = FloatVector.fromArray(S, b, q + L);
			FloatVector x = FloatVector.broadcast(S, a[r]);
			s00 = x.fma(b0, s00);
			s01 = x.fma(b1, s01);
			x = FloatVector.broadcast(S, a[r + 1]);
			s10 = x.fma(b0, s10);
			s11 = x.fma(b1, s11);
			x = FloatVector.broadcast(S, a[r + 2]);
			s20 = x.fma(b0, s20);
			s21 = x.fma(b1, s21);
			x = FloatVector.broadcast(S, a[r + 3]);
			s30 = x.fma(b0, s30);
			s31 = x.fma(b1, s31);
		}
		s00.intoArray(c, c0);
		s01.intoArray(c, c0 + L);
		s10.intoArray(c, c1);
		s11.intoArray(c, c1 + L);
		s20.intoArray(c, c2);
		s21.intoArray(c, c2 + L);
		s30.intoArray(c, c3);
		s31.intoArray(c, c3 + L);
	}
	/** C += a B for one row, eight rows of B at a time, in their order. */
	private static void row(int n, int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co) {
		int end = S.loopBound(n);
		int p = 0;
		for (; p + 8 <= k; p += 8) {
			int b0 = bo + p * ldb;
			int b1 = b0 + ldb;
			int b2 = b1 + ldb;
			int b3 = b2 + ldb;
			int b4 = b3 + ldb;
			int b5 = b4 + ldb;
			int b6 = b5 + ldb;
			int b7 = b6 + ldb;
			float a0 = a[ao + p];
			float a1 = a[ao + p + 1];
			float a2 = a[ao + p + 2];
			float a3 = a[ao + p + 3];
			float a4 = a[ao + p + 4];
			float a5 = a[ao + p + 5];
			float a6 = a[ao + p + 6];
			float a7 = a[ao + p + 7];
			FloatVector x0 = FloatVector.broadcast(S, a0);
			FloatVector x1 = FloatVector.broadcast(S, a1);
			FloatVector x2 = FloatVector.broadcast(S, a2);
			FloatVector x3 = FloatVector.broadcast(S, a3);
			FloatVector x4 = FloatVector.broadcast(S, a4);
			FloatVector x5 = FloatVector.broadcast(S, a5);
			FloatVector x6 = FloatVector.broadcast(S, a6);
			FloatVector x7 = FloatVector.broadcast(S, a7);
			int j = 0;
			for (; j < end; j += L) {
				FloatVector s = FloatVector.fromArray(S, c, co + j);
				s = x0.fma(FloatVector.fromArray(S, b, b0 + j), s);
				s = x1.fma(FloatVector.fromArray(S, b, b1 + j), s);
				s = x2.fma(FloatVector.fromArray(S, b, b2 + j), s);
				s = x3.fma(FloatVector.fromArray(S, b, b3 + j), s);
				s = x4.fma(FloatVector.fromArray(S, b, b4 + j), s);
				s = x5.fma(FloatVector.fromArray(S, b, b5 + j), s);
				s = x6.fma(FloatVector.fromArray(S, b, b6 + j), s);
				s = x7.fma(FloatVector.fromArray(S, b, b7 + j), s);
				s.intoArray(c, co + j);
			}
			for (; j < n; j++) {
				float s = Math.fma(a0, b[b0 + j], c[co + j]);
				s = Math.fma(a1, b[b1 + j], s);
				s = Math.fma(a2, b[b2 + j], s);
				s = Math.fma(a3, b[b3 + j], s);
				s = Math.fma(a4, b[b4 + j], s);
				s = Math.fma(a5, b[b5 + j], s);
				s = Math.fma(a6, b[b6 + j], s);
				c[co + j] = Math.fma(a7, b[b7 + j], s);
			}
		}
		for (; p < k; p++) {
			FloatVector x = FloatVector.broadcast(S, a[ao + p]);
			int from = bo + p * ldb;
			int j = 0;
			for (; j < end; j += L) {
				x.fma(FloatVector.fromArray(S, b, from + j), FloatVector.fromArray(S, c, co + j)).intoArray(c, co + j);
			}
			for (; j < n; j++) {
				c[co + j] = Math.fma(a[ao + p], b[from + j], c[co + j]);
			}
		}
	}

	@Override
	public float dot(float[] a, int ao, float[] b, int bo, int n) {
		FloatVector s = FloatVector.zero(S);
		FloatVector t = FloatVector.zero(S);
		int i = 0;
		for (int end = n - 2 * L; i <= end; i += 2 * L) {
			s = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), s);
			t = FloatVector.fromArray(S, a, ao + i + L).fma(FloatVector.fromArray(S, b, bo + i + L), t);
		}
		if (i + L <= n) {
			s = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), s);
			i += L;
		}
		s.add(t).intoArray(lanes, 0);
		float sum = lanes();
		for (; i < n; i++) {
			sum += a[ao + i] * b[bo + i];
		}
		return sum;
	}

	/** Sum of a vector that was stored in {@link #lanes}: {@code reduceLanes} adds one lane after another. */
	private float lanes() {
		float[] v = lanes;
		for (int n = L / 2; n > 4; n /= 2) {
			for (int i = 0; i < n; i++) {
				v[i] += v[i + n];
			}
		}
		return L == 4 ? v[0] + v[1] + (v[2] + v[3]) : v[0] + v[4] + (v[1] + v[5]) + (v[2] + v[6] + (v[3] + v[7]));
	}

	@Override
	public void axpy(float alpha, float[] x, int xo, float[] y, int yo, int n) {
		FloatVector f = FloatVector.broadcast(S, alpha);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			f.fma(FloatVector.fromArray(S, x, xo + i), FloatVector.fromArray(S, y, yo + i)).intoArray(y, yo + i);
		}
		for (; i < n; i++) {
			y[yo + i] = Math.fma(alpha, x[xo + i], y[yo + i]);
		}
	}

	@Override
	public void add(float[] x, int xo, float[] y, int yo, int n) {
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			FloatVector.fromArray(S, y, yo + i).add(FloatVector.fromArray(S, x, xo + i)).intoArray(y, yo + i);
		}
		for (; i < n; i++) {
			y[yo + i] += x[xo + i];
		}
	}

	@Override
	public void multiply(float[] x, int xo, float[] y, int yo, int n) {
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			FloatVector.fromArray(S, y, yo + i).mul(FloatVector.fromArray(S, x, xo + i)).intoArray(y, yo + i);
		}
		for (; i < n; i++) {
			y[yo + i] *= x[xo + i];
		}
	}

	@Override
	public void addBiasRelu(int rows, int n, float[] x, int xo, float[] bias, int bo) {
		FloatVector zero = FloatVector.zero(S);
		int end = S.loopBound(n);
		for (int r = 0; r < rows; r++) {
			int p = xo + r * n;
			int i = 0;
			for (; i < end; i += L) {
				FloatVector v = FloatVector.fromArray(S, x, p + i).add(FloatVector.fromArray(S, bias, bo + i));
				v.max(zero).intoArray(x, p + i);
			}
			for (; i < n; i++) {
				x[p + i] = Math.max(0f, x[p + i] + bias[bo + i]);
			}
		}
	}

	@Override
	public void reluBackward(float[] y, float[] dy, int n) {
		FloatVector zero = FloatVector.zero(S);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			VectorMask<Float> on = FloatVector.fromArray(S, y, i).compare(VectorOperators.GT, 0f);
			zero.blend(FloatVector.fromArray(S, dy, i), on).intoArray(dy, i);
		}
		for (; i < n; i++) {
			dy[i] = y[i] > 0 ? dy[i] : 0f;
		}
	}

	@Override
	public void addColumnSums(int rows, int n, float[] x, int xo, float[] sums, int so) {
		int r = 0;
		int end = S.loopBound(n);
		for (; r + 4 <= rows; r += 4) {
			int p0 = xo + r * n;
			int p1 = p0 + n;
			int p2 = p1 + n;
			int p3 = p2 + n;
			int i = 0;
			for (; i < end; i += L) {
				FloatVector a = FloatVector.fromArray(S, x, p0 + i).add(FloatVector.fromArray(S, x, p1 + i));
				FloatVector b = FloatVector.fromArray(S, x, p2 + i).add(FloatVector.fromArray(S, x, p3 + i));
				FloatVector.fromArray(S, sums, so + i).add(a.add(b)).intoArray(sums, so + i);
			}
			for (; i < n; i++) {
				sums[so + i] += x[p0 + i] + x[p1 + i] + (x[p2 + i] + x[p3 + i]);
			}
		}
		for (; r < rows; r++) {
			add(x, xo + r * n, sums, so, n);
		}
	}

	@Override
	public void layerNorm(int rows, int d, float[] x, int xo, float[] gain, int go, float[] bias, int bo, float[] y,
			int yo, float[] stats) {
		int end = S.loopBound(d);
		for (int r = 0; r < rows; r++) {
			int xp = xo + r * d;
			int yp = yo + r * d;
			FloatVector s = FloatVector.zero(S);
			int i = 0;
			for (; i < end; i += L) {
				s = s.add(FloatVector.fromArray(S, x, xp + i));
			}
			s.intoArray(lanes, 0);
			float sum = lanes();
			for (; i < d; i++) {
				sum += x[xp + i];
			}
			float mean = sum / d;
			FloatVector shift = FloatVector.broadcast(S, mean);
			s = FloatVector.zero(S);
			for (i = 0; i < end; i += L) {
				FloatVector v = FloatVector.fromArray(S, x, xp + i).sub(shift);
				s = v.fma(v, s);
			}
			s.intoArray(lanes, 0);
			sum = lanes();
			for (; i < d; i++) {
				float v = x[xp + i] - mean;
				sum += v * v;
			}
			float rstd = (float) (1 / Math.sqrt(sum / d + EPS));
			if (stats != null) {
				stats[2 * r] = mean;
				stats[2 * r + 1] = rstd;
			}
			FloatVector factor = FloatVector.broadcast(S, rstd);
			for (i = 0; i < end; i += L) {
				FloatVector v = FloatVector.fromArray(S, x, xp + i).sub(shift).mul(factor);
				v.fma(FloatVector.fromArray(S, gain, go + i), FloatVector.fromArray(S, bias, bo + i))
						.intoArray(y, yp + i);
			}
			for (; i < d; i++) {
				y[yp + i] = (x[xp + i] - mean) * rstd * gain[go + i] + bias[bo + i];
			}
		}
	}

	@Override
	public void layerNormBackward(int rows, int d, float[] x, float[] stats, float[] gain, int go, float[] dy,
			float[] dx, float[] dGain, int dgo, float[] dBias, int dbo) {
		int end = S.loopBound(d);
		for (int r = 0; r < rows; r++) {
			int p = r * d;
			float mean = stats[2 * r];
			float rstd = stats[2 * r + 1];
			FloatVector shift = FloatVector.broadcast(S, mean);
			FloatVector factor = FloatVector.broadcast(S, rstd);
			FloatVector v1 = FloatVector.zero(S);
			FloatVector v2 = FloatVector.zero(S);
			int i = 0;
			for (; i < end; i += L) {
				FloatVector z = FloatVector.fromArray(S, x, p + i).sub(shift).mul(factor);
				FloatVector g = FloatVector.fromArray(S, dy, p + i);
				g.fma(z, FloatVector.fromArray(S, dGain, dgo + i)).intoArray(dGain, dgo + i);
				FloatVector.fromArray(S, dBias, dbo + i).add(g).intoArray(dBias, dbo + i);
				FloatVector h = g.mul(FloatVector.fromArray(S, gain, go + i));
				v1 = v1.add(h);
				v2 = h.fma(z, v2);
			}
			v1.intoArray(lanes, 0);
			float s1 = lanes();
			v2.intoArray(lanes, 0);
			float s2 = lanes();
			for (; i < d; i++) {
				float z = (x[p + i] - mean) * rstd;
				float g = dy[p + i];
				dGain[dgo + i] += g * z;
				dBias[dbo + i] += g;
				s1 += g * gain[go + i];
				s2 += g * gain[go + i] * z;
			}
			s1 /= d;
			s2 /= d;
			FloatVector m1 = FloatVector.broadcast(S, -s1);
			FloatVector m2 = FloatVector.broadcast(S, -s2);
			for (i = 0; i < end; i += L) {
				FloatVector z = FloatVector.fromArray(S, x, p + i).sub(shift).mul(factor);
				FloatVector g = FloatVector.fromArray(S, dy, p + i);
				FloatVector h = g.fma(FloatVector.fromArray(S, gain, go + i), z.fma(m2, m1));
				h.fma(factor, FloatVector.fromArray(S, dx, p + i)).intoArray(dx, p + i);
			}
			for (; i < d; i++) {
				float z = (x[p + i] - mean) * rstd;
				dx[p + i] += rstd * (dy[p + i] * gain[go + i] - s1 - z * s2);
			}
		}
	}

	@Override
	protected void affine(float[] x, int xo, int n, float factor, float summand) {
		FloatVector f = FloatVector.broadcast(S, factor);
		FloatVector s = FloatVector.broadcast(S, summand);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			FloatVector.fromArray(S, x, xo + i).fma(f, s).intoArray(x, xo + i);
		}
		for (; i < n; i++) {
			x[xo + i] = Math.fma(x[xo + i], factor, summand);
		}
	}

	@Override
	public float dotInOrder(float[] a, int ao, float[] b, int bo, int n) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			sum = Math.fma(a[ao + i], b[bo + i], sum);
		}
		return sum;
	}

	@Override
	public void attention(int sequences, int[] offsets, int d, int heads, boolean causal, float[] qkv, float[] out,
			float[] probs) {
		int dh = d / heads;
		if (dh % (2 * L) != 0) {
			super.attention(sequences, offsets, d, heads, causal, qkv, out, probs);
			return;
		}
		int ld = 3 * d;
		float scale = (float) (1 / Math.sqrt(dh));
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			int width = up(n, 2 * L);
			turned = grown(turned, dh * width);
			weights = grown(weights, R * width);
			for (int h = 0; h < heads; h++, pp += n * n) {
				int q = first * ld + h * dh;
				turn(n, dh, qkv, q + d, ld, turned, 0, width);
				for (int i = 0; i < n; i += R) {
					int rows = Math.min(R, n - i);
					int keys = causal ? i + rows : n;
					rowsNN(rows, up(keys, 2 * L), dh, qkv, q + i * ld, ld, turned, 0, width, weights, 0, width);
					softmaxRows(rows, causal ? i + 1 : n, causal ? 1 : 0, keys, weights, 0, width, scale);
					for (int r = 0; probs != null && r < rows; r++) {
						int p = pp + (i + r) * n;
						System.arraycopy(weights, r * width, probs, p, keys);
						Arrays.fill(probs, p + keys, p + n, 0f);
					}
					rowsNN(rows, dh, keys, weights, 0, width, qkv, q + 2 * d, ld, out, (first + i) * d + h * dh, d);
				}
			}
		}
	}

	/**
	 * Softmax of the first {@code seen} of {@code n} values, {@code more} further ones in every row; the others become zero. Works in
	 * whole vectors; what is beyond counts as e^-87 in the sum, which is nothing next to the largest's 1. Rows go
	 * through each step together, so that the processor needn't wait for one row's maximum and sum.
	 */
	private void softmaxRows(int rows, int seen, int more, int n, float[] x, int xo, int ldx, float scale) {
		for (int r = 0; r < rows; r++) {
			FloatVector top = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
			for (int j = 0, at = xo + r * ldx; j < seen + r * more; j += L) {
				FloatVector beyond = FloatVector.fromArray(S, minus, Math.max(0, j + L - seen - r * more));
				top = top.max(FloatVector.fromArray(S, x, at + j).add(beyond));
			}
			shifts[r] = top.reduceLanes(VectorOperators.MAX);
		}
		FloatVector floor = FloatVector.broadcast(S, -87f);
		FloatVector log2e = FloatVector.broadcast(S, LOG2E);
		FloatVector magic = FloatVector.broadcast(S, MAGIC);
		FloatVector minusHigh = FloatVector.broadcast(S, -0.693359375f);
		FloatVector low = FloatVector.broadcast(S, 2.12194440e-4f);
		FloatVector one = FloatVector.broadcast(S, 1f);
		FloatVector p5 = FloatVector.broadcast(S, 1.3981999507e-3f);
		FloatVector p4 = FloatVector.broadcast(S, 8.3334519073e-3f);
		FloatVector p3 = FloatVector.broadcast(S, 4.1665795894e-2f);
		FloatVector p2 = FloatVector.broadcast(S, 1.6666665459e-1f);
		FloatVector p1 = FloatVector.broadcast(S, 5.0000001201e-1f);
		FloatVector p6 = FloatVector.broadcast(S, 1.9875691500e-4f);
		for (int r = 0; r < rows; r++) {
			FloatVector total = FloatVector.zero(S);
			FloatVector shift = FloatVector.broadcast(S, shifts[r]);
			for (int j = 0, at = xo + r * ldx; j < seen + r * more; j += L) {
				FloatVector beyond = FloatVector.fromArray(S, minus, Math.max(0, j + L - seen - r * more));
				FloatVector y = FloatVector.fromArray(S, x, at + j).add(beyond).sub(shift).mul(scale).max(floor);
				FloatVector t = y.fma(log2e, magic);
				FloatVector e = t.sub(magic);
				FloatVector f = e.fma(low, e.fma(minusHigh, y));
				FloatVector p = p6.fma(f, p5).fma(f, p4).fma(f, p3).fma(f, p2).fma(f, p1);
				p = p.mul(f).fma(f, f).add(one);
				IntVector bits = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
				FloatVector v = p.reinterpretAsInts().add(bits).reinterpretAsFloats();
				v.intoArray(x, at + j);
				total = total.add(v);
			}
			total.intoArray(lanes, 0);
			shifts[r] = 1 / lanes();
		}
		for (int r = 0; r < rows; r++) {
			FloatVector factor = FloatVector.broadcast(S, shifts[r]);
			int at = xo + r * ldx;
			int j = 0;
			for (; j < seen + r * more; j += L) {
				FloatVector within = FloatVector.fromArray(S, ones, Math.max(0, j + L - seen - r * more));
				FloatVector.fromArray(S, x, at + j).mul(factor).mul(within).intoArray(x, at + j);
			}
			for (; j < n; j += L) {
				FloatVector.zero(S).intoArray(x, at + j);
			}
		}
	}

	/** C = A B for at most six rows and whole panels, B not packed. */
	private void rowsNN(int rows, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c,
			int co, int ldc) {
		for (int j = 0; j < n;) {
			int width = panel(n - j);
			tileNN(width, rows, k, a, ao, lda, b, bo + j, ldb, zeros, 0, 0, c, co + j, ldc);
			j += width;
		}
	}

	/** C = A transposed B for at most four rows and whole panels, nothing packed. */
	private void rowsTN(int rows, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c,
			int co, int ldc) {
		for (int j = 0; j < n;) {
			int width = panel(n - j);
			tileTN(width, rows, k, a, ao, lda, b, bo + j, ldb, zeros, 0, 0, c, co + j, ldc);
			j += width;
		}
	}

	@Override
	public void attentionBackward(int sequences, int[] offsets, int d, int heads, boolean causal, float[] qkv,
			float[] probs, float[] dout, float[] dqkv) {
		int dh = d / heads;
		if (dh % (2 * L) != 0) {
			super.attentionBackward(sequences, offsets, d, heads, causal, qkv, probs, dout, dqkv);
			return;
		}
		int ld = 3 * d;
		float scale = (float) (1 / Math.sqrt(dh));
		int pp = 0;
		for (int s = 0; s < sequences; s++) {
			int first = offsets[s];
			int n = offsets[s + 1] - first;
			int width = up(n, 2 * L);
			turned = grown(turned, dh * width);
			weights = grown(weights, n * width);
			gradients = grown(gradients, n * width);
			for (int h = 0; h < heads; h++, pp += n * n) {
				int q = first * ld + h * dh;
				int o = first * d + h * dh;
				turn(n, dh, qkv, q + 2 * d, ld, turned, 0, width);
				for (int i = 0; i < n; i += R) {
					int rows = Math.min(R, n - i);
					int seen = causal ? i + rows : n;
					int keys = up(seen, 2 * L);
					rowsNN(rows, keys, dh, dout, o + i * d, d, turned, 0, width, gradients, i * width, width);
					for (int r = i; r < i + rows; r++) {
						int w = r * width;
						System.arraycopy(probs, pp + r * n, weights, w, Math.min(n, keys));
						if (n < keys) {
							Arrays.fill(weights, w + n, w + keys, 0f);
						}
						slopes(keys, weights, gradients, w, scale);
					}
					rowsNN(rows, dh, seen, gradients, i * width, width, qkv, q + d, ld, dqkv, q + i * ld, ld);
				}
				// Rows that a tile has too many repeat the last key, which of causal queries only the last one sees.
				for (int row = causal ? n - 1 : 0; row < n; row++) {
					int end = row * width + n;
					int stop = Math.min(end + T, row * width + width);
					Arrays.fill(weights, end, stop, weights[end - 1]);
					Arrays.fill(gradients, end, stop, gradients[end - 1]);
				}
				for (int j = 0; j < n; j += T) {
					int rows = Math.min(T, n - j);
					int query = causal ? j : 0;
					int w = query * width + j;
					rowsTN(rows, dh, n - query, gradients, w, width, qkv, q + query * ld, ld, dqkv, q + d + j * ld, ld);
					rowsTN(rows, dh, n - query, weights, w, width, dout, o + query * d, d, dqkv, q + 2 * d + j * ld, ld);
				}
			}
		}
	}

	/** The way back through softmax: g = scale p (g - p . g), n a multiple of the lane count. */
	private void slopes(int n, float[] p, float[] g, int at, float scale) {
		FloatVector s = FloatVector.zero(S);
		for (int j = 0; j < n; j += L) {
			s = FloatVector.fromArray(S, p, at + j).fma(FloatVector.fromArray(S, g, at + j), s);
		}
		s.intoArray(lanes, 0);
		FloatVector mean = FloatVector.broadcast(S, lanes());
		FloatVector f = FloatVector.broadcast(S, scale);
		for (int j = 0; j < n; j += L) {
			FloatVector v = FloatVector.fromArray(S, g, at + j).sub(mean);
			v.mul(FloatVector.fromArray(S, p, at + j)).mul(f).intoArray(g, at + j);
		}
	}

	@Override
	protected float sum(float[] x, int xo, int n) {
		FloatVector s = FloatVector.zero(S);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			s = s.add(FloatVector.fromArray(S, x, xo + i));
		}
		s.intoArray(lanes, 0);
		float sum = lanes();
		for (; i < n; i++) {
			sum += x[xo + i];
		}
		return sum;
	}

	@Override
	protected float max(float[] x, int xo, int n) {
		FloatVector s = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			s = s.max(FloatVector.fromArray(S, x, xo + i));
		}
		float max = s.reduceLanes(VectorOperators.MAX);
		for (; i < n; i++) {
			max = Math.max(max, x[xo + i]);
		}
		return max;
	}

	@Override
	protected float exp(float[] x, int xo, int n, float shift, float scale) {
		FloatVector total = FloatVector.zero(S);
		FloatVector floor = FloatVector.broadcast(S, -87f);
		FloatVector log2e = FloatVector.broadcast(S, LOG2E);
		FloatVector magic = FloatVector.broadcast(S, MAGIC);
		FloatVector minusHigh = FloatVector.broadcast(S, -0.693359375f);
		FloatVector low = FloatVector.broadcast(S, 2.12194440e-4f);
		FloatVector one = FloatVector.broadcast(S, 1f);
		FloatVector p5 = FloatVector.broadcast(S, 1.3981999507e-3f);
		FloatVector p4 = FloatVector.broadcast(S, 8.3334519073e-3f);
		FloatVector p3 = FloatVector.broadcast(S, 4.1665795894e-2f);
		FloatVector p2 = FloatVector.broadcast(S, 1.6666665459e-1f);
		FloatVector p1 = FloatVector.broadcast(S, 5.0000001201e-1f);
		FloatVector p6 = FloatVector.broadcast(S, 1.9875691500e-4f);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			FloatVector y = FloatVector.fromArray(S, x, xo + i).sub(shift).mul(scale).max(floor);
			FloatVector t = y.fma(log2e, magic);
			FloatVector e = t.sub(magic);
			FloatVector f = e.fma(low, e.fma(minusHigh, y));
			FloatVector p = p6.fma(f, p5).fma(f, p4).fma(f, p3).fma(f, p2).fma(f, p1);
			p = p.mul(f).fma(f, f).add(one);
			IntVector bits = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
			FloatVector v = p.reinterpretAsInts().add(bits).reinterpretAsFloats();
			v.intoArray(x, xo + i);
			total = total.add(v);
		}
		total.intoArray(lanes, 0);
		float sum = lanes();
		for (; i < n; i++) {
			float v = exp(scale * (x[xo + i] - shift));
			x[xo + i] = v;
			sum += v;
		}
		return sum;
	}

	@Override
	public void adam(float[] p, float[] g, float[] m, float[] v, int from, int to, float gradScale, float lr,
			float beta1, float beta2, float eps, float c1, float c2, float decay) {
		float step = lr / c1;
		float root = (float) (1 / Math.sqrt(c2));
		float keep = 1 - lr * decay;
		int i = from;
		for (; i + L <= to; i += L) {
			FloatVector x = FloatVector.fromArray(S, g, i).mul(gradScale);
			FloatVector mi = FloatVector.fromArray(S, m, i).mul(beta1).add(x.mul(1 - beta1));
			FloatVector vi = FloatVector.fromArray(S, v, i).mul(beta2).add(x.mul(x).mul(1 - beta2));
			mi.intoArray(m, i);
			vi.intoArray(v, i);
			FloatVector change = mi.mul(step).div(vi.sqrt().mul(root).add(eps));
			FloatVector.fromArray(S, p, i).mul(keep).sub(change).intoArray(p, i);
		}
		if (i < to) {
			super.adam(p, g, m, v, i, to, gradScale, lr, beta1, beta2, eps, c1, c2, decay);
		}
	}
}
