package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Arrays;
import java.util.SplittableRandom;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * One thread's way through an {@link ImageTransformer} and back. The squares of an image are laid out as rows, so that the
 * convolution that makes tokens of them is a product of matrices.
 */
final class ImagePass<A> extends ClassPass<A, float[]> {
	private final ImageConfig c;
	private final ImageLayout layout;
	private final float[] mean;
	private final float scale;
	private final int shift;
	/** Squares of the batch, each as a row. */
	private float[] squares = new float[0];
	private A columns;
	private int columnsSize;

	/**
	 * @param mean  image of training
	 * @param scale by which what differs from it is multiplied
	 * @param shift most pixels by which an image is moved in training
	 */
	ImagePass(ImageConfig config, float[] mean, float scale, int shift, ImageLayout layout, Kernels<A> kernels) {
		super(config.encoder(), config.targets(), layout, kernels);
		this.c = config;
		this.layout = layout;
		this.mean = mean;
		this.scale = scale;
		this.shift = shift;
	}

	@Override
	int tokens() {
		return c.squares() + 1;
	}

	@Override
	void append(float[] pixels) {
		append(pixels, 1, 0, 0);
	}

	@Override
	void append(float[] pixels, double alpha) {
		append(pixels, (float) alpha, 0, 0);
	}

	@Override
	void append(float[] pixels, SplittableRandom random) {
		if (shift == 0) {
			append(pixels);
		} else {
			append(pixels, 1, random.nextInt(2 * shift + 1) - shift, random.nextInt(2 * shift + 1) - shift);
		}
	}

	/** What lies outside of an image is as the mean image is, which is nothing. */
	private void append(float[] pixels, float alpha, int right, int down) {
		if (pixels.length != c.pixels()) {
			throw new IllegalArgumentException("an image of " + pixels.length + " numbers, the model reads " + c.pixels());
		}
		int square = c.square();
		int from = sequences * c.squares() * square;
		int to = from + c.squares() * square;
		if (to > squares.length) {
			squares = Arrays.copyOf(squares, 2 * to);
		}
		int before = (c.window() - c.stride()) / 2;
		float factor = alpha * scale;
		for (int s = 0, at = from; s < c.squares(); s++) {
			int top = s / c.across() * c.stride() - before - down;
			int left = s % c.across() * c.stride() - before - right;
			for (int channel = 0; channel < c.channels(); channel++) {
				for (int y = top; y < top + c.window(); y++) {
					for (int x = left; x < left + c.window(); x++) {
						int i = (channel * c.height() + y) * c.width() + x;
						squares[at++] = y < 0 || x < 0 || y >= c.height() || x >= c.width() ? 0f : factor * (pixels[i] - mean[i]);
					}
				}
			}
		}
		append(tokens());
	}

	@Override
	void embed(A p) {
		int n = c.squares();
		int square = c.square();
		int size = sequences * n * square;
		if (columnsSize < size) {
			columns = k.allocate(size);
			columnsSize = size;
		}
		k.write(squares, 0, columns, 0, size);
		for (int s = 0; s < sequences; s++) {
			int to = s * (n + 1) * d;
			k.gemmNN(n, d, square, columns, s * n * square, square, p, layout.stem, d, x, to, d, false);
			k.addBias(n, d, x, to, d, p, layout.stemBias);
			k.fill(x, to + n * d, to + (n + 1) * d, 0f);
			k.add(p, layout.position, x, to, (n + 1) * d);
		}
	}

	@Override
	void embedBackward(A byTokens, A g) {
		int n = c.squares();
		int square = c.square();
		for (int s = 0; s < sequences; s++) {
			int from = s * (n + 1) * d;
			k.gemmTN(square, d, n, columns, s * n * square, square, byTokens, from, d, g, layout.stem, d, true);
			k.addColumnSums(n, d, byTokens, from, g, layout.stemBias);
			k.add(byTokens, from, g, layout.position, (n + 1) * d);
		}
	}
}
