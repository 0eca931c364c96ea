package org.wherefore.engine.dl4j.internal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.ReferenceAvailable;

/** The reference of the tabular Transformer against finite differences, and the fast kernels against the reference. */
class TableReferenceTest {
	@BeforeAll
	static void start() {
		ReferenceAvailable.assume();
	}

	private static Nd4jKernels exact() {
		return new Nd4jKernels(DataType.DOUBLE);
	}

	private static TableOptions options(float focal) {
		TableOptions o = TableTransformerTest.options();
		o.focal = focal;
		o.positiveWeight = 3;
		o.weightDecay = 0.01f;
		return o;
	}

	@ParameterizedTest
	@CsvSource({ "0, false", "0, true", "2, true" })
	void gradients_of_the_reference_follow_central_differences_in_double(float focal, boolean drop) {
		Random random = new Random(8);
		TableTransformer<INDArray> model = TableTransformerTest.model(new TableShape(6, 2, 2, 7, 0.3f, 3), TableReferenceTest::exact);
		TableTrainer.Cases cases = TableTransformerTest.crossing(5, 3);
		TableTrainer<INDArray> trainer = new TableTrainer<>(model, options(focal));
		INDArray g = model.newKernels().allocate(model.layout.size());
		trainer.lossAndGradients(cases, drop, g);
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
					double up = trainer.lossAndGradients(cases, drop, null);
					model.parameters.assign(weights);
					move(model.parameters, e.offset(), direction, -step);
					double down = trainer.lossAndGradients(cases, drop, null);
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

	@Test
	void fast_kernels_agree_with_the_reference_over_random_shapes_and_masks() {
		Random random = new Random(21);
		for (int trial = 0; trial < 6; trial++) {
			int heads = 1 + random.nextInt(3);
			// Every fourth head is as wide as the vector kernels like it.
			int width = trial % 4 == 0 ? 32 : 1 + random.nextInt(12);
			TableShape shape = new TableShape(heads * width, 1 + random.nextInt(3), heads, 1 + random.nextInt(40), 0.3f, random.nextInt(6));
			TableTransformer<INDArray> reference = TableTransformerTest.model(shape, TableReferenceTest::exact);
			TableTrainer.Cases cases = TableTransformerTest.crossing(60, trial);
			TableOptions options = options(trial % 2 * 1.5f);
			INDArray g = reference.newKernels().allocate(reference.layout.size());
			double expected = new TableTrainer<>(reference, options).lossAndGradients(cases, true, g);
			float[] scores = TableTransformerTest.scores(reference, cases.rows());
			List<Point> points = List.of(Point.on(0), Point.on(0.3), new Point(1, 0.15, 5), Point.on(1));
			Slope[][] slopes = reference.slopes(cases.rows()[0], new int[] { 2, 0 }, points);
			for (Supplier<Kernels<float[]>> kernels : List.<Supplier<Kernels<float[]>>>of(Kernels::best, ScalarKernels::new)) {
				TableTransformer<float[]> model = TableTransformerTest.model(shape, kernels);
				String what = kernels.get().name() + " " + shape;
				float[] gradients = new float[model.layout.size()];
				assertThat(new TableTrainer<>(model, options).lossAndGradients(cases, true, gradients)).as(what)
						.isCloseTo(expected, within(1e-4 * expected));
				for (Layout.Entry e : model.layout.entries) {
					double error = 0;
					double size = 0;
					for (int i = e.offset(); i < e.offset() + e.size(); i++) {
						error += Math.pow(gradients[i] - g.getDouble(i), 2);
						size += Math.pow(g.getDouble(i), 2);
					}
					assertThat(Math.sqrt(error / size)).as(what + " " + e.name()).isLessThan(1e-4);
				}
				alike(what, TableTransformerTest.scores(model, cases.rows()), scores);
				Slope[][] actual = model.slopes(cases.rows()[0], new int[] { 2, 0 }, points);
				for (int i = 0; i < points.size(); i++) {
					for (int t = 0; t < 2; t++) {
						double error = 0;
						double size = 0;
						for (int f = 0; f < 4; f++) {
							error += Math.pow(actual[i][t].products()[f] - slopes[i][t].products()[f], 2);
							size += Math.pow(slopes[i][t].products()[f], 2);
						}
						assertThat(Math.sqrt(error / size)).as(what + " " + points.get(i)).isLessThan(1e-4);
					}
				}
			}
		}
	}

	@Test
	void a_model_trained_with_one_is_served_by_the_other_and_both_learn_alike() throws IOException {
		TableTrainer.Cases training = TableTransformerTest.crossing(96, 1);
		TableOptions options = options(1);
		options.epochs = 4;
		options.batch = 32;
		TableTransformer<float[]> fast = TableTransformer.random(TableTransformerTest.SHAPE, TableTransformerTest.CATEGORIES, 3, training.rows(), 4,
				Kernels::best);
		TableTransformer<INDArray> reference = TableTransformer.random(TableTransformerTest.SHAPE, TableTransformerTest.CATEGORIES, 3,
				training.rows(), 4, Nd4jKernels::new);
		List<Double> losses = train(fast, options, training);
		List<Double> expected = train(reference, options, training);
		assertThat(losses).hasSize(12);
		for (int i = 0; i < losses.size(); i++) {
			assertThat(losses.get(i)).as("step " + (i + 1)).isCloseTo(expected.get(i), within(1e-4 * expected.get(i)));
		}
		alike("fast serves", TableTransformerTest.scores(TableTransformer.load(new ByteArrayInputStream(TableTransformerTest.save(reference)),
				Kernels::best), training.rows()), TableTransformerTest.scores(reference, training.rows()));
		alike("reference serves", TableTransformerTest.scores(TableTransformer.load(new ByteArrayInputStream(TableTransformerTest.save(fast)),
				Nd4jKernels::new), training.rows()), TableTransformerTest.scores(fast, training.rows()));
	}

	private static <A> List<Double> train(TableTransformer<A> model, TableOptions options, TableTrainer.Cases training) {
		List<Double> losses = new ArrayList<>();
		new TableTrainer<>(model, options).train(training, null, p -> {
			if (!p.epochEnd()) {
				losses.add(p.loss());
			}
		}, null);
		return losses;
	}

	private static void alike(String what, float[] actual, float[] expected) {
		for (int i = 0; i < expected.length; i++) {
			assertThat(actual[i]).as(what).isCloseTo(expected[i], within(1e-4f * Math.max(1f, Math.abs(expected[i]))));
		}
	}
}
