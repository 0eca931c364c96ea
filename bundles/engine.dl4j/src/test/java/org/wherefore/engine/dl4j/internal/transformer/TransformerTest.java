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
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

class TransformerTest {
	private static final TransformerConfig PLAIN = new TransformerConfig(40, 12, 12, 2, 2, 20, 0.3f, 1, 0, null);

	static int[][] attributes(int items, int count) {
		Random random = new Random(7);
		return IntStream.range(0, items).mapToObj(i -> random.ints(i % 4, 0, count).toArray()).toArray(int[][]::new);
	}

	static TransformerConfig rich() {
		return new TransformerConfig(40, 12, 12, 2, 3, 20, 0.3f, 3, 6, attributes(40, 6));
	}

	@Test
	void a_loaded_model_saves_the_same_bytes_and_gives_the_same_scores() throws IOException {
		Transformer<float[]> model = Transformer.random(rich(), 3);
		byte[] bytes = save(model);
		Transformer<float[]> loaded = Transformer.load(new ByteArrayInputStream(bytes));
		assertThat(save(loaded)).isEqualTo(bytes);
		assertThat(scores(loaded, new int[] { 1, 2, 3 }, new int[] { 0, 1, 2 }))
				.isEqualTo(scores(model, new int[] { 1, 2, 3 }, new int[] { 0, 1, 2 }));
	}

	@Test
	void a_damaged_or_truncated_model_is_refused() throws IOException {
		byte[] bytes = save(Transformer.random(rich(), 3));
		for (int length : new int[] { 0, 3, 7, 60, bytes.length / 2, bytes.length - 1 }) {
			byte[] part = Arrays.copyOf(bytes, length);
			assertThatThrownBy(() -> Transformer.load(new ByteArrayInputStream(part))).isInstanceOf(IOException.class);
		}
		Random random = new Random(4);
		for (int i = 0; i < 200; i++) {
			byte[] damaged = bytes.clone();
			damaged[i < 100 ? i : random.nextInt(bytes.length)] ^= 1 << random.nextInt(8);
			assertThatThrownBy(() -> Transformer.load(new ByteArrayInputStream(damaged)))
					.isInstanceOf(IOException.class);
		}
	}

	@Test
	void serving_gives_what_training_computes_in_its_last_row() {
		for (TransformerConfig config : new TransformerConfig[] { PLAIN, rich() }) {
			Transformer<float[]> model = Transformer.random(config, 5);
			scatter(model);
			int[] history = { 5, 6, 7, 8, 9, 5 };
			Pass<float[]> pass = model.newPass();
			pass.append(new int[] { 1, 2, 3 }, null, 0, 3);
			pass.append(history, null, 0, 6);
			pass.forward(model.parameters, model.vectors(), model.vectorOffset(), 0, false);
			float[] out = new float[3 * 12];
			model.scoreRows(new int[][] { { 1, 2, 3 }, {}, history }, null, out);
			for (int i = 0; i < 12; i++) {
				assertThat(out[i]).isCloseTo(pass.h[2 * 12 + i], within(1e-4f));
				assertThat(out[12 + i]).isZero();
				assertThat(out[24 + i]).isCloseTo(pass.h[8 * 12 + i], within(1e-4f));
			}
		}
	}

	@Test
	void a_history_is_encoded_alone_as_among_others_and_only_its_last_events_count() {
		Transformer<float[]> model = Transformer.random(PLAIN, 5);
		scatter(model);
		Random random = new Random(1);
		int[][] histories = IntStream.range(0, 400).mapToObj(i -> random.ints(random.nextInt(30), 0, 40).toArray())
				.toArray(int[][]::new);
		float[] all = new float[400 * 12];
		model.scoreRows(histories, null, all);
		for (int i = 0; i < 400; i++) {
			int[] h = histories[i];
			float[] one = new float[12];
			model.scoreRows(new int[][] { Arrays.copyOfRange(h, Math.max(0, h.length - 12), h.length) }, null, one);
			for (int j = 0; j < 12; j++) {
				assertThat(all[i * 12 + j]).isCloseTo(one[j], within(1e-4f));
			}
		}
	}

	@Test
	void many_threads_get_the_same_scores() {
		Transformer<float[]> model = Transformer.random(rich(), 5);
		float[] expected = scores(model, new int[] { 1, 2, 3 }, null);
		assertThat(IntStream.range(0, 500).parallel()
				.allMatch(i -> Arrays.equals(scores(model, new int[] { 1, 2, 3 }, null), expected))).isTrue();
	}

	@Test
	void scalar_and_best_kernels_give_the_same_scores_and_kinds_matter() {
		Transformer best = Transformer.random(rich(), 5);
		Transformer<float[]> scalar = Transformer.random(rich(), 5, ScalarKernels::new);
		int[] history = { 1, 2, 3, 4, 5, 6, 7 };
		int[] kinds = { 0, 1, 2, 0, 1, 2, 0 };
		assertThat(best.parameters().get("block0.qkv")).isEqualTo(scalar.parameters().get("block0.qkv"));
		float[] a = scores(best, history, kinds);
		float[] b = scores(scalar, history, kinds);
		for (int i = 0; i < a.length; i++) {
			assertThat(a[i]).isCloseTo(b[i], within(1e-4f));
		}
		assertThat(scores(best, history, new int[] { 0, 1, 2, 0, 1, 2, 1 })).isNotEqualTo(a);
		assertThatThrownBy(() -> scores(best, history, new int[] { 0, 1, 2, 0, 1, 2, 3 }))
				.isInstanceOf(IllegalArgumentException.class);
		assertThatThrownBy(() -> scores(best, new int[] { 40 }, null)).isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void chosen_items_score_as_among_all() {
		Transformer<float[]> model = Transformer.random(rich(), 5);
		float[] vector = new float[12];
		model.scoreRows(new int[][] { { 3, 4 } }, null, vector);
		float[] all = new float[40];
		model.scores(vector, 1, all);
		float[] chosen = new float[2];
		model.scores(vector, 0, new int[] { 39, 7 }, chosen);
		assertThat(chosen).containsExactly(all[39], all[7]);
	}

	@Test
	void the_best_items_come_in_order_without_the_excluded() {
		Random random = new Random(2);
		for (int trial = 0; trial < 200; trial++) {
			int n = 1 + random.nextInt(60);
			int k = random.nextInt(20);
			float[] s = new float[n + 2];
			for (int i = 0; i < s.length; i++) {
				s[i] = random.nextInt(12);
			}
			int[] excluded = random.ints(random.nextInt(8), 0, n).toArray();
			int[] expected = IntStream.range(0, n).filter(i -> Arrays.stream(excluded).noneMatch(e -> e == i)).boxed()
					.sorted((a, b) -> Float.compare(s[2 + b], s[2 + a])).limit(k).mapToInt(i -> i).toArray();
			assertThat(Transformer.topK(s, 2, n, k, excluded)).containsExactly(expected);
		}
	}

	@Test
	void slopes_follow_the_scores_of_histories_whose_embeddings_are_scaled() {
		Transformer<float[]> model = Transformer.random(PLAIN, 5);
		scatter(model);
		int[] history = { 3, 9, 4, 30, 12 };
		int[] targets = { 17, 2 };
		List<Point> points = Stream.of(1.0, 0.0, 0.4).map(Point::on).toList();
		Slope[][] slopes = model.slopes(history, null, targets, points);
		float[] kept = model.parameters.clone();
		float step = 0.004f;
		for (int i = 0; i < points.size(); i++) {
			float alpha = (float) points.get(i).alpha();
			for (int item : history) {
				scale(model, item, kept, alpha);
			}
			float[] scores = scores(model, history, null);
			for (int t = 0; t < targets.length; t++) {
				assertThat(slopes[i][t].score()).isCloseTo(scores[targets[t]], within(1e-4));
			}
			double error = 0;
			double size = 0;
			for (int event = 0; event < history.length; event++) {
				scale(model, history[event], kept, alpha + step);
				float[] up = scores(model, history, null);
				scale(model, history[event], kept, alpha - step);
				float[] down = scores(model, history, null);
				scale(model, history[event], kept, alpha);
				for (int t = 0; t < targets.length; t++) {
					double expected = (up[targets[t]] - down[targets[t]]) / (2 * step);
					error += Math.pow(slopes[i][t].products()[event] - expected, 2);
					size += expected * expected;
				}
			}
			assertThat(Math.sqrt(error / size)).as("alpha %s, kinks of the rectifier included", alpha).isLessThan(0.02);
			System.arraycopy(kept, 0, model.parameters, 0, kept.length);
		}
	}

	/** The embedding of an item, which the item of no other event or target is, times {@code factor}. */
	private static void scale(Transformer<float[]> model, int item, float[] kept, float factor) {
		int d = model.config().dim();
		for (int i = model.layout.item + item * d; i < model.layout.item + (item + 1) * d; i++) {
			model.parameters[i] = factor * kept[i];
		}
		model.refresh();
	}

	@Test
	void a_slope_is_the_same_to_the_bit_whatever_else_is_asked_and_old_events_have_none() {
		for (int dim : new int[] { 8, 12, 64 }) {
			TransformerConfig config = new TransformerConfig(40, 12, dim, 2, 2, 2 * dim, 0.3f, 3, 6, attributes(40, 6));
			Transformer<float[]> model = Transformer.random(config, 5);
			scatter(model);
			Random random = new Random(3);
			int[] history = random.ints(15, 0, 40).toArray();
			int[] kinds = random.ints(15, 0, 3).toArray();
			int[] targets = { 7, 0, 39 };
			List<Point> points = IntStream.range(0, 90)
					.mapToObj(i -> new Point(i / 89.0, i % 3 == 0 ? 0 : 0.2, i)).toList();
			Slope[][] together = model.slopes(history, kinds, targets, points);
			for (int i : new int[] { 0, 1, 44, 89 }) {
				Slope alone = model.slopes(history, kinds, new int[] { 39 }, List.of(points.get(i)))[0][0];
				assertThat(alone.score()).isEqualTo(together[i][2].score());
				assertThat(alone.products()).containsExactly(together[i][2].products()).hasSize(15).startsWith(0, 0, 0);
				assertThat(alone.products()[14]).isNotZero();
			}
			int[] few = { 5, 6 };
			assertThat(model.slopes(few, null, new int[] { 7 }, points.subList(3, 4))[0][0].products())
					.containsExactly(model.slopes(few, null, targets, points)[3][0].products());
			assertThat(together[1][2].score()).isNotEqualTo(
					model.slopes(history, kinds, targets, List.of(Point.on(1 / 89.0)))[0][2].score());
		}
		assertThat(Transformer.random(PLAIN, 5).slopes(new int[0], null, new int[] { 3 }, List.of(Point.on(1)))[0][0].score())
				.isZero();
	}

	/** Larger weights than at the start, so that everything matters. */
	static void scatter(Transformer<float[]> model) {
		Random random = new Random(11);
		for (int i = 0; i < model.parameters.length; i++) {
			model.parameters[i] += 0.2f * (float) random.nextGaussian();
		}
		model.refresh();
	}

	static byte[] save(Transformer<float[]> model) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		model.save(out);
		return out.toByteArray();
	}

	@Test
	void aScoreIsTheSameToTheBitWhateverElseIsInTheBatch() {
		for (int[] shape : new int[][] {{40, 12, 2}, {331, 64, 1}, {1000, 36, 3}, {2600, 160, 2}}) {
			TransformerConfig config = new TransformerConfig(shape[0], 30, shape[1], 2, shape[2], 2 * shape[1], 0, 1, 0, null);
			for (Transformer<float[]> model : new Transformer[] {Transformer.random(config, 3), Transformer.random(config, 3, ScalarKernels::new)}) {
				Random random = new Random(5);
				int[][] histories = new int[29][];
				for (int i = 0; i < histories.length; i++) {
					histories[i] = random.ints(1 + random.nextInt(33), 0, config.items()).toArray();
				}
				float[] vectors = new float[histories.length * config.dim()];
				model.scoreRows(histories, null, vectors);
				float[] together = new float[histories.length * config.items()];
				model.scores(vectors, histories.length, together);
				int[] chosen = {0, config.items() / 2, config.items() - 1};
				for (int i = 0; i < histories.length; i++) {
					float[] alone = scores(model, histories[i], null);
					assertThat(alone).containsExactly(
							Arrays.copyOfRange(together, i * config.items(), (i + 1) * config.items()));
					float[] some = new float[chosen.length];
					model.scores(vectors, i, chosen, some);
					assertThat(some).containsExactly(alone[chosen[0]], alone[chosen[1]], alone[chosen[2]]);
				}
			}
		}
	}

	private static float[] scores(Transformer<float[]> model, int[] history, int[] kinds) {
		float[] vector = new float[model.config().dim()];
		model.scoreRows(new int[][] { history }, kinds == null ? null : new int[][] { kinds }, vector);
		float[] out = new float[model.config().items()];
		model.scores(vector, 1, out);
		return out;
	}
}
