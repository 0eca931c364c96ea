package org.wherefore.engine.dl4j.internal.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;

/** Attention against a model written down once more, in double and one number after another, whose weights can be changed. */
class AttentionTest {
	/** The Transformer as its formulas say. */
	private static final class Plain {
		private final TransformerConfig c;
		private final Map<String, float[]> p;
		private final int[] history;
		private final int[] kinds;
		/** [block][head][query][key] as they were before what is added to them. */
		final double[][][][] weights;

		Plain(Transformer<float[]> model, int[] history, int[] kinds) {
			c = model.config();
			p = model.parameters();
			this.history = history;
			this.kinds = kinds;
			weights = new double[c.blocks()][c.heads()][history.length][history.length];
		}

		private double[] item(int item) {
			double[] out = new double[c.dim()];
			int[] attributes = c.itemAttributes() == null ? new int[0] : c.itemAttributes()[item];
			for (int i = 0; i < out.length; i++) {
				out[i] = p.get("item")[item * c.dim() + i];
				for (int a : attributes) {
					out[i] += (double) p.get("attribute")[a * c.dim() + i] / attributes.length;
				}
			}
			return out;
		}

		private double[] norm(double[] x, String name) {
			double mean = Arrays.stream(x).average().orElseThrow();
			double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
			double[] out = new double[x.length];
			for (int i = 0; i < x.length; i++) {
				out[i] = (x[i] - mean) / Math.sqrt(variance + 1e-5) * p.get(name + ".gain")[i] + p.get(name + ".bias")[i];
			}
			return out;
		}

		private double[] linear(double[] x, String name) {
			float[] w = p.get(name);
			float[] bias = p.get(name + ".bias");
			double[] out = new double[bias.length];
			for (int j = 0; j < out.length; j++) {
				out[j] = bias[j];
				for (int i = 0; i < x.length; i++) {
					out[j] += x[i] * w[i * out.length + j];
				}
			}
			return out;
		}

		/** The score of a target when {@code step} is added to one attention weight after the softmax. */
		double score(int target, int block, int head, int query, int key, double step) {
			int n = history.length;
			int d = c.dim();
			int width = d / c.heads();
			double[][] x = new double[n][];
			for (int r = 0; r < n; r++) {
				x[r] = item(history[r]);
				for (int i = 0; i < d; i++) {
					x[r][i] = x[r][i] * Math.sqrt(d) + p.get("position")[(n - 1 - r) * d + i]
							+ (c.kinds() > 1 ? p.get("kind")[kinds[r] * d + i] : 0);
				}
			}
			for (int b = 0; b < c.blocks(); b++) {
				String name = "block" + b + ".";
				double[][] qkv = Arrays.stream(x).map(row -> linear(norm(row, name + "norm1"), name + "qkv")).toArray(double[][]::new);
				double[][] mixed = new double[n][d];
				for (int h = 0; h < c.heads(); h++) {
					for (int q = 0; q < n; q++) {
						double[] w = weights[b][h][q];
						double sum = 0;
						for (int k = 0; k <= q; k++) {
							double dot = 0;
							for (int i = h * width; i < (h + 1) * width; i++) {
								dot += qkv[q][i] * qkv[k][d + i];
							}
							w[k] = Math.exp(dot / Math.sqrt(width));
							sum += w[k];
						}
						for (int k = 0; k <= q; k++) {
							w[k] /= sum;
							double used = w[k] + (b == block && h == head && q == query && k == key ? step : 0);
							for (int i = h * width; i < (h + 1) * width; i++) {
								mixed[q][i] += used * qkv[k][2 * d + i];
							}
						}
					}
				}
				for (int r = 0; r < n; r++) {
					add(linear(mixed[r], name + "out"), x[r]);
					double[] up = linear(norm(x[r], name + "norm2"), name + "up");
					add(linear(Arrays.stream(up).map(v -> Math.max(0, v)).toArray(), name + "down"), x[r]);
				}
			}
			double[] read = norm(x[n - 1], "norm");
			double[] vector = item(target);
			return IntStream.range(0, d).mapToDouble(i -> read[i] * vector[i]).sum();
		}

		private static void add(double[] from, double[] to) {
			for (int i = 0; i < to.length; i++) {
				to[i] += from[i];
			}
		}
	}

	@Test
	void gradients_follow_the_scores_of_a_plain_model_whose_attention_weights_are_changed() {
		int[] targets = { 17, 2 };
		for (TransformerConfig config : new TransformerConfig[] { TransformerTest.rich(),
				new TransformerConfig(40, 12, 12, 3, 1, 20, 0.3f, 1, 0, null) }) {
			Transformer<float[]> model = Transformer.random(config, 5);
			TransformerTest.scatter(model);
			Random random = new Random(3);
			int[] history = random.ints(7, 0, 40).toArray();
			int[] kinds = random.ints(7, 0, config.kinds()).toArray();
			Attention.Maps maps = model.attention(history, kinds, targets);
			Plain plain = new Plain(model, history, kinds);
			assertThat(maps.output()).isEqualTo(6);
			float[] vector = new float[12];
			model.scoreRows(new int[][] { history }, new int[][] { kinds }, vector);
			float[] scores = new float[targets.length];
			model.scores(vector, 0, targets, scores);
			double step = 1e-5;
			for (int t = 0; t < targets.length; t++) {
				assertThat(plain.score(targets[t], 0, 0, 0, 0, 0)).isCloseTo(scores[t], within(1e-4));
				double error = 0;
				double size = 0;
				for (int b = 0; b < config.blocks(); b++) {
					for (int h = 0; h < config.heads(); h++) {
						for (int q = 0; q < 7; q++) {
							assertThat(maps.weights()[b][h][q]).containsExactly(plain.weights[b][h][q], within(1e-4));
							for (int k = 0; k < 7; k++) {
								double expected = k > q ? 0
										: (plain.score(targets[t], b, h, q, k, step) - plain.score(targets[t], b, h, q, k, -step)) / (2 * step);
								error += Math.pow(maps.gradients()[t][b][h][q][k] - expected, 2);
								size += expected * expected;
							}
						}
					}
				}
				assertThat(size).isGreaterThan(0.01);
				assertThat(Math.sqrt(error / size)).as(config + ", target " + targets[t]).isLessThan(1e-4);
			}
		}
	}

	@Test
	void rows_sum_to_one_and_events_before_the_last_ones_are_not_looked_at() {
		Transformer<float[]> model = Transformer.random(TransformerTest.rich(), 5);
		TransformerTest.scatter(model);
		int[] history = new Random(3).ints(15, 0, 40).toArray();
		Attention.Maps maps = model.attention(history, null, new int[] { 7 });
		assertThat(maps.parts()).containsExactly(IntStream.range(3, 15).toArray());
		assertThat(maps.output()).isEqualTo(11);
		for (double[][][] block : maps.weights()) {
			for (double[][] head : block) {
				for (int q = 0; q < 12; q++) {
					assertThat(Arrays.stream(head[q]).sum()).isCloseTo(1, within(1e-6));
					assertThat(Arrays.stream(head[q], q + 1, 12).allMatch(w -> w == 0)).isTrue();
				}
			}
		}
		Attention.Maps last = model.attention(Arrays.copyOfRange(history, 3, 15), null, new int[] { 3, 7 });
		assertThat(Arrays.deepEquals(last.weights(), maps.weights())).isTrue();
		assertThat(Arrays.deepEquals(last.gradients()[1], maps.gradients()[0])).isTrue();
		Attention.Maps none = model.attention(new int[0], null, new int[] { 7 });
		assertThat(none.parts()).isEmpty();
		assertThat(none.output()).isEqualTo(-1);
	}

	@Test
	void scalar_and_best_kernels_look_alike() {
		for (int dim : new int[] { 12, 64 }) {
			TransformerConfig config = new TransformerConfig(40, 70, dim, 2, 2, 2 * dim, 0, 1, 0, null);
			Transformer<float[]> best = Transformer.random(config, 5);
			Transformer<float[]> scalar = Transformer.random(config, 5, ScalarKernels::new);
			TransformerTest.scatter(best);
			TransformerTest.scatter(scalar);
			// Longer than the blocks in which queries are computed.
			int[] history = new Random(4).ints(66, 0, 40).toArray();
			Attention.Maps a = best.attention(history, null, new int[] { 7 });
			Attention.Maps b = scalar.attention(history, null, new int[] { 7 });
			assertThat(distance(a.weights(), b.weights())).isLessThan(1e-4);
			assertThat(distance(a.gradients()[0], b.gradients()[0])).isLessThan(1e-4);
		}
	}

	private static double distance(double[][][][] actual, double[][][][] expected) {
		double error = 0;
		double size = 0;
		for (int b = 0; b < expected.length; b++) {
			for (int h = 0; h < expected[b].length; h++) {
				for (int q = 0; q < expected[b][h].length; q++) {
					for (int k = 0; k < expected[b][h].length; k++) {
						error += Math.pow(actual[b][h][q][k] - expected[b][h][q][k], 2);
						size += Math.pow(expected[b][h][q][k], 2);
					}
				}
			}
		}
		return Math.sqrt(error / size);
	}
}
