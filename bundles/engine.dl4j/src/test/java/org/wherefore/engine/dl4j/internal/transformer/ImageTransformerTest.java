package org.wherefore.engine.dl4j.internal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.ReferenceAvailable;

class ImageTransformerTest {
	private static final int[] SIZE = { 2, 7, 6 };
	private static final ImageShape SHAPE = new ImageShape(6, 2, 2, 7, 0.3f, 4, 3, 1);

	/** Noise, with a bright square on the left (target 1), on the right (target 0) or nowhere. */
	private static ClassTrainer.Cases<float[]> cases(int n, long seed) {
		Random random = new Random(seed);
		List<float[]> images = new ArrayList<>();
		int[] targets = new int[n];
		for (int i = 0; i < n; i++) {
			float[] pixels = new float[2 * 7 * 6];
			for (int p = 0; p < pixels.length; p++) {
				pixels[p] = 3 + (float) random.nextGaussian();
			}
			targets[i] = random.nextInt(3) - 1;
			for (int p = 0; p < 4 && targets[i] >= 0; p++) {
				pixels[(2 + p / 2) * 6 + p % 2 + (targets[i] == 1 ? 0 : 4)] += 4;
			}
			images.add(pixels);
		}
		return new ClassTrainer.Cases<>(images, targets);
	}

	private static <A> ImageTransformer<A> model(Supplier<? extends Kernels<A>> kernels) {
		return ImageTransformer.random(SHAPE, SIZE, 2, cases(50, 1).inputs(), 5, kernels);
	}

	private static float[] scores(ImageTransformer<?> model, List<float[]> images) {
		float[] vectors = new float[images.size() * model.dim()];
		model.vectors(images, vectors);
		float[] out = new float[images.size() * model.targets()];
		model.scores(vectors, images.size(), out);
		return out;
	}

	private static ClassOptions options() {
		ClassOptions o = TableTransformerTest.options();
		o.epochs = 10;
		return o;
	}

	@Test
	void gradients_of_the_reference_follow_central_differences_in_double() {
		ReferenceAvailable.assume();
		ImageTransformer<INDArray> model = model(() -> new Nd4jKernels(DataType.DOUBLE));
		ClassTrainer.Cases<float[]> some = cases(4, 3);
		ClassTrainer<INDArray, float[]> trainer = new ClassTrainer<>(model, options());
		INDArray g = model.newKernels().allocate(model.layout.size());
		trainer.lossAndGradients(some, true, g);
		Random random = new Random(8);
		for (Layout.Entry e : model.layout.entries) {
			double norm = 0;
			for (int i = e.offset(); i < e.offset() + e.size(); i++) {
				norm += Math.pow(g.getDouble(i), 2);
			}
			norm = Math.sqrt(norm);
			assertThat(norm).as(e.name()).isGreaterThan(1e-6);
			double[] direction = new double[e.size()];
			double length = 0;
			for (int i = 0; i < direction.length; i++) {
				direction[i] = g.getDouble(e.offset() + i) / norm + random.nextGaussian() / Math.sqrt(e.size());
				length += direction[i] * direction[i];
			}
			double expected = 0;
			for (int i = 0; i < direction.length; i++) {
				direction[i] /= Math.sqrt(length);
				expected += direction[i] * g.getDouble(e.offset() + i);
			}
			INDArray weights = model.parameters.dup();
			double[] loss = new double[2];
			for (int side = 0; side < 2; side++) {
				for (int i = 0; i < direction.length; i++) {
					model.parameters.putScalar(e.offset() + i, weights.getDouble(e.offset() + i) + (1 - 2 * side) * 1e-5 * direction[i]);
				}
				loss[side] = trainer.lossAndGradients(some, true, null);
				model.parameters.assign(weights);
			}
			assertThat(Math.abs((loss[0] - loss[1]) / 2e-5 - expected) / norm).as(e.name() + " of " + norm).isLessThan(1e-6);
		}
	}

	@Test
	void all_kernels_agree() {
		ReferenceAvailable.assume();
		ImageTransformer<INDArray> reference = model(() -> new Nd4jKernels(DataType.DOUBLE));
		ClassTrainer.Cases<float[]> some = cases(40, 3);
		INDArray g = reference.newKernels().allocate(reference.layout.size());
		double expected = new ClassTrainer<>(reference, options()).lossAndGradients(some, true, g);
		float[] scores = scores(reference, some.inputs());
		for (Supplier<Kernels<float[]>> kernels : List.<Supplier<Kernels<float[]>>>of(Kernels::best, ScalarKernels::new)) {
			ImageTransformer<float[]> model = model(kernels);
			float[] gradients = new float[model.layout.size()];
			assertThat(new ClassTrainer<>(model, options()).lossAndGradients(some, true, gradients)).isCloseTo(expected, within(1e-4));
			double error = 0;
			double size = 0;
			for (int i = 0; i < gradients.length; i++) {
				error += Math.pow(gradients[i] - g.getDouble(i), 2);
				size += Math.pow(g.getDouble(i), 2);
			}
			assertThat(Math.sqrt(error / size)).isLessThan(1e-4);
			float[] actual = scores(model, some.inputs());
			for (int i = 0; i < actual.length; i++) {
				assertThat(actual[i]).isCloseTo(scores[i], within(1e-4f * Math.max(1, Math.abs(scores[i]))));
			}
		}
	}

	@Test
	void it_learns_where_something_is_and_explains_it_there() throws IOException {
		ClassTrainer.Cases<float[]> training = cases(1500, 1);
		ImageTransformer<float[]> model = ImageTransformer.random(new ImageShape(16, 2, 2, 20, 0.1f, 4, 3, 0), SIZE, 2, training.inputs(), 5,
				Kernels::best);
		assertThat(new ClassTrainer<>(model, options()).train(training, cases(400, 2), null, null).averagePrecision()).isGreaterThan(0.95);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		model.save(out);
		ImageTransformer<float[]> loaded = ImageTransformer.load(new ByteArrayInputStream(out.toByteArray()), Kernels::best);
		ClassTrainer.Cases<float[]> test = cases(60, 4);
		assertThat(scores(loaded, test.inputs())).isEqualTo(scores(model, test.inputs()));
		int asked = IntStream.range(0, 60).filter(i -> test.targets()[i] == 1).findFirst().orElseThrow();
		List<Point> path = IntStream.range(0, 200).mapToObj(i -> Point.on((i + 0.5) / 200)).toList();
		double[] sums = new double[6];
		for (Slope[] at : loaded.slopes(test.inputs().get(asked), new int[] { 1 }, path)) {
			Arrays.setAll(sums, i -> sums[i] + at[0].products()[i] / 200);
		}
		Slope[][] ends = loaded.slopes(test.inputs().get(asked), new int[] { 1 }, List.of(Point.on(0), Point.on(1)));
		double difference = ends[1][0].score() - ends[0][0].score();
		assertThat(DoubleStream.of(sums).sum()).isCloseTo(difference, within(0.01 * Math.max(1, Math.abs(difference))));
		assertThat(sums[0] + sums[2]).as("squares of the left half, of 3 rows of 2").isGreaterThan(difference / 2);
	}

	@Test
	void an_image_that_is_moved_leaves_nothing_behind() {
		ImageTransformer<float[]> model = model(Kernels::best);
		float[] image = cases(1, 9).inputs().get(0);
		ClassPass<float[], float[]> pass = model.newPass();
		java.util.SplittableRandom random = new java.util.SplittableRandom(3);
		for (int i = 0; i < 30; i++) {
			pass.append(image, random);
		}
		float[] tokens = new float[30 * 7 * 6];
		pass.tokens(model.parameters, tokens);
		long different = IntStream.range(0, 30).mapToObj(i -> Arrays.toString(Arrays.copyOfRange(tokens, i * 42, i * 42 + 42))).distinct().count();
		assertThat(different).as("nine places").isBetween(6L, 9L);
	}
}
