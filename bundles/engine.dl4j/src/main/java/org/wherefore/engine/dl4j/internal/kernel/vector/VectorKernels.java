package org.wherefore.engine.dl4j.internal.kernel.vector;

import java.util.Arrays;

import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels over the Vector API, of the width that the processor prefers. Needs
 * {@code --add-modules jdk.incubator.vector}. Confined to one thread at a time.
 * <p>
 * Matrix products pack the right side into panels as wide as a register tile and keep a tile of six rows by four
 * vectors (two where there are only 16 registers) in registers. A tile always adds to C, with C cleared before: a
 * branch inside the tile would make the compiler box the vectors, as would sharing one loop between the kinds of
 * product. Edges are computed in a scratch tile.
 */
public final class VectorKernels extends ScalarKernels {
	private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
	private static final int L = S.length();
	/** Rows of a tile. */
	private static final int R = 6;
	/** Vectors in the widest tile: 6x4 sums need 32 registers, which AVX-512 has. */
	private static final int WIDE = L >= 16 ? 4 : 2;
	/** Depth of a panel, so that it stays in the first level cache. */
	private static final int KC = 128;
	/** Rows of A that stay in the second level cache while panels pass. */
	private static final int MC = 252;
	/** Columns of C that stay in the first level cache while few rows are made; a multiple of every lane count. */
	private static final int COLUMNS = 2048;
	private static final float LOG2E = 1.44269504f;
	private static final float MAGIC = 12582912f;
	private float[] pack = new float[0];
	private final float[] scratch = new float[R * WIDE * L];
	private final float[] left = new float[R * KC];

	/** For one thread at a time. */
	public VectorKernels() {
		if (L < 4) {
			throw new LinkageError("No vector unit");
		}
	}

	@Override
	public String name() {
		return "vector-" + S.vectorBitSize();
	}

	private static int panel(int rest) {
		return rest > 2 * L ? WIDE * L : 2 * L;
	}

	private void reserve(int n) {
		int size = KC * (n + WIDE * L);
		if (pack.length < size) {
			pack = new float[size];
		}
	}

	private void packRows(int kc, int n, float[] b, int bo, int ldb) {
		reserve(n);
		for (int j0 = 0; j0 < n;) {
			int width = panel(n - j0);
			int valid = Math.min(width, n - j0);
			int to = kc * j0;
			for (int p = 0, from = bo + j0; p < kc; p++, to += width, from += ldb) {
				System.arraycopy(b, from, pack, to, valid);
				if (valid < width) {
					Arrays.fill(pack, to + valid, to + width, 0f);
				}
			}
			j0 += width;
		}
	}

	private void packTransposed(int kc, int n, float[] b, int bo, int ldb) {
		reserve(n);
		for (int j0 = 0; j0 < n;) {
			int width = panel(n - j0);
			int valid = Math.min(width, n - j0);
			int base = kc * j0;
			if (valid < width) {
				Arrays.fill(pack, base, base + kc * width, 0f);
			}
			for (int j = 0; j < valid; j++) {
				for (int p = 0, from = bo + (j0 + j) * ldb, to = base + j; p < kc; p++, to += width) {
					pack[to] = b[from + p];
				}
			}
			j0 += width;
		}
	}

	@Override
	public void gemmNN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		clear(m, n, c, co, ldc, accumulate);
		if (m < 4) {
			for (int j0 = 0; j0 < n; j0 += COLUMNS) {
				int valid = Math.min(COLUMNS, n - j0);
				for (int i = 0; i < m; i++) {
					for (int p = 0; p < k; p++) {
						axpy(a[ao + i * lda + p], b, bo + p * ldb + j0, c, co + i * ldc + j0, valid);
					}
				}
			}
			return;
		}
		for (int k0 = 0; k0 < k; k0 += KC) {
			int kc = Math.min(KC, k - k0);
			packRows(kc, n, b, bo + k0 * ldb, ldb);
			panels(m, n, kc, a, ao + k0, lda, c, co, ldc);
		}
	}

	@Override
	public void gemmNT(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate) {
		clear(m, n, c, co, ldc, accumulate);
		if (m < 8) {
			for (int j = 0; j < n; j++) {
				for (int i = 0; i < m; i++) {
					c[co + i * ldc + j] += dot(a, ao + i * lda, b, bo + j * ldb, k);
				}
			}
			return;
		}
		for (int k0 = 0; k0 < k; k0 += KC) {
			int kc = Math.min(KC, k - k0);
			packTransposed(kc, n, b, bo + k0, ldb);
			panels(m, n, kc, a, ao + k0, lda, c, co, ldc);
		}
	}

	/** C += A times what is packed. */
	private void panels(int m, int n, int kc, float[] a, int ao, int lda, float[] c, int co, int ldc) {
		for (int m0 = 0; m0 < m; m0 += MC) {
			int m1 = Math.min(m, m0 + MC);
			for (int j0 = 0; j0 < n;) {
				int width = panel(n - j0);
				int valid = Math.min(width, n - j0);
				for (int i = m0; i < m1; i += R) {
					int rows = Math.min(R, m1 - i);
					int a0 = ao + i * lda;
					int a1 = rows > 1 ? a0 + lda : a0;
					int a2 = rows > 2 ? a1 + lda : a1;
					int a3 = rows > 3 ? a2 + lda : a2;
					int a4 = rows > 4 ? a3 + lda : a3;
					int a5 = rows > 5 ? a4 + lda : a4;
					boolean whole = rows == R && valid == width;
					float[] to = whole ? c : scratch;
					int t0 = whole ? co + i * ldc + j0 : 0;
					int ldt = whole ? ldc : width;
					if (!whole) {
						loadScratch(rows, valid, width, c, co + i * ldc + j0, ldc);
					}
					if (width == 2 * L) {
						tileNN2(kc, a, a0, a1, a2, a3, a4, a5, pack, kc * j0, to, t0, ldt);
					} else {
						tileNN4(kc, a, a0, a1, a2, a3, a4, a5, pack, kc * j0, to, t0, ldt);
					}
					if (!whole) {
						storeScratch(rows, valid, width, c, co + i * ldc + j0, ldc);
					}
				}
				j0 += width;
			}
		}
	}

	/** Edges start from what is in C, as whole tiles do, so that an element is rounded alike wherever it lies. */
	private void loadScratch(int rows, int valid, int width, float[] c, int co, int ldc) {
		Arrays.fill(scratch, 0f);
		for (int i = 0; i < rows; i++) {
			System.arraycopy(c, co + i * ldc, scratch, i * width, valid);
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
		clear(m, n, c, co, ldc, accumulate);
		for (int k0 = 0; k0 < k; k0 += KC) {
			int kc = Math.min(KC, k - k0);
			packRows(kc, n, b, bo + k0 * ldb, ldb);
			int from = ao + k0 * lda;
			for (int j0 = 0; j0 < n;) {
				int width = panel(n - j0);
				int valid = Math.min(width, n - j0);
				for (int i = 0; i < m; i += R) {
					int rows = Math.min(R, m - i);
					boolean whole = rows == R && valid == width;
					float[] l = a;
					int l0 = from + i;
					int ldl = lda;
					if (rows < R) {
						for (int p = 0; p < kc; p++) {
							System.arraycopy(a, from + p * lda + i, left, p * R, rows);
						}
						l = left;
						l0 = 0;
						ldl = R;
					}
					float[] to = whole ? c : scratch;
					int t0 = whole ? co + i * ldc + j0 : 0;
					int ldt = whole ? ldc : width;
					if (!whole) {
						loadScratch(rows, valid, width, c, co + i * ldc + j0, ldc);
					}
					if (width == 2 * L) {
						tileTN2(kc, l, l0, ldl, pack, kc * j0, to, t0, ldt);
					} else {
						tileTN4(kc, l, l0, ldl, pack, kc * j0, to, t0, ldt);
					}
					if (!whole) {
						storeScratch(rows, valid, width, c, co + i * ldc + j0, ldc);
					}
				}
				j0 += width;
			}
		}
	}

	private static void tileNN4(int k, float[] a, int a0, int a1, int a2, int a3, int a4, int a5, float[] b, int bo, float[] c, int c0, int ldc) {
		int c1 = c0 + ldc;
		int c2 = c1 + ldc;
		int c3 = c2 + ldc;
		int c4 = c3 + ldc;
		int c5 = c4 + ldc;
		FloatVector s00 = FloatVector.fromArray(S, c, c0);
		FloatVector s01 = FloatVector.fromArray(S, c, c0 + L);
		FloatVector s02 = FloatVector.fromArray(S, c, c0 + 2 * L);
		FloatVector s03 = FloatVector.fromArray(S, c, c0 + 3 * L);
		FloatVector s10 = FloatVector.fromArray(S, c, c1);
		FloatVector s11 = FloatVector.fromArray(S, c, c1 + L);
		FloatVector s12 = FloatVector.fromArray(S, c, c1 + 2 * L);
		FloatVector s13 = FloatVector.fromArray(S, c, c1 + 3 * L);
		FloatVector s20 = FloatVector.fromArray(S, c, c2);
		FloatVector s21 = FloatVector.fromArray(S, c, c2 + L);
		FloatVector s22 = FloatVector.fromArray(S, c, c2 + 2 * L);
		FloatVector s23 = FloatVector.fromArray(S, c, c2 + 3 * L);
		FloatVector s30 = FloatVector.fromArray(S, c, c3);
		FloatVector s31 = FloatVector.fromArray(S, c, c3 + L);
		FloatVector s32 = FloatVector.fromArray(S, c, c3 + 2 * L);
		FloatVector s33 = FloatVector.fromArray(S, c, c3 + 3 * L);
		FloatVector s40 = FloatVector.fromArray(S, c, c4);
		FloatVector s41 = FloatVector.fromArray(S, c, c4 + L);
		FloatVector s42 = FloatVector.fromArray(S, c, c4 + 2 * L);
		FloatVector s43 = FloatVector.fromArray(S, c, c4 + 3 * L);
		FloatVector s50 = FloatVector.fromArray(S, c, c5);
		FloatVector s51 = FloatVector.fromArray(S, c, c5 + L);
		FloatVector s52 = FloatVector.fromArray(S, c, c5 + 2 * L);
		FloatVector s53 = FloatVector.fromArray(S, c, c5 + 3 * L);
		for (int p = 0, q = bo; p < k; p++, q += 4 * L) {
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

	private static void tileNN2(int k, float[] a, int a0, int a1, int a2, int a3, int a4, int a5, float[] b, int bo, float[] c, int c0, int ldc) {
		int c1 = c0 + ldc;
		int c2 = c1 + ldc;
		int c3 = c2 + ldc;
		int c4 = c3 + ldc;
		int c5 = c4 + ldc;
		FloatVector s00 = FloatVector.fromArray(S, c, c0);
		FloatVector s01 = FloatVector.fromArray(S, c, c0 + L);
		FloatVector s10 = FloatVector.fromArray(S, c, c1);
		FloatVector s11 = FloatVector.fromArray(S, c, c1 + L);
		FloatVector s20 = FloatVector.fromArray(S, c, c2);
		FloatVector s21 = FloatVector.fromArray(S, c, c2 + L);
		FloatVector s30 = FloatVector.fromArray(S, c, c3);
		FloatVector s31 = FloatVector.fromArray(S, c, c3 + L);
		FloatVector s40 = FloatVector.fromArray(S, c, c4);
		FloatVector s41 = FloatVector.fromArray(S, c, c4 + L);
		FloatVector s50 = FloatVector.fromArray(S, c, c5);
		FloatVector s51 = FloatVector.fromArray(S, c, c5 + L);
		for (int p = 0, q = bo; p < k; p++, q += 2 * L) {
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

	private static void tileTN4(int k, float[] a, int a0, int lda, float[] b, int bo, float[] c, int c0, int ldc) {
		int c1 = c0 + ldc;
		int c2 = c1 + ldc;
		int c3 = c2 + ldc;
		int c4 = c3 + ldc;
		int c5 = c4 + ldc;
		FloatVector s00 = FloatVector.fromArray(S, c, c0);
		FloatVector s01 = FloatVector.fromArray(S, c, c0 + L);
		FloatVector s02 = FloatVector.fromArray(S, c, c0 + 2 * L);
		FloatVector s03 = FloatVector.fromArray(S, c, c0 + 3 * L);
		FloatVector s10 = FloatVector.fromArray(S, c, c1);
		FloatVector s11 = FloatVector.fromArray(S, c, c1 + L);
		FloatVector s12 = FloatVector.fromArray(S, c, c1 + 2 * L);
		FloatVector s13 = FloatVector.fromArray(S, c, c1 + 3 * L);
		FloatVector s20 = FloatVector.fromArray(S, c, c2);
		FloatVector s21 = FloatVector.fromArray(S, c, c2 + L);
		FloatVector s22 = FloatVector.fromArray(S, c, c2 + 2 * L);
		FloatVector s23 = FloatVector.fromArray(S, c, c2 + 3 * L);
		FloatVector s30 = FloatVector.fromArray(S, c, c3);
		FloatVector s31 = FloatVector.fromArray(S, c, c3 + L);
		FloatVector s32 = FloatVector.fromArray(S, c, c3 + 2 * L);
		FloatVector s33 = FloatVector.fromArray(S, c, c3 + 3 * L);
		FloatVector s40 = FloatVector.fromArray(S, c, c4);
		FloatVector s41 = FloatVector.fromArray(S, c, c4 + L);
		FloatVector s42 = FloatVector.fromArray(S, c, c4 + 2 * L);
		FloatVector s43 = FloatVector.fromArray(S, c, c4 + 3 * L);
		FloatVector s50 = FloatVector.fromArray(S, c, c5);
		FloatVector s51 = FloatVector.fromArray(S, c, c5 + L);
		FloatVector s52 = FloatVector.fromArray(S, c, c5 + 2 * L);
		FloatVector s53 = FloatVector.fromArray(S, c, c5 + 3 * L);
		for (int p = 0, q = bo, r = a0; p < k; p++, q += 4 * L, r += lda) {
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
			x = FloatVector.broadcast(S, a[r + 4]);
			s40 = x.fma(b0, s40);
			s41 = x.fma(b1, s41);
			s42 = x.fma(b2, s42);
			s43 = x.fma(b3, s43);
			x = FloatVector.broadcast(S, a[r + 5]);
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

	private static void tileTN2(int k, float[] a, int a0, int lda, float[] b, int bo, float[] c, int c0, int ldc) {
		int c1 = c0 + ldc;
		int c2 = c1 + ldc;
		int c3 = c2 + ldc;
		int c4 = c3 + ldc;
		int c5 = c4 + ldc;
		FloatVector s00 = FloatVector.fromArray(S, c, c0);
		FloatVector s01 = FloatVector.fromArray(S, c, c0 + L);
		FloatVector s10 = FloatVector.fromArray(S, c, c1);
		FloatVector s11 = FloatVector.fromArray(S, c, c1 + L);
		FloatVector s20 = FloatVector.fromArray(S, c, c2);
		FloatVector s21 = FloatVector.fromArray(S, c, c2 + L);
		FloatVector s30 = FloatVector.fromArray(S, c, c3);
		FloatVector s31 = FloatVector.fromArray(S, c, c3 + L);
		FloatVector s40 = FloatVector.fromArray(S, c, c4);
		FloatVector s41 = FloatVector.fromArray(S, c, c4 + L);
		FloatVector s50 = FloatVector.fromArray(S, c, c5);
		FloatVector s51 = FloatVector.fromArray(S, c, c5 + L);
		for (int p = 0, q = bo, r = a0; p < k; p++, q += 2 * L, r += lda) {
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
			x = FloatVector.broadcast(S, a[r + 4]);
			s40 = x.fma(b0, s40);
			s41 = x.fma(b1, s41);
			x = FloatVector.broadcast(S, a[r + 5]);
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
		float sum = s.add(t).reduceLanes(VectorOperators.ADD);
		for (; i < n; i++) {
			sum += a[ao + i] * b[bo + i];
		}
		return sum;
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
	public float dotInOrder(float[] a, int ao, float[] b, int bo, int n) {
		float sum = 0;
		for (int i = 0; i < n; i++) {
			sum = Math.fma(a[ao + i], b[bo + i], sum);
		}
		return sum;
	}

	@Override
	protected float sum(float[] x, int xo, int n) {
		FloatVector s = FloatVector.zero(S);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			s = s.add(FloatVector.fromArray(S, x, xo + i));
		}
		float sum = s.reduceLanes(VectorOperators.ADD);
		for (; i < n; i++) {
			sum += x[xo + i];
		}
		return sum;
	}

	@Override
	protected float squares(float[] x, int xo, int n, float mean) {
		FloatVector s = FloatVector.zero(S);
		FloatVector shift = FloatVector.broadcast(S, mean);
		int i = 0;
		for (int end = S.loopBound(n); i < end; i += L) {
			FloatVector v = FloatVector.fromArray(S, x, xo + i).sub(shift);
			s = v.fma(v, s);
		}
		float sum = s.reduceLanes(VectorOperators.ADD);
		for (; i < n; i++) {
			float v = x[xo + i] - mean;
			sum += v * v;
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
		float sum = total.reduceLanes(VectorOperators.ADD);
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
