package org.wherefore.engine.dl4j.internal.kernel;

/**
 * The seam between the models and the arithmetic: everything a Transformer computes, over arrays of one kind.
 * There are kernels over plain float arrays, which serve and train on a processor, and kernels over ND4J arrays: the
 * reference, in double where that is asked for, and what runs on CUDA.
 * <p>
 * Matrices are row-major; a matrix argument is an array, an offset and a row stride. Sequences are packed one
 * after another without padding rows, {@code offsets[s]..offsets[s + 1]} being the rows of sequence {@code s}.
 * <p>
 * An instance owns scratch memory and is confined to one thread at a time; instances are cheap. The arrays it makes
 * may be read by all instances of its class.
 *
 * @param <A> kind of array: one-dimensional, contiguous
 */
public interface Kernels<A> {
	/**
	 * The fastest kernels this Java runtime offers: those of the Vector API if the module
	 * {@code jdk.incubator.vector} is present, else scalar ones.
	 *
	 * @return a new instance, for one thread at a time
	 */
	@SuppressWarnings("unchecked")
	static Kernels<float[]> best() {
		try {
			return (Kernels<float[]>) Class.forName("org.wherefore.engine.dl4j.internal.kernel.vector.VectorKernels", true,
					Kernels.class.getClassLoader()).getConstructor().newInstance();
		} catch (ReflectiveOperationException | LinkageError e) {
			return new ScalarKernels();
		}
	}

	/**
	 * @return a short name of the implementation for logs and status pages, such as "vector-512"
	 */
	String name();

	/** @return an array of {@code n} zeroes */
	A allocate(int n);

	/** @return an array with these values, which may share their memory */
	A view(float[] values);

	/** Copies {@code n} values within arrays; the ranges do not overlap. */
	void copy(A from, int fo, A to, int t, int n);

	/** Sets {@code from..to} to a value. */
	void fill(A x, int from, int to, float value);

	/** Copies floats into an array. */
	void write(float[] from, int fo, A to, int t, int n);

	/** Copies, rounded to float, what an array holds; does nothing where {@link #view} shared the memory. */
	void read(A from, int fo, float[] to, int t, int n);

	/** C[m,n] = A[m,k] B[k,n], or added to C if {@code accumulate}. */
	void gemmNN(int m, int n, int k, A a, int ao, int lda, A b, int bo, int ldb, A c, int co,
			int ldc, boolean accumulate);

	/** C[m,n] = A[m,k] B[n,k] transposed, or added to C if {@code accumulate}. */
	void gemmNT(int m, int n, int k, A a, int ao, int lda, A b, int bo, int ldb, A c, int co,
			int ldc, boolean accumulate);

	/** C[m,n] = A[k,m] transposed B[k,n], or added to C if {@code accumulate}. */
	void gemmTN(int m, int n, int k, A a, int ao, int lda, A b, int bo, int ldb, A c, int co,
			int ldc, boolean accumulate);

	/** out[cols,rows] = a[rows,cols] transposed. */
	void transpose(int rows, int cols, A a, int ao, int lda, A out, int oo, int ldo);

	/** a . b, added up from first to last and rounded as an element of {@link #gemmNN} is. */
	float dotInOrder(A a, int ao, A b, int bo, int n);

	/** Sum of the squares of {@code n} values. */
	double squares(A x, int xo, int n);

	/** y += x. */
	void add(A x, int xo, A y, int yo, int n);

	/** y *= x, element by element. */
	void multiply(A x, int xo, A y, int yo, int n);

	/**
	 * Draws a dropout mask (Srivastava et al., 2014): 0 with probability {@code rate}, else 1 / (1 - rate). All kernels
	 * draw the same mask from the same state.
	 *
	 * @param state of the random numbers
	 * @return the next state
	 */
	long dropoutMask(int n, float rate, long state, A mask);

	/** Adds a bias to every row. */
	void addBias(int rows, int n, A x, int xo, int ld, A bias, int bo);

	/** Adds a bias to every row, then keeps the positive part. */
	void addBiasRelu(int rows, int n, A x, int xo, A bias, int bo);

	/** Zeroes the gradient where the output {@code y} of the rectifier is not positive. */
	void reluBackward(A y, A dy, int n);

	/** y[r, i] = max(0, x[r, i]) x[r, n + i]: a gated linear unit (Shazeer, "GLU Variants Improve Transformer", 2020). */
	void reglu(int rows, int n, A x, A y);

	/** The way back through {@link #reglu}; overwrites {@code dx}, rows x 2n. */
	void regluBackward(int rows, int n, A x, A dy, A dx);

	/** sums[n] += the sum over the rows: the gradient of a bias. */
	void addColumnSums(int rows, int n, A x, int xo, A sums, int so);

	/**
	 * Layer normalisation of every row (Ba et al., "Layer Normalization", 2016).
	 *
	 * @param stats mean and reciprocal standard deviation of every row, for the way back; may be null
	 */
	void layerNorm(int rows, int d, A x, int xo, A gain, int go, A bias, int bo, A y, int yo,
			A stats);

	/** The way back through {@link #layerNorm}: adds to {@code dx} and to the gradients of gain and bias. */
	void layerNormBackward(int rows, int d, A x, A stats, A gain, int go, A dy, A dx,
			A dGain, int dgo, A dBias, int dbo);

	/**
	 * Multi-head attention over packed sequences (Vaswani et al., "Attention Is All You Need", 2017).
	 *
	 * @param causal whether no row looks at a later one of its sequence; else every row looks at all of them
	 * @param qkv   rows x 3d: queries, keys and values side by side
	 * @param out   rows x d
	 * @param probs receives the attention weights for the way back, {@link #attentionSize} values; null keeps none
	 */
	void attention(int sequences, int[] offsets, int d, int heads, boolean causal, A qkv, A out, A probs);

	/**
	 * Attention of each sequence's last row alone.
	 *
	 * @param q   sequences x d: queries of the last rows
	 * @param kv  rows x 2d: keys and values side by side
	 * @param out sequences x d
	 */
	void attentionLast(int sequences, int[] offsets, int d, int heads, A q, A kv, A out);

	/** The way back through {@link #attention}; overwrites {@code dqkv}. */
	void attentionBackward(int sequences, int[] offsets, int d, int heads, boolean causal, A qkv, A probs, A dout,
			A dqkv);

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
	double softmaxCrossEntropy(int rows, int n, A logits, int lo, int ld, int[] targets, int to,
			float smoothing, float scale);

	/**
	 * Binary cross entropy of one positive, in column 0, against negatives; replaces the logits by their gradient times
	 * {@code scale}.
	 *
	 * @param ids    rows x n: columns whose id is negative do not count, their gradient is zero
	 * @param weight of the positive's loss
	 * @return the sum of the losses, not scaled
	 */
	double binaryCrossEntropy(int rows, int n, A logits, int[] ids, float weight, float scale);

	/**
	 * Binary cross entropy of independent classes, those that an example has against those that it lacks, focused on what is not yet
	 * known well (Lin et al., "Focal Loss for Dense Object Detection", 2017): the loss of a class whose right answer has the
	 * probability p is (1 - p)^gamma (-log p). Replaces the logits by their gradient times {@code scale}.
	 *
	 * @param targets for every row the class that it has, -1 for none
	 * @param weight  of the loss of classes that are there
	 * @param gamma   0 for plain cross entropy
	 * @return the sum of the losses, not scaled
	 */
	double focalCrossEntropy(int rows, int n, A logits, int[] targets, float weight, float gamma, float scale);

	/** out[r] = scale * table[ids[r]] for all rows, or added to out if {@code accumulate}: an embedding look-up. */
	void gather(int rows, int d, int[] ids, int io, float scale, A table, int to, A out, int oo,
			boolean accumulate);

	/**
	 * Scores of chosen items: out[r, j] = h[r] . table[ids[r, j]]; 0 where the id is negative.
	 *
	 * @param ids rows x n
	 * @param ld  row stride of out
	 */
	void gatherDots(int rows, int n, int d, A h, int ho, A table, int to, int[] ids, int io, A out,
			int oo, int ld);

	/** The way back through {@link #gatherDots}: adds to the gradients of {@code h} and of the table. */
	void gatherDotsBackward(int rows, int n, int d, A h, int ho, A table, int to, int[] ids, int io,
			A dOut, int oo, int ld, A dh, int dho, A dTable, int dto);

	/**
	 * out[r] += the mean of the table's rows {@code ids[starts[r]]..ids[starts[r + 1] - 1]}; nothing where there are
	 * none.
	 */
	void addMeans(int rows, int d, int[] starts, int[] ids, A table, int to, A out, int oo);

	/** The way back through {@link #addMeans}: adds to the gradient of the table. */
	void addMeansBackward(int rows, int d, int[] starts, int[] ids, A dOut, int oo, A dTable, int to);

	/**
	 * out[r] += the sum of the table's rows {@code ids[starts[r]]..ids[starts[r + 1] - 1]}, each times its weight.
	 *
	 * @param weights one for each of {@code ids}
	 */
	void addWeighted(int rows, int d, int[] starts, int[] ids, float[] weights, A table, int to, A out, int oo);

	/** The way back through {@link #addWeighted}: adds to the gradient of the table. */
	void addWeightedBackward(int rows, int d, int[] starts, int[] ids, float[] weights, A dOut, int oo, A dTable, int to);

	/** table[ids[r]] += scale * x[r] for all rows: the gradient of an embedding look-up. */
	void scatterAdd(int rows, int d, int[] ids, int io, A x, int xo, float scale, A table, int to);

	/**
	 * One step of Adam (Kingma and Ba, 2015) with decoupled weight decay on {@code from..to}.
	 *
	 * @param m         first moments
	 * @param v         second moments
	 * @param gradScale factor on the gradient, as from clipping
	 * @param step      number of this step, from 1
	 */
	void adam(A p, A g, A m, A v, int from, int to, float gradScale, float lr, float beta1,
			float beta2, float eps, long step, float decay);
}
