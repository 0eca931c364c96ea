package org.wherefore.engine.dl4j.internal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

class TrainerTest {
	/** Sequences that count upwards in a circle from a random start. */
	private static int[][] circles(int n, int items) {
		Random random = new Random(3);
		return IntStream.range(0, n).mapToObj(i -> {
			int start = random.nextInt(items);
			return IntStream.range(0, 2 + random.nextInt(20)).map(j -> (start + j) % items).toArray();
		}).toArray(int[][]::new);
	}

	private static TrainingOptions options() {
		TrainingOptions o = new TrainingOptions();
		o.epochs = 4;
		o.batch = 16;
		o.threads = 2;
		o.warmup = 5;
		o.negatives = 8;
		return o;
	}

	private static final TransformerConfig CONFIG = new TransformerConfig(40, 12, 12, 2, 2, 20, 0.3f, 1, 0, null);

	@ParameterizedTest
	@EnumSource(Loss.class)
	void gradients_follow_finite_differences_in_every_parameter(Loss loss) {
		Transformer<float[]> model = Transformer.random(TransformerTest.rich(), 5);
		TransformerTest.scatter(model);
		TrainingOptions o = options();
		o.loss = loss;
		o.labelSmoothing = 0.1f;
		o.popularityNegatives = loss == Loss.SAMPLED_SOFTMAX;
		int[][] sequences = circles(12, 40);
		Random random = new Random(8);
		int[][] kinds = Arrays.stream(sequences).map(s -> random.ints(s.length, 0, 3).toArray()).toArray(int[][]::new);
		Trainer<float[]> trainer = new Trainer<>(model, o);
		float[] g = new float[model.parameters.length];
		trainer.lossAndGradients(sequences, kinds, false, g);
		float[] at = model.parameters.clone();
		SoftAssertions.assertSoftly(softly -> {
			for (Layout.Entry e : model.layout.entries) {
				double norm = 0;
				for (int i = e.offset(); i < e.offset() + e.size(); i++) {
					norm += (double) g[i] * g[i];
				}
				norm = Math.sqrt(norm);
				for (int trial = 0; trial < 4; trial++) {
					// Along the gradient itself, then along it plus as much noise, which finds parts that are missing.
					double[] direction = new double[e.size()];
					double length = 0;
					for (int i = 0; i < direction.length; i++) {
						direction[i] = g[e.offset() + i] / (norm + 1e-30)
								+ (trial == 0 ? 0 : random.nextGaussian() / Math.sqrt(e.size()));
						length += direction[i] * direction[i];
					}
					length = Math.sqrt(length);
					double step = 4e-3;
					double expected = 0;
					for (int i = 0; i < direction.length; i++) {
						direction[i] /= length;
						expected += direction[i] * g[e.offset() + i];
					}
					double up = moved(model, trainer, sequences, kinds, at, e.offset(), direction, step);
					double down = moved(model, trainer, sequences, kinds, at, e.offset(), direction, -step);
					softly.assertThat((up - down) / (2 * step)).as(e.name() + " " + trial + " norm " + norm).isCloseTo(expected,
							within(4e-4 + 0.02 * norm));
				}
				// Single weights, which shows a group whose gradient is missing altogether.
				double error = 0;
				double size = 0;
				for (int trial = 0; trial < 16; trial++) {
					int i = random.nextInt(e.size());
					double[] direction = new double[e.size()];
					direction[i] = 1;
					double up = moved(model, trainer, sequences, kinds, at, e.offset(), direction, 0.01);
					double down = moved(model, trainer, sequences, kinds, at, e.offset(), direction, -0.01);
					double difference = (up - down) / 0.02;
					error += Math.pow(difference - g[e.offset() + i], 2);
					size += difference * difference;
				}
				softly.assertThat(Math.sqrt(error)).as(e.name() + " of " + Math.sqrt(size))
						.isLessThan(2e-4 + 0.1 * Math.sqrt(size));
			}
		});
	}

	private static double moved(Transformer<float[]> model, Trainer<float[]> trainer, int[][] sequences, int[][] kinds, float[] at,
			int offset, double[] direction, double step) {
		System.arraycopy(at, 0, model.parameters, 0, at.length);
		for (int i = 0; i < direction.length; i++) {
			model.parameters[offset + i] += (float) (step * direction[i]);
		}
		double loss = trainer.lossAndGradients(sequences, kinds, false, null);
		System.arraycopy(at, 0, model.parameters, 0, at.length);
		return loss;
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void scalar_and_best_kernels_give_the_same_gradients(Loss loss) {
		TrainingOptions o = options();
		o.loss = loss;
		float[][] g = new float[2][];
		for (int i = 0; i < 2; i++) {
			Transformer<float[]> model = i == 0 ? Transformer.random(TransformerTest.rich(), 5)
					: Transformer.random(TransformerTest.rich(), 5, ScalarKernels::new);
			TransformerTest.scatter(model);
			g[i] = new float[model.parameters.length];
			new Trainer<>(model, o).lossAndGradients(circles(12, 40), null, false, g[i]);
		}
		double error = 0;
		double size = 0;
		for (int i = 0; i < g[0].length; i++) {
			error += Math.pow((double) g[0][i] - g[1][i], 2);
			size += Math.pow(g[1][i], 2);
		}
		assertThat(Math.sqrt(error / size)).isLessThan(1e-4);
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void a_simple_rule_is_learned(Loss loss) throws IOException {
		Transformer<float[]> model = Transformer.random(new TransformerConfig(40, 12, 16, 1, 1, 32, 0.1f, 1, 0, null), 1);
		TrainingOptions o = options();
		o.loss = loss;
		o.learningRate = 1e-2f;
		o.epochs = 25;
		o.patience = 0;
		int[][] histories = IntStream.range(0, 40).mapToObj(i -> new int[] { i, (i + 1) % 40 }).toArray(int[][]::new);
		int[] targets = IntStream.range(0, 40).map(i -> (i + 2) % 40).toArray();
		List<Progress> seen = new ArrayList<>();
		Trainer.Result result = new Trainer<>(model, o).train(circles(200, 40), null,
				new Validation(histories, null, targets), seen::add, null);
		assertThat(result.hr()).isGreaterThan(0.95);
		assertThat(result.ndcg()).isGreaterThan(0.9);
		assertThat(seen.get(seen.size() - 1).step()).isEqualTo(seen.get(0).totalSteps());
		assertThat(new Validation(histories, null, targets).measure(model).ndcg()).isCloseTo(result.ndcg(),
				within(1e-9));
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void the_same_seed_gives_the_same_weights(Loss loss) throws IOException {
		TrainingOptions o = options();
		o.loss = loss;
		o.randomWindows = true;
		byte[][] bytes = new byte[2][];
		for (int i = 0; i < 2; i++) {
			Transformer<float[]> model = Transformer.random(CONFIG, 1);
			new Trainer<>(model, o).train(circles(100, 40), null, null, null, null);
			bytes[i] = TransformerTest.save(model);
		}
		assertThat(bytes[0]).isEqualTo(bytes[1]);
	}

	@Test
	void a_resumed_run_gives_the_weights_of_an_uninterrupted_one(@TempDir Path directory) throws IOException {
		TrainingOptions o = options();
		o.cosine = true;
		int[][] sequences = circles(100, 40);
		Validation validation = new Validation(new int[][] { { 1, 2 } }, null, new int[] { 3 });
		Transformer whole = Transformer.random(CONFIG, 1);
		Trainer.Result expected = new Trainer<>(whole, o).train(sequences, null, validation, null, null);
		o.checkpoint = directory.resolve("new");
		int[] batches = new int[1];
		Trainer.Result first = new Trainer<>(Transformer.random(CONFIG, 1), o).train(sequences, null, validation, null,
				() -> batches[0]++ == 17);
		assertThat(first.cancelled()).isTrue();
		assertThat(first.epochs()).isEqualTo(2);
		Transformer resumed = Transformer.random(CONFIG, 99);
		Trainer.Result result = new Trainer<>(resumed, o).train(sequences, null, validation, null, null);
		assertThat(result).isEqualTo(expected);
		assertThat(TransformerTest.save(resumed)).isEqualTo(TransformerTest.save(whole));
		try (var files = Files.list(o.checkpoint)) {
			assertThat(files).hasSize(1);
		}
	}

	@Test
	void a_checkpoint_of_another_run_or_a_damaged_one_is_refused(@TempDir Path directory) throws IOException {
		TrainingOptions o = options();
		o.epochs = 1;
		o.checkpoint = directory;
		new Trainer<>(Transformer.random(CONFIG, 1), o).train(circles(20, 40), null, null, null, null);
		o.seed = 2;
		assertThatThrownBy(
				() -> new Trainer<>(Transformer.random(CONFIG, 1), o).train(circles(20, 40), null, null, null, null))
				.isInstanceOf(IOException.class);
		o.seed = 1;
		Path file = directory.resolve("checkpoint.bin");
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length / 2]++;
		Files.write(file, bytes);
		assertThatThrownBy(
				() -> new Trainer<>(Transformer.random(CONFIG, 1), o).train(circles(20, 40), null, null, null, null))
				.isInstanceOf(IOException.class).hasMessageContaining("Damaged");
	}

	@Test
	void training_stops_early_and_keeps_the_best_weights() throws IOException {
		TrainingOptions o = options();
		o.epochs = 50;
		o.patience = 2;
		Validation impossible = new Validation(new int[][] { { 1, 2 } }, null, new int[] { 2 });
		Trainer.Result result = new Trainer<>(Transformer.random(CONFIG, 1), o).train(circles(50, 40), null, impossible, null,
				null);
		assertThat(result.bestEpoch()).isEqualTo(1);
		assertThat(result.epochs()).isEqualTo(3);
	}
}
