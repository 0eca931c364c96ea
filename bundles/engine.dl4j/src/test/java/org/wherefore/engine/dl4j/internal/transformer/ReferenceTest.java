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
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.ReferenceAvailable;

/** The reference against finite differences, and the fast kernels against the reference. */
class ReferenceTest {
	@BeforeAll
	static void start() {
		ReferenceAvailable.assume();
	}

	private static Nd4jKernels exact() {
		return new Nd4jKernels(DataType.DOUBLE);
	}

	private static int[][] sequences(Random random, int n, int items, int longest) {
		return IntStream.range(0, n).mapToObj(i -> random.ints(2 + random.nextInt(longest - 1), 0, items).toArray())
				.toArray(int[][]::new);
	}

	private static int[][] kinds(Random random, int[][] sequences, int kinds) {
		return Arrays.stream(sequences).map(s -> random.ints(s.length, 0, kinds).toArray()).toArray(int[][]::new);
	}

	/** Weights far from the start, where nothing is symmetric. */
	private static float[] weights(Layout layout, Random random) {
		float[] w = new float[layout.size()];
		for (int i = 0; i < w.length; i++) {
			w[i] = (float) (0.3 * random.nextGaussian());
		}
		return w;
	}

	private static TrainingOptions options(Loss loss, Random random) {
		TrainingOptions o = new TrainingOptions();
		o.loss = loss;
		o.labelSmoothing = loss == Loss.SOFTMAX ? 0.1f : 0f;
		o.popularityNegatives = random.nextBoolean();
		o.negatives = 8;
		o.batch = 16;
		o.warmup = 5;
		o.threads = 1;
		return o;
	}

	@ParameterizedTest
	@CsvSource({ "SOFTMAX, false", "SOFTMAX, true", "SAMPLED_SOFTMAX, false", "SAMPLED_SOFTMAX, true", "GBCE, false", "GBCE, true" })
	void gradients_of_the_reference_follow_central_differences_in_double(Loss loss, boolean drop) {
		Random random = new Random(8);
		TransformerConfig config = new TransformerConfig(15, 6, 6, 2, 2, 7, 0.3f, 3, 4, TransformerTest.attributes(15, 4));
		Transformer<INDArray> model = Transformer.random(config, 5, ReferenceTest::exact);
		model.newKernels().write(weights(model.layout, random), 0, model.parameters, 0, model.layout.size());
		int[][] sequences = sequences(random, 4, config.items(), 9);
		int[][] kinds = kinds(random, sequences, 3);
		Trainer<INDArray> trainer = new Trainer<>(model, options(loss, random));
		INDArray g = model.newKernels().allocate(model.layout.size());
		trainer.lossAndGradients(sequences, kinds, drop, g);
		double step = 1e-5;
		SoftAssertions.assertSoftly(softly -> {
			for (Layout.Entry e : model.layout.entries) {
				double norm = 0;
				for (int i = 0; i < e.size(); i++) {
					norm += Math.pow(g.getDouble(e.offset() + i), 2);
				}
				norm = Math.sqrt(norm);
				softly.assertThat(norm).as(e.name()).isGreaterThan(1e-6);
				for (int trial = 0; trial < 2; trial++) {
					// Along the gradient plus as much noise, which finds what is missing as well as what is wrong.
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
					move(model.parameters, e.offset(), direction, step);
					double up = trainer.lossAndGradients(sequences, kinds, drop, null);
					model.parameters.assign(weights);
					move(model.parameters, e.offset(), direction, -step);
					double down = trainer.lossAndGradients(sequences, kinds, drop, null);
					model.parameters.assign(weights);
					double error = Math.abs((up - down) / (2 * step) - expected);
					softly.assertThat(error / norm).as(e.name() + " of " + norm).isLessThan(1e-6);
				}
			}
		});
	}

	private static void move(INDArray x, int from, double[] direction, double step) {
		for (int i = 0; i < direction.length; i++) {
			x.putScalar(from + i, x.getDouble(from + i) + step * direction[i]);
		}
	}

	private static double distance(float[] actual, INDArray expected, int from, int to) {
		double error = 0;
		double size = 0;
		for (int i = from; i < to; i++) {
			error += Math.pow(actual[i] - expected.getDouble(i), 2);
			size += Math.pow(expected.getDouble(i), 2);
		}
		return size == 0 ? Math.sqrt(error) : Math.sqrt(error / size);
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void fast_kernels_agree_with_the_reference_over_random_shapes_and_masks(Loss loss) {
		Random random = new Random(21);
		for (int trial = 0; trial < 6; trial++) {
			int heads = 1 + random.nextInt(3);
			int d = heads * (1 + random.nextInt(12));
			int items = 20 + random.nextInt(60);
			int maxLength = 3 + random.nextInt(20);
			int kindCount = 1 + random.nextInt(3);
			int attributes = random.nextInt(2) * 7;
			TransformerConfig config = new TransformerConfig(items, maxLength, d, 1 + random.nextInt(2), heads,
					1 + random.nextInt(40), 0.3f, kindCount, attributes,
					attributes == 0 ? null : TransformerTest.attributes(items, attributes));
			Transformer<INDArray> reference = Transformer.random(config, 1, ReferenceTest::exact);
			float[] weights = weights(reference.layout, random);
			reference.newKernels().write(weights, 0, reference.parameters, 0, weights.length);
			reference.refresh();
			int[][] sequences = sequences(random, 9, items, 25);
			int[][] kinds = kindCount == 1 ? null : kinds(random, sequences, kindCount);
			TrainingOptions options = options(loss, random);
			INDArray g = reference.newKernels().allocate(weights.length);
			double expected = new Trainer<>(reference, options).lossAndGradients(sequences, kinds, true, g);
			float[] expectedScores = scores(reference, sequences, kinds);
			for (Supplier<Kernels<float[]>> kernels : List.<Supplier<Kernels<float[]>>>of(Kernels::best, ScalarKernels::new)) {
				Transformer<float[]> model = Transformer.random(config, 1, kernels);
				System.arraycopy(weights, 0, model.parameters, 0, weights.length);
				model.refresh();
				float[] gradients = new float[weights.length];
				assertThat(new Trainer<>(model, options).lossAndGradients(sequences, kinds, true, gradients))
						.isCloseTo(expected, within(1e-4 * expected));
				for (Layout.Entry e : model.layout.entries) {
					assertThat(distance(gradients, g, e.offset(), e.offset() + e.size()))
							.as(kernels.get().name() + " " + config + " " + e.name()).isLessThan(1e-4);
				}
				float[] actual = scores(model, sequences, kinds);
				double error = 0;
				double size = 0;
				for (int i = 0; i < actual.length; i++) {
					error += Math.pow(actual[i] - expectedScores[i], 2);
					size += Math.pow(expectedScores[i], 2);
				}
				assertThat(Math.sqrt(error / size)).as(kernels.get().name() + " " + config).isLessThan(1e-4);
			}
		}
	}

	@Test
	void slopes_agree_with_the_reference_over_random_shapes() {
		Random random = new Random(13);
		for (int trial = 0; trial < 6; trial++) {
			int heads = 1 + random.nextInt(3);
			int kindCount = 1 + random.nextInt(3);
			TransformerConfig config = new TransformerConfig(50, 3 + random.nextInt(20), heads * (4 + random.nextInt(20)),
					1 + random.nextInt(2), heads, 1 + random.nextInt(40), 0.3f, kindCount, 7, TransformerTest.attributes(50, 7));
			Transformer<INDArray> reference = Transformer.random(config, 1, ReferenceTest::exact);
			float[] weights = weights(reference.layout, random);
			reference.newKernels().write(weights, 0, reference.parameters, 0, weights.length);
			reference.refresh();
			int[] history = sequences(random, 1, 50, 25)[0];
			int[] kinds = kindCount == 1 ? null : random.ints(history.length, 0, kindCount).toArray();
			int[] targets = { 4, 49 };
			List<Point> points = List.of(Point.on(0), Point.on(0.3), new Point(1, 0.15, 5), Point.on(1));
			Slope[][] expected = reference.slopes(history, kinds, targets, points);
			for (Supplier<Kernels<float[]>> kernels : List.<Supplier<Kernels<float[]>>>of(Kernels::best, ScalarKernels::new)) {
				Transformer<float[]> model = Transformer.random(config, 1, kernels);
				System.arraycopy(weights, 0, model.parameters, 0, weights.length);
				model.refresh();
				Slope[][] actual = model.slopes(history, kinds, targets, points);
				for (int i = 0; i < points.size(); i++) {
					for (int t = 0; t < targets.length; t++) {
						assertThat(distance(actual[i][t].products(), expected[i][t].products()))
								.as(kernels.get().name() + " " + config + " " + points.get(i)).isLessThan(1e-4);
						assertThat(actual[i][t].score()).isCloseTo(expected[i][t].score(),
								within(1e-4 * Math.max(1, Math.abs(expected[i][t].score()))));
					}
				}
			}
		}
	}

	private static double distance(double[] actual, double[] expected) {
		double error = 0;
		double size = 0;
		for (int i = 0; i < expected.length; i++) {
			error += Math.pow(actual[i] - expected[i], 2);
			size += Math.pow(expected[i], 2);
		}
		return Math.sqrt(error / size);
	}

	private static <A> float[] scores(Transformer<A> model, int[][] histories, int[][] kinds) {
		float[] vectors = new float[histories.length * model.config().dim()];
		model.scoreRows(histories, kinds, vectors);
		float[] out = new float[histories.length * model.config().items()];
		model.scores(vectors, histories.length, out);
		return out;
	}

	private static <A> byte[] save(Transformer<A> model) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		model.save(out);
		return out.toByteArray();
	}

	private static <A> List<Double> train(Transformer<A> model, TrainingOptions options, int[][] sequences)
			throws IOException {
		List<Double> losses = new ArrayList<>();
		new Trainer<>(model, options).train(sequences, null, null, p -> {
			if (!p.epochEnd()) {
				losses.add(p.loss());
			}
		}, null);
		return losses;
	}

	@Test
	void a_model_trained_with_one_is_served_by_the_other_and_both_learn_alike() throws IOException {
		TransformerConfig config = new TransformerConfig(40, 12, 12, 2, 2, 20, 0.3f, 1, 6, TransformerTest.attributes(40, 6));
		Random random = new Random(2);
		int[][] sequences = IntStream.range(0, 48).mapToObj(i -> {
			int start = random.nextInt(40);
			return IntStream.range(0, 2 + random.nextInt(18)).map(j -> (start + j) % 40).toArray();
		}).toArray(int[][]::new);
		for (Loss loss : Loss.values()) {
			TrainingOptions options = options(loss, random);
			options.epochs = 3;
			options.weightDecay = 0.01f;
			Transformer<float[]> fast = Transformer.random(config, 4);
			Transformer<INDArray> reference = Transformer.random(config, 4, Nd4jKernels::new);
			List<Double> losses = train(fast, options, sequences);
			assertThat(losses).hasSizeGreaterThan(8);
			List<Double> expected = train(reference, options, sequences);
			for (int i = 0; i < losses.size(); i++) {
				assertThat(losses.get(i)).as(loss + " step " + (i + 1)).isCloseTo(expected.get(i), within(1e-4 * expected.get(i)));
			}
			Transformer<float[]> fastServes = Transformer.load(new ByteArrayInputStream(save(reference)));
			Transformer<INDArray> referenceServes = Transformer.load(new ByteArrayInputStream(save(fast)), Nd4jKernels::new);
			assertAlike(scores(fastServes, sequences, null), scores(reference, sequences, null));
			assertAlike(scores(referenceServes, sequences, null), scores(fast, sequences, null));
		}
	}

	private static void assertAlike(float[] actual, float[] expected) {
		for (int i = 0; i < expected.length; i++) {
			assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * Math.max(1f, Math.abs(expected[i]))));
		}
	}
}
