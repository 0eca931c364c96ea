package org.wherefore.engine.dl4j.internal.kernel.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleSupplier;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * Every layer and loss of the reference against central finite differences in double. A layer's output is made a
 * number by a fixed random weight for each of its values.
 */
class Nd4jKernelsTest {
	private static final double STEP = 1e-5;
	private static final double TOLERANCE = 1e-6;
	private final Nd4jKernels k = new Nd4jKernels(DataType.DOUBLE);
	private final Random random = new Random(11);

	@BeforeAll
	static void start() {
		ReferenceAvailable.assume();
	}

	private INDArray random(int n) {
		double[] x = new double[n];
		for (int i = 0; i < n; i++) {
			x[i] = random.nextGaussian();
		}
		return Nd4j.createFromArray(x);
	}

	private static double weighted(INDArray y, INDArray weights) {
		return y.mul(weights).sumNumber().doubleValue();
	}

	/** Relative L2 distance of a gradient from the central differences of {@code f} by every value of {@code x}. */
	private static void check(String what, INDArray x, INDArray gradient, DoubleSupplier f) {
		double error = 0;
		double size = 0;
		for (int i = 0; i < x.length(); i++) {
			double at = x.getDouble(i);
			x.putScalar(i, at + STEP);
			double up = f.getAsDouble();
			x.putScalar(i, at - STEP);
			double down = f.getAsDouble();
			x.putScalar(i, at);
			double expected = (up - down) / (2 * STEP);
			error += Math.pow(expected - gradient.getDouble(i), 2);
			size += expected * expected;
		}
		assertThat(size).as(what + ": the gradient is not zero").isGreaterThan(1e-6);
		assertThat(Math.sqrt(error / size)).as(what).isLessThan(TOLERANCE);
	}

	@Test
	void linear_layer_with_bias_and_rectifier() {
		int rows = 7;
		int in = 5;
		int out = 6;
		INDArray x = random(rows * in);
		INDArray w = random(in * out);
		INDArray bias = random(out);
		INDArray weights = random(rows * out);
		INDArray y = k.allocate(rows * out);
		DoubleSupplier f = () -> {
			k.gemmNN(rows, out, in, x, 0, in, w, 0, out, y, 0, out, false);
			k.addBiasRelu(rows, out, y, 0, bias, 0);
			return weighted(y, weights);
		};
		f.getAsDouble();
		INDArray dy = weights.dup();
		k.reluBackward(y, dy, rows * out);
		INDArray dx = k.allocate(rows * in);
		INDArray dw = k.allocate(in * out);
		INDArray dBias = k.allocate(out);
		k.gemmNT(rows, in, out, dy, 0, out, w, 0, out, dx, 0, in, false);
		k.gemmTN(in, out, rows, x, 0, in, dy, 0, out, dw, 0, out, true);
		k.addColumnSums(rows, out, dy, 0, dBias, 0);
		check("input", x, dx, f);
		check("weights", w, dw, f);
		check("bias", bias, dBias, f);
	}

	@Test
	void layer_normalisation() {
		int rows = 5;
		int d = 9;
		INDArray x = random(rows * d);
		INDArray gain = random(d);
		INDArray bias = random(d);
		INDArray weights = random(rows * d);
		INDArray y = k.allocate(rows * d);
		INDArray stats = k.allocate(2 * rows);
		DoubleSupplier f = () -> {
			k.layerNorm(rows, d, x, 0, gain, 0, bias, 0, y, 0, stats);
			return weighted(y, weights);
		};
		f.getAsDouble();
		INDArray dx = k.allocate(rows * d);
		INDArray dGain = k.allocate(d);
		INDArray dBias = k.allocate(d);
		k.layerNormBackward(rows, d, x, stats, gain, 0, weights, dx, dGain, 0, dBias, 0);
		check("input", x, dx, f);
		check("gain", gain, dGain, f);
		check("bias", bias, dBias, f);
	}

	@Test
	void attention_over_packed_sequences_causal_and_not() {
		int d = 6;
		for (int heads : new int[] { 1, 2, 3 }) {
			for (boolean causal : new boolean[] { true, false }) {
				int[] offsets = { 0, 1, 5, 12 };
				INDArray qkv = random(12 * 3 * d);
				INDArray weights = random(12 * d);
				INDArray out = k.allocate(12 * d);
				INDArray probs = k.allocate(Kernels.attentionSize(3, offsets, heads));
				DoubleSupplier f = () -> {
					k.attention(3, offsets, d, heads, causal, qkv, out, probs);
					return weighted(out, weights);
				};
				f.getAsDouble();
				INDArray dqkv = k.allocate(12 * 3 * d);
				k.attentionBackward(3, offsets, d, heads, causal, qkv, probs, weights, dqkv);
				check(heads + " heads, causal " + causal, qkv, dqkv, f);
			}
		}
	}

	@Test
	void gated_linear_unit() {
		int rows = 5;
		int n = 7;
		INDArray x = random(rows * 2 * n);
		INDArray weights = random(rows * n);
		INDArray y = k.allocate(rows * n);
		DoubleSupplier f = () -> {
			k.reglu(rows, n, x, y);
			return weighted(y, weights);
		};
		INDArray dx = random(rows * 2 * n);
		k.regluBackward(rows, n, x, weights, dx);
		check("gate and value", x, dx, f);
	}

	@Test
	void focal_cross_entropy_of_independent_classes() {
		int rows = 5;
		int n = 3;
		int[] targets = { 2, -1, 0, 1, -1 };
		for (float gamma : new float[] { 0f, 1f, 2.5f }) {
			INDArray x = random(rows * n).mul(2);
			DoubleSupplier f = () -> 0.5 * k.focalCrossEntropy(rows, n, x.dup(), targets, 3.5f, gamma, 0.5f);
			INDArray g = x.dup();
			k.focalCrossEntropy(rows, n, g, targets, 3.5f, gamma, 0.5f);
			check("gamma " + gamma, x, g, f);
		}
		INDArray logit = Nd4j.createFromArray(-1.0);
		assertThat(k.focalCrossEntropy(1, 1, logit, new int[] { 0 }, 2f, 2f, 1f))
				.isCloseTo(2 * Math.pow(1 - 1 / (1 + Math.E), 2) * Math.log(1 + Math.E), within(1e-12));
	}

	@Test
	void weighted_sums_of_embeddings() {
		int d = 4;
		int[] starts = { 0, 2, 2, 5 };
		int[] ids = { 0, 3, 3, 1, 3 };
		float[] factors = { 1f, -0.5f, 2f, 0.25f, 1.5f };
		INDArray table = random(6 * d);
		INDArray weights = random(3 * d);
		INDArray out = k.allocate(3 * d);
		DoubleSupplier f = () -> {
			out.assign(0);
			k.addWeighted(3, d, starts, ids, factors, table, 0, out, 0);
			return weighted(out, weights);
		};
		INDArray dTable = k.allocate(6 * d);
		k.addWeightedBackward(3, d, starts, ids, factors, weights, 0, dTable, 0);
		check("table", table, dTable, f);
	}

	@Test
	void softmax_cross_entropy_with_and_without_label_smoothing() {
		int rows = 4;
		int n = 7;
		int[] targets = { 0, 6, 3, 3 };
		for (float smoothing : new float[] { 0f, 0.1f }) {
			INDArray x = random(rows * n);
			DoubleSupplier f = () -> 0.5 * k.softmaxCrossEntropy(rows, n, x.dup(), 0, n, targets, 0, smoothing, 0.5f);
			INDArray g = x.dup();
			k.softmaxCrossEntropy(rows, n, g, 0, n, targets, 0, smoothing, 0.5f);
			check("smoothing " + smoothing, x, g, f);
		}
	}

	@Test
	void binary_cross_entropy_of_a_positive_against_negatives() {
		int rows = 3;
		int n = 5;
		int[] ids = { 1, 2, -1, 4, 5, 3, 3, 3, 0, 1, 7, -1, -1, 2, 2 };
		INDArray x = random(rows * n);
		DoubleSupplier f = () -> 0.5 * k.binaryCrossEntropy(rows, n, x.dup(), ids, 0.25f, 0.5f);
		INDArray g = x.dup();
		k.binaryCrossEntropy(rows, n, g, ids, 0.25f, 0.5f);
		check("logits", x, g, f);
		assertThat(g.getDouble(2)).isZero();
	}

	@Test
	void embeddings_scores_of_chosen_items_and_means_of_attributes() {
		int d = 4;
		int[] ids = { 2, 0, 2, 5 };
		INDArray table = random(6 * d);
		INDArray weights = random(4 * d);
		INDArray out = k.allocate(4 * d);
		DoubleSupplier look = () -> {
			k.gather(4, d, ids, 0, 1.5f, table, 0, out, 0, false);
			return weighted(out, weights);
		};
		INDArray dTable = k.allocate(6 * d);
		k.scatterAdd(4, d, ids, 0, weights, 0, 1.5f, dTable, 0);
		check("look-up", table, dTable, look);

		int[] chosen = { 1, 1, 3, -1, 5, 0, 1, 1 };
		INDArray h = random(4 * d);
		INDArray dOut = random(4 * 2);
		INDArray scores = k.allocate(4 * 2);
		DoubleSupplier dots = () -> {
			k.gatherDots(4, 2, d, h, 0, table, 0, chosen, 0, scores, 0, 2);
			return weighted(scores, dOut);
		};
		INDArray dh = k.allocate(4 * d);
		dTable.assign(0);
		k.gatherDotsBackward(4, 2, d, h, 0, table, 0, chosen, 0, dOut, 0, 2, dh, 0, dTable, 0);
		check("scores by histories", h, dh, dots);
		check("scores by items", table, dTable, dots);

		int[] starts = { 0, 2, 2, 3, 6 };
		int[] attributes = { 0, 3, 3, 1, 2, 5 };
		DoubleSupplier means = () -> {
			out.assign(0);
			k.addMeans(4, d, starts, attributes, table, 0, out, 0);
			return weighted(out, weights);
		};
		dTable.assign(0);
		k.addMeansBackward(4, d, starts, attributes, weights, 0, dTable, 0);
		check("means", table, dTable, means);
	}
}
