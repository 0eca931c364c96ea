package org.wherefore.engine.dl4j.internal.transformer;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * Steps of Adam (Kingma and Ba, 2015) with warm-up, decay and clipping on one array of parameters. The gradients of
 * shares of a batch are summed in a fixed order, so that the same shares give the same weights.
 *
 * @param <A> kind of array
 */
final class Optimizer<A> {
	private static final float BETA1 = 0.9f;
	private static final float BETA2 = 0.98f;
	private static final float EPS = 1e-8f;

	/** One thread's share of a batch. */
	abstract static class Share<A> {
		final int index;
		final Kernels<A> k;
		/** Gradients by all parameters. */
		final A g;
		private final int size;

		Share(int index, Kernels<A> kernels, int size) {
			this.index = index;
			this.k = kernels;
			this.size = size;
			g = k.allocate(size);
		}

		/** Zeroes {@link #g}. */
		final void clear() {
			k.fill(g, 0, size, 0f);
		}

		/** Adds to {@link #g}; answers the sum of the losses. */
		abstract double gradients();
	}

	private final A parameters;
	private final int size;
	private final StepOptions options;
	final A m;
	final A v;
	/** Steps done. */
	long step;

	Optimizer(Kernels<A> k, A parameters, int size, StepOptions options) {
		if (options.batch < 1 || options.threads < 1 || options.epochs < 0) {
			throw new IllegalArgumentException("batch and threads must be positive, epochs not negative");
		}
		this.parameters = parameters;
		this.size = size;
		this.options = options;
		m = k.allocate(size);
		v = k.allocate(size);
	}

	/**
	 * One step on what was dealt to the shares.
	 *
	 * @param totalSteps steps until the end, for decay
	 * @param derived    completes the summed gradients by those that follow from others; null for none
	 * @return the sum of the losses
	 */
	double step(Threads threads, List<? extends Share<A>> shares, long totalSteps, Consumer<A> derived) {
		double loss = threads.all(shares, w -> {
			w.clear();
			return w.gradients();
		});
		A g = shares.get(0).g;
		int parts = shares.size();
		double squares = threads.all(shares, w -> {
			int from = from(w.index, parts);
			int to = from(w.index + 1, parts);
			for (int i = 1; i < parts; i++) {
				w.k.add(shares.get(i).g, from, g, from, to - from);
			}
			return options.clip > 0 && derived == null ? w.k.squares(g, from, to - from) : 0;
		});
		if (derived != null) {
			derived.accept(g);
		}
		float scale = 1f;
		if (options.clip > 0) {
			if (derived != null) {
				squares = threads.all(shares, w -> w.k.squares(g, from(w.index, parts), from(w.index + 1, parts) - from(w.index, parts)));
			}
			double norm = Math.sqrt(squares);
			if (norm > options.clip) {
				scale = (float) (options.clip / norm);
			}
		}
		step++;
		float rate = options.learningRate;
		if (step <= options.warmup) {
			rate *= (float) step / options.warmup;
		} else if (options.cosine) {
			double part = (double) (step - options.warmup) / Math.max(1, totalSteps - options.warmup);
			rate *= (float) (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, part))));
		}
		float lr = rate;
		float factor = scale;
		threads.all(shares, w -> {
			w.k.adam(parameters, g, m, v, from(w.index, parts), from(w.index + 1, parts), factor, lr, BETA1, BETA2, EPS, step,
					options.weightDecay);
			return 0;
		});
		return loss;
	}

	private int from(int part, int parts) {
		return (int) ((long) size * part / parts);
	}

	/** Puts numbers in random order. */
	static void shuffle(int[] order, SplittableRandom random) {
		for (int i = order.length - 1; i > 0; i--) {
			int j = random.nextInt(i + 1);
			int swap = order[i];
			order[i] = order[j];
			order[j] = swap;
		}
	}

	/** A seed that follows from two numbers. */
	static long mix(long a, long b) {
		long z = a * 0x9E3779B97F4A7C15L + b;
		z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
		z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
		return z ^ (z >>> 31);
	}
}
