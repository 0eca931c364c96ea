package org.wherefore.engine.dl4j.internal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

class TableTransformerTest {
	static final int[] CATEGORIES = { 0, 3, 0, 0 };
	static final TableShape SHAPE = new TableShape(12, 2, 2, 10, 0.3f, 5);

	/** Rows of three numbers and, second, a category, one value of twelve missing. */
	static double[][] rows(int n, long seed) {
		Random random = new Random(seed);
		return IntStream.range(0, n).mapToObj(i -> IntStream.range(0, CATEGORIES.length).mapToDouble(
				f -> random.nextInt(12) == 0 ? Double.NaN : CATEGORIES[f] > 0 ? random.nextInt(CATEGORIES[f]) : 3 + f + 5 * random.nextGaussian())
				.toArray()).toArray(double[][]::new);
	}

	static <A> TableTransformer<A> model(Supplier<? extends Kernels<A>> kernels) {
		return model(SHAPE, kernels);
	}

	static <A> TableTransformer<A> model(TableShape shape, Supplier<? extends Kernels<A>> kernels) {
		TableTransformer<A> model = TableTransformer.random(shape, CATEGORIES, 3, rows(300, 1), 5, kernels);
		Random random = new Random(11);
		float[] weights = model.weights().clone();
		for (int i = 0; i < weights.length; i++) {
			weights[i] += 0.2f * (float) random.nextGaussian();
		}
		model.newKernels().write(weights, 0, model.parameters, 0, weights.length);
		return model;
	}

	static float[] scores(TableTransformer<?> model, double[]... rows) {
		float[] vectors = new float[rows.length * model.dim()];
		model.vectors(rows, vectors);
		float[] out = new float[rows.length * model.targets()];
		model.scores(vectors, rows.length, out);
		return out;
	}

	static byte[] save(TableTransformer<?> model) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		model.save(out);
		return out.toByteArray();
	}

	@Test
	void a_loaded_model_saves_the_same_bytes_and_gives_the_same_scores() throws IOException {
		TableTransformer<float[]> model = model(Kernels::best);
		byte[] bytes = save(model);
		TableTransformer<float[]> loaded = TableTransformer.load(new ByteArrayInputStream(bytes), Kernels::best);
		assertThat(save(loaded)).isEqualTo(bytes);
		double[][] rows = rows(20, 3);
		assertThat(scores(loaded, rows)).isEqualTo(scores(model, rows));
		assertThat(loaded.slopes(rows[0], new int[] { 1 }, List.of(Point.on(0)))[0][0].score())
				.isEqualTo(model.slopes(rows[0], new int[] { 1 }, List.of(Point.on(0)))[0][0].score());
	}

	@Test
	void a_damaged_or_truncated_model_is_refused() throws IOException {
		byte[] bytes = save(model(Kernels::best));
		for (int length : new int[] { 0, 3, 7, 60, bytes.length / 2, bytes.length - 1 }) {
			byte[] part = Arrays.copyOf(bytes, length);
			assertThatThrownBy(() -> TableTransformer.load(new ByteArrayInputStream(part), Kernels::best)).isInstanceOf(IOException.class);
		}
		Random random = new Random(4);
		for (int i = 0; i < 400; i++) {
			byte[] damaged = bytes.clone();
			damaged[i < 200 ? i : random.nextInt(bytes.length)] ^= 1 << random.nextInt(8);
			assertThatThrownBy(() -> TableTransformer.load(new ByteArrayInputStream(damaged), Kernels::best))
					.isInstanceOf(IOException.class);
		}
		assertThatThrownBy(() -> TableTransformer.load(new ByteArrayInputStream(TransformerTest.save(
				Transformer.random(TransformerConfig.of(9, 5, 4), 1))), Kernels::best)).isInstanceOf(IOException.class);
	}

	@Test
	void a_score_is_the_same_to_the_bit_whatever_else_is_in_the_batch() {
		for (TableShape shape : List.of(SHAPE, new TableShape(64, 1, 1, 85, 0, 0), new TableShape(32, 3, 4, 40, 0, 9))) {
			for (Supplier<Kernels<float[]>> kernels : List.<Supplier<Kernels<float[]>>>of(Kernels::best, ScalarKernels::new)) {
				TableTransformer<float[]> model = model(shape, kernels);
				double[][] rows = rows(900, 6);
				float[] all = scores(model, rows);
				for (int i = 0; i < rows.length; i += 7) {
					assertThat(scores(model, rows[i])).containsExactly(Arrays.copyOfRange(all, 3 * i, 3 * i + 3));
				}
			}
		}
	}

	@Test
	void many_threads_get_the_same_scores() {
		TableTransformer<float[]> model = model(Kernels::best);
		double[][] rows = rows(5, 6);
		float[] expected = scores(model, rows);
		assertThat(IntStream.range(0, 500).parallel().allMatch(i -> Arrays.equals(scores(model, rows), expected))).isTrue();
	}

	@Test
	void serving_gives_what_training_computes() {
		TableTransformer<float[]> model = model(Kernels::best);
		double[][] rows = rows(9, 8);
		TablePass<float[]> pass = model.newPass();
		for (double[] row : rows) {
			pass.append(row);
		}
		pass.forward(model.parameters, 0, false);
		float[] vectors = new float[9 * 12];
		model.vectors(rows, vectors);
		for (int i = 0; i < vectors.length; i++) {
			assertThat(vectors[i]).isCloseTo(pass.h[i], within(1e-4f));
		}
	}

	@Test
	void a_number_bends_at_quantiles_and_a_missing_value_is_one_of_its_own() {
		double[] values = { 5, 1, 2, Double.NaN, 3, 4, 6, 7, 8, 9 };
		Column c = Column.number(values, 4);
		assertThat(c.edges()).containsExactly(1, 3, 5, 7, 9);
		assertThat(c.size()).isEqualTo(8);
		int[] ids = new int[4];
		float[] weights = new float[4];
		assertThat(c.bag(3.5, 10, ids, weights, 0)).isEqualTo(4);
		assertThat(ids).containsExactly(10, 11, 13, 14);
		assertThat(weights[1]).isCloseTo((float) (-1.5 / Math.sqrt(60 / 9.0)), within(1e-6f));
		assertThat(weights[2]).isEqualTo(0.75f);
		assertThat(weights[3]).isEqualTo(0.25f);
		c.bag(-100, 10, ids, weights, 0);
		assertThat(weights[2]).isEqualTo(1);
		c.bag(100, 10, ids, weights, 0);
		assertThat(weights[3]).isEqualTo(1);
		assertThat(c.bag(Double.NaN, 10, ids, weights, 0)).isEqualTo(1);
		assertThat(ids[0]).isEqualTo(17);
		assertThat(Column.number(new double[] { 2, 2, Double.NaN }, 4)).extracting(Column::deviation, Column::size).containsExactly(1.0, 3);
		assertThat(Column.number(new double[] { Double.NaN }, 4).bag(7, 0, ids, weights, 0)).isEqualTo(2);
		assertThatThrownBy(() -> Column.category(3).bag(3, 0, ids, weights, 0)).isInstanceOf(IllegalArgumentException.class)
				.hasMessageContaining("3");
	}

	@Test
	void integrated_gradients_from_the_mean_tokens_add_up_to_the_score() {
		TableTransformer<float[]> model = model(Kernels::best);
		for (double[] row : rows(5, 9)) {
			int n = 400;
			List<Point> points = IntStream.range(0, n).mapToObj(i -> Point.on((i + 0.5) / n)).toList();
			int[] targets = { 0, 2 };
			Slope[][] ends = model.slopes(row, targets, List.of(Point.on(0), Point.on(1)));
			Slope[][] path = model.slopes(row, targets, points);
			float[] scores = scores(model, row);
			for (int t = 0; t < targets.length; t++) {
				int target = t;
				double sum = Arrays.stream(path).mapToDouble(p -> DoubleStream.of(p[target].products()).sum()).sum() / n;
				double difference = ends[1][t].score() - ends[0][t].score();
				assertThat(ends[1][t].score()).isCloseTo(scores[targets[t]], within(1e-4));
				assertThat(sum).isCloseTo(difference, within(0.005 * Math.max(1, Math.abs(difference))));
			}
			assertThat(ends[0][0].score()).as("every row starts from the same mean tokens")
					.isCloseTo(model.slopes(rows(1, 77)[0], targets, List.of(Point.on(0)))[0][0].score(), within(1e-5));
		}
	}

	@Test
	void a_slope_is_the_same_to_the_bit_whatever_else_is_asked() {
		TableTransformer<float[]> model = model(Kernels::best);
		double[] row = rows(1, 9)[0];
		List<Point> points = IntStream.range(0, 150).mapToObj(i -> new Point(i / 149.0, i % 3 == 0 ? 0 : 0.2, i)).toList();
		Slope[][] together = model.slopes(row, new int[] { 0, 1, 2 }, points);
		for (int i : new int[] { 0, 1, 44, 149 }) {
			Slope alone = model.slopes(row, new int[] { 2 }, List.of(points.get(i)))[0][0];
			assertThat(alone.score()).isEqualTo(together[i][2].score());
			assertThat(alone.products()).containsExactly(together[i][2].products()).hasSize(4);
		}
		assertThat(together[1][2].score()).isNotEqualTo(model.slopes(row, new int[] { 2 }, List.of(Point.on(1 / 149.0)))[0][0].score());
	}

	@Test
	void every_token_looks_at_every_other_and_the_score_is_read_from_the_models_own() {
		TableTransformer<float[]> model = model(Kernels::best);
		Attention.Maps maps = model.attention(rows(1, 2)[0], new int[] { 1 });
		assertThat(maps.parts()).containsExactly(0, 1, 2, 3, -1);
		assertThat(maps.output()).isEqualTo(4);
		for (double[][][] layer : maps.weights()) {
			for (double[][] head : layer) {
				for (double[] query : head) {
					assertThat(query).hasSize(5).doesNotContain(0);
					assertThat(DoubleStream.of(query).sum()).isCloseTo(1, within(1e-5));
				}
			}
		}
		assertThat(maps.gradients()[0][1][0][0]).containsOnly(0);
		assertThat(maps.gradients()[0][1][0][4]).doesNotContain(0);
		assertThat(maps.gradients()[0][0][0][0]).doesNotContain(0);
	}

	/** A target that is there where one number is above its mean and another below, whatever the others are. */
	static TableTrainer.Cases crossing(int n, long seed) {
		double[][] rows = rows(n, seed);
		return new TableTrainer.Cases(rows, Arrays.stream(rows).mapToInt(r -> r[0] > 3 == r[2] < 5 ? r[1] == 0 ? 2 : 0 : -1).toArray());
	}

	static TableOptions options() {
		TableOptions o = new TableOptions();
		o.epochs = 12;
		o.batch = 64;
		o.learningRate = 3e-3f;
		o.warmup = 10;
		o.cosine = true;
		o.threads = 1;
		o.averaging = 0.98f;
		return o;
	}

	@Test
	void it_learns_what_no_feature_tells_alone_and_stops_at_its_best() {
		TableTrainer.Cases training = crossing(2000, 1);
		TableTransformer<float[]> model = TableTransformer.random(new TableShape(16, 2, 2, 20, 0.1f, 4), CATEGORIES, 3, training.rows(), 5,
				Kernels::best);
		TableTrainer.Result result = new TableTrainer<>(model, options()).train(training, crossing(1000, 2), null, null);
		assertThat(result.averagePrecision()).isGreaterThan(0.9);
		assertThat(result.bestEpoch()).isBetween(1, result.epochs());
		TableTrainer.Cases test = crossing(1000, 3);
		float[] scores = scores(model, test.rows());
		double[] of = IntStream.range(0, 1000).mapToDouble(i -> scores[3 * i]).toArray();
		boolean[] right = new boolean[1000];
		for (int i = 0; i < right.length; i++) {
			right[i] = test.targets()[i] == 0;
		}
		assertThat(TableTrainer.averagePrecision(of, right)).isGreaterThan(0.85);
	}

	@Test
	void probabilities_stay_right_when_few_of_the_rows_without_a_target_are_drawn() {
		Random random = new Random(3);
		double[][] rows = rows(6000, 4);
		int[] targets = Arrays.stream(rows).mapToInt(r -> random.nextInt(20) == 0 ? 0 : -1).toArray();
		TableTransformer<float[]> model = TableTransformer.random(SHAPE, CATEGORIES, 1, rows, 5, Kernels::best);
		TableOptions o = options();
		o.negatives = 2;
		o.epochs = 4;
		new TableTrainer<>(model, o).train(new TableTrainer.Cases(rows, targets), null, null, null);
		double mean = 0;
		for (float s : scores(model, rows)) {
			mean += 1 / (1 + Math.exp(-s)) / rows.length;
		}
		assertThat(mean).isCloseTo(Arrays.stream(targets).filter(t -> t == 0).count() / 6000.0, within(0.015));
	}

	@Test
	void the_same_seed_and_threads_give_the_same_bytes_and_others_do_not() throws IOException {
		byte[][] saved = new byte[4][];
		for (int i = 0; i < saved.length; i++) {
			TableOptions o = options();
			o.epochs = 2;
			o.threads = i < 3 ? 2 : 1;
			o.seed = i < 2 ? 7 : 8;
			TableTrainer.Cases training = crossing(300, 1);
			TableTransformer<float[]> model = TableTransformer.random(SHAPE, CATEGORIES, 3, training.rows(), o.seed, Kernels::best);
			new TableTrainer<>(model, o).train(training, crossing(100, 2), null, null);
			saved[i] = save(model);
		}
		assertThat(saved[1]).isEqualTo(saved[0]);
		assertThat(saved[2]).isNotEqualTo(saved[0]);
	}

	@Test
	void average_precision_counts_equal_scores_together() {
		assertThat(TableTrainer.averagePrecision(new double[] { 3, 2, 2, 1 }, new boolean[] { true, false, true, false }))
				.isCloseTo((1 + 2 / 3.0) / 2, within(1e-12));
		assertThat(TableTrainer.averagePrecision(new double[] { 3, 2 }, new boolean[2])).isNaN();
	}
}
