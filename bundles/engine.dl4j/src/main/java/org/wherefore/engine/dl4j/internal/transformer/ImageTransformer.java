package org.wherefore.engine.dl4j.internal.transformer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Supplier;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * A Vision Transformer (Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021) for small images: a token for
 * every square of a grid, made by a convolution whose windows may overlap, with learned positions.
 * <p>
 * An image is its numbers, channel by channel and row by row. What is saved is the same for all kernels.
 *
 * @param <A> kind of array that its kernels compute with
 */
public final class ImageTransformer<A> extends ClassTransformer<A, float[]> {
	private static final int MAGIC = 0x56495457;
	private static final int VERSION = 1;
	private final ImageConfig config;
	private final float[] mean;
	private final float scale;
	private final ImageLayout image;
	private int shift;

	/**
	 * A model with random weights, the same for all kernels, that knows the mean and the contrast of the training images.
	 *
	 * @param size    channels, height and width of an image
	 * @param images  of training, at least one
	 * @param kernels makes an instance for each workspace
	 */
	public static <A> ImageTransformer<A> random(ImageShape shape, int[] size, int targets, List<float[]> images, long seed,
			Supplier<? extends Kernels<A>> kernels) {
		ImageConfig config = new ImageConfig(size[0], size[1], size[2], shape.window(), shape.stride(), targets, shape.dim(), shape.blocks(),
				shape.heads(), shape.hidden(), shape.dropout());
		double[] sums = new double[config.pixels()];
		for (float[] pixels : images) {
			for (int i = 0; i < sums.length; i++) {
				sums[i] += pixels[i];
			}
		}
		float[] mean = new float[sums.length];
		for (int i = 0; i < mean.length; i++) {
			mean[i] = (float) (sums[i] / images.size());
		}
		double squares = 0;
		for (float[] pixels : images) {
			for (int i = 0; i < mean.length; i++) {
				squares += ((double) pixels[i] - mean[i]) * (pixels[i] - mean[i]);
			}
		}
		double deviation = Math.sqrt(squares / ((double) images.size() * mean.length));
		ImageTransformer<A> model = new ImageTransformer<>(config, mean, deviation > 0 ? (float) (1 / deviation) : 1,
				new ImageLayout(config), kernels);
		model.shift = shape.shift();
		model.randomise(seed);
		return model;
	}

	private ImageTransformer(ImageConfig config, float[] mean, float scale, ImageLayout layout, Supplier<? extends Kernels<A>> kernels) {
		super(config.encoder(), config.targets(), layout, kernels);
		this.config = config;
		this.mean = mean;
		this.scale = scale;
		this.image = layout;
	}

	@Override
	ClassPass<A, float[]> newPass() {
		return new ImagePass<>(config, mean, scale, shift, image, newKernels());
	}

	/** @return channels, height and width of the images that it reads */
	public int[] size() {
		return new int[] { config.channels(), config.height(), config.width() };
	}

	/** Writes the model. The stream stays open. */
	public void save(OutputStream out) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		ModelFile.ints(head, config.channels(), config.height(), config.width(), config.window(), config.stride(), config.targets(),
				config.dim(), config.blocks(), config.heads(), config.hidden(), Float.floatToIntBits(config.dropout()),
				Float.floatToIntBits(scale));
		for (float m : mean) {
			ModelFile.ints(head, Float.floatToIntBits(m));
		}
		ModelFile.write(out, MAGIC, VERSION, head.toByteArray(), layout, weights());
	}

	/** Reads a model that will compute with given kernels. @throws IOException if the input is not a model, is damaged or ends too soon */
	public static <A> ImageTransformer<A> load(InputStream in, Supplier<? extends Kernels<A>> kernels) throws IOException {
		return ModelFile.read(in, MAGIC, VERSION, (head, bytes) -> {
			int[] v = new int[11];
			for (int i = 0; i < v.length; i++) {
				v[i] = ModelFile.readInt(head);
			}
			float scale = Float.intBitsToFloat(ModelFile.readInt(head));
			check(v[7] > 0 && v[7] < 10_000 && Float.isFinite(scale), "numbers that can't be");
			ImageConfig config = new ImageConfig(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], Float.intBitsToFloat(v[10]));
			check(config.pixels() <= bytes, "numbers that can't be");
			float[] mean = new float[config.pixels()];
			for (int i = 0; i < mean.length; i++) {
				mean[i] = Float.intBitsToFloat(ModelFile.readInt(head));
			}
			return new ModelFile.Unfilled<>(new ImageLayout(config), weights -> {
				ImageTransformer<A> model = new ImageTransformer<>(config, mean, scale, new ImageLayout(config), kernels);
				model.use(weights);
				return model;
			});
		});
	}
}
