package org.wherefore.engine.dl4j.internal.kernel;

/**
 * The seam between the models and the arithmetic: everything a Transformer computes, over plain float arrays.
 * <p>
 * Matrices are row-major; a matrix argument is an array, an offset and a row stride. Sequences are packed one
 * after another without padding rows, {@code offsets[s]..offsets[s + 1]} being the rows of sequence {@code s}.
 * <p>
 * An instance owns scratch memory and is confined to one thread at a time; instances are cheap.
 */
public interface Kernels {
	/**
	 * The fastest kernels this Java runtime offers: those of the Vector API if the module
	 * {@code jdk.incubator.vector} is present, else scalar ones.
	 *
	 * @return a new instance, for one thread at a time
	 */
	static Kernels best() {
		try {
			return (Kernels) Class.forName("org.wherefore.engine.dl4j.internal.kernel.vector.VectorKernels", true,
					Kernels.class.getClassLoader()).getConstructor().newInstance();
		} catch (ReflectiveOperationException | LinkageError e) {
			return new ScalarKernels();
		}
	}

	/**
	 * @return a short name of the implementation for logs and status pages, such as "vector-512"
	 */
	String name();

	/** C[m,n] = A[m,k] B[k,n], or added to C if {@code accumulate}. */
	void gemmNN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate);

	/** C[m,n] = A[m,k] B[n,k] transposed, or added to C if {@code accumulate}. */
	void gemmNT(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate);

	/** C[m,n] = A[k,m] transposed B[k,n], or added to C if {@code accumulate}. */
	void gemmTN(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
			int ldc, boolean accumulate);

	/** out[cols,rows] = a[rows,cols] transposed. */
	void transpose(int rows, int cols, float[] a, int ao, int lda, float[] out, int oo, int ldo);

	/** Scalar product of two vectors. */
	float dot(float[] a, int ao, float[] b, int bo, int n);

	/** a . b, added up from first to last and rounded as an element of {@link #gemmNN} is. */
	float dotInOrder(float[] a, int ao, float[] b, int bo, int n);

	/** y += alpha x. */
	void axpy(float alpha, float[] x, int xo, float[] y, int yo, int n);

	/** y += x. */
	void add(float[] x, int xo, float[] y, int yo, int n);

	/** y *= x, element by element. */
	void multiply(float[] x, int xo, float[] y, int yo, int n);

	/** Adds a bias to every row. */
	void addBias(int rows, int n, float[] x, int xo, float[] bias, int bo);

	/** Adds a bias to every row, then keeps the positive part. */
	void addBiasRelu(int rows, int n, float[] x, int xo, float[] bias, int bo);

	/** Zeroes the gradient where the output {@code y} of the rectifier is not positive. */
	void reluBackward(float[] y, float[] dy, int n);

	/** sums[n] += the sum over the rows: the gradient of a bias. */
	void addColumnSums(int rows, int n, float[] x, int xo, float[] sums, int so);

	/**
	 * Layer normalisation of every row (Ba et al., "Layer Normalization", 2016).
	 *
	 * @param stats mean and reciprocal standard deviation of every row, for the way back; may be null
	 */
	void layerNorm(int rows, int d, float[] x, int xo, float[] gain, int go, float[] bias, int bo, float[] y, int yo,
			float[] stats);

	/** The way back through {@link #layerNorm}: adds to {@code dx} and to the gradients of gain and bias. */
	void layerNormBackward(int rows, int d, float[] x, float[] stats, float[] gain, int go, float[] dy, float[] dx,
			float[] dGain, int dgo, float[] dBias, int dbo);

	/**
	 * Causal multi-head attention over packed sequences (Vaswani et al., "Attention Is All You Need", 2017).
	 *
	 * @param qkv   rows x 3d: queries, keys and values side by side
	 * @param out   rows x d
	 * @param probs the attention weights for the way back, {@link #attentionSize} floats
	 */
	void attention(int sequences, int[] offsets, int d, int heads, float[] qkv, float[] out, float[] probs);

	/** The way back through {@link #attention}; overwrites {@code dqkv}. */
	void attentionBackward(int sequences, int[] offsets, int d, int heads, float[] qkv, float[] probs, float[] dout,
			float[] dqkv);

	/** Number of floats that {@link #attention} stores for the way back. */
	static int attentionSize(int sequences, int[] offsets, int heads) {
		long size = 0;
		for (int s = 0; s < sequences; s++) {
			long n = offsets[s + 1] - offsets[s];
			size += n * n * heads;
		}
		return Math.toIntExact(size);
	}

	/**
	 * Softmax cross entropy with label smoothing; replaces the logits by their gradient times {@code scale}.
	 *
	 * @return the sum of the losses of the rows, not scaled
	 */
	double softmaxCrossEntropy(int rows, int n, float[] logits, int lo, int ld, int[] targets, int to,
			float smoothing, float scale);

	/** Replaces every row of {@code n} values by its softmax after multiplication by {@code scale}. */
	void softmax(int rows, int n, float[] x, int xo, int ld, float scale);

	/** table[ids[r]] += scale * x[r] for all rows: the gradient of an embedding look-up. */
	void scatterAdd(int rows, int d, int[] ids, int io, float[] x, int xo, float scale, float[] table, int to);

	/**
	 * One step of Adam (Kingma and Ba, 2015) with decoupled weight decay on {@code from..to}.
	 *
	 * @param gradScale factor on the gradient, as from clipping
	 * @param c1        1 - beta1^t
	 * @param c2        1 - beta2^t
	 */
	void adam(float[] p, float[] g, float[] m, float[] v, int from, int to, float gradScale, float lr, float beta1,
			float beta2, float eps, float c1, float c2, float decay);
}
