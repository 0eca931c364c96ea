package org.wherefore.engine.dl4j.internal.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * Trains a {@link TableTransformer} with Adam.
 * <p>
 * A batch is split over threads by a fixed rule and the gradients are summed in a fixed order, and all random numbers
 * follow from the seed and the step: the same data, options and number of threads give the same weights. A trainer
 * serves one run, called from one thread.
 *
 * @param <A> kind of array that the model computes with
 */
public final class TableTrainer<A> {
	/** Tokens that a thread takes through the model together, so that they stay in the cache. */
	private static final int TOKENS = 1536;

	/**
	 * Examples.
	 *
	 * @param rows    a double for every feature of each, NaN where missing
	 * @param targets the target that each has, -1 for none
	 */
	public record Cases(double[][] rows, int[] targets) {
		/** Checks that there are as many of both. */
		public Cases {
			if (rows.length != targets.length) {
				throw new IllegalArgumentException(rows.length + " rows but " + targets.length + " targets");
			}
		}
	}

	/**
	 * How far training is.
	 *
	 * @param epoch            1 for the first
	 * @param step             steps done
	 * @param totalSteps       steps if training does not stop early
	 * @param loss             mean loss per row: of the batch, or of the epoch at its end
	 * @param rowsPerSecond    speed in this epoch, validation not counted
	 * @param epochEnd         whether this reports an epoch's end
	 * @param averagePrecision of validation at an epoch's end, NaN if not measured
	 */
	public record Progress(int epoch, long step, long totalSteps, double loss, double rowsPerSecond, boolean epochEnd,
			double averagePrecision) {
	}

	/**
	 * What training came to.
	 *
	 * @param epochs           epochs run
	 * @param bestEpoch        epoch whose weights the model has
	 * @param averagePrecision its validation average precision, NaN without validation
	 * @param cancelled        whether training was cancelled
	 */
	public record Result(int epochs, int bestEpoch, double averagePrecision, boolean cancelled) {
	}

	private final TableTransformer<A> model;
	private final TableOptions options;
	private final int size;
	private final Optimizer<A> optimizer;
	/** Mean of the weights; null without averaging. */
	private float[] mean;

	/**
	 * Prepares training.
	 *
	 * @param model   starts from its weights, ends with the best
	 * @param options how to train
	 */
	public TableTrainer(TableTransformer<A> model, TableOptions options) {
		this.model = model;
		this.options = options;
		size = model.layout.size();
		optimizer = new Optimizer<>(model.newKernels(), model.parameters, size, options);
	}

	/**
	 * Trains.
	 *
	 * @param training   at least one case
	 * @param validation for early stopping; null for none
	 * @param progress   told after every batch and epoch, on the calling thread; may be null
	 * @param cancelled  asked before every batch; may be null
	 */
	public Result train(Cases training, Cases validation, Consumer<Progress> progress, BooleanSupplier cancelled) {
		int n = training.rows().length;
		if (n == 0) {
			throw new IllegalArgumentException("No cases");
		}
		int[] there = IntStream.range(0, n).filter(i -> training.targets()[i] >= 0).toArray();
		int[] none = IntStream.range(0, n).filter(i -> training.targets()[i] < 0).toArray();
		int drawn = model.targets() > 1 || options.negatives <= 0 || there.length == 0 ? none.length
				: (int) Math.min(none.length, Math.ceil((double) options.negatives * there.length));
		int rows = there.length + drawn;
		long totalSteps = (long) ((rows + options.batch - 1) / options.batch) * options.epochs;
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < options.threads; i++) {
			workers.add(new Worker(i, model.newPass(), training));
		}
		int epoch = 0;
		int bestEpoch = 0;
		double bestPrecision = Double.NaN;
		float[] best = null;
		boolean stopped = false;
		try (Threads threads = new Threads(options.threads)) {
			while (epoch < options.epochs && !(validation != null && options.patience > 0 && bestEpoch > 0
					&& epoch - bestEpoch >= options.patience)) {
				SplittableRandom random = new SplittableRandom(Optimizer.mix(options.seed, 0x5EEDL + epoch));
				Optimizer.shuffle(none, random);
				int[] order = IntStream.concat(Arrays.stream(there), Arrays.stream(none, 0, drawn)).toArray();
				Optimizer.shuffle(order, random);
				double lossSum = 0;
				long start = System.nanoTime();
				for (int from = 0; from < rows; from += options.batch) {
					if (cancelled != null && cancelled.getAsBoolean()) {
						stopped = true;
						break;
					}
					int to = Math.min(rows, from + options.batch);
					for (Worker w : workers) {
						w.cases = Arrays.copyOfRange(order, from + (int) ((long) (to - from) * w.index / workers.size()),
								from + (int) ((long) (to - from) * (w.index + 1) / workers.size()));
						w.total = to - from;
					}
					double loss = optimizer.step(threads, workers, totalSteps, null);
					average();
					lossSum += loss;
					if (progress != null) {
						progress.accept(new Progress(epoch + 1, optimizer.step, totalSteps, loss / (to - from), rate(to, start), false,
								Double.NaN));
					}
				}
				if (stopped) {
					break;
				}
				double speed = rate(rows, start);
				epoch++;
				double precision = Double.NaN;
				if (validation != null && (epoch % options.validateEvery == 0 || epoch == options.epochs)) {
					precision = averagePrecision(validation);
					if (!(precision <= bestPrecision)) {
						bestPrecision = precision;
						bestEpoch = epoch;
						best = current();
					}
				}
				if (progress != null) {
					progress.accept(new Progress(epoch, optimizer.step, totalSteps, lossSum / rows, speed, true, precision));
				}
			}
		}
		float[] weights = best != null ? best : current();
		if (drawn > 0 && drawn < none.length) {
			weights[model.layout.headBias] += (float) Math.log((double) drawn / none.length);
		}
		use(weights);
		return new Result(epoch, best == null ? epoch : bestEpoch, bestPrecision, stopped);
	}

	/** Takes the weights after a step into their mean, which forgets the first ones soonest. */
	private void average() {
		if (options.averaging <= 0) {
			return;
		}
		float[] weights = model.weights();
		if (mean == null) {
			mean = weights;
			return;
		}
		float share = 1 - (float) Math.min(options.averaging, optimizer.step / (optimizer.step + 10.0));
		for (int i = 0; i < size; i++) {
			mean[i] += share * (weights[i] - mean[i]);
		}
	}

	/** The weights as they would be saved, a copy. */
	private float[] current() {
		return mean == null ? model.weights().clone() : mean.clone();
	}

	private void use(float[] weights) {
		model.newKernels().write(weights, 0, model.parameters, 0, size);
	}

	private double averagePrecision(Cases validation) {
		float[] steps = model.weights().clone();
		use(current());
		int targets = model.targets();
		float[] vectors = new float[validation.rows().length * model.dim()];
		float[] scores = new float[validation.rows().length * targets];
		model.vectors(validation.rows(), vectors);
		model.scores(vectors, validation.rows().length, scores);
		use(steps);
		double sum = 0;
		int counted = 0;
		for (int t = 0; t < targets; t++) {
			int target = t;
			double[] of = IntStream.range(0, validation.rows().length).mapToDouble(i -> scores[i * targets + target]).toArray();
			boolean[] right = new boolean[of.length];
			for (int i = 0; i < right.length; i++) {
				right[i] = validation.targets()[i] == t;
			}
			double precision = averagePrecision(of, right);
			if (!Double.isNaN(precision)) {
				sum += precision;
				counted++;
			}
		}
		return counted == 0 ? Double.NaN : sum / counted;
	}

	/**
	 * Average precision: the mean, over the right ones, of the precision among all that score at least as high.
	 *
	 * @return NaN if none is right
	 */
	static double averagePrecision(double[] scores, boolean[] right) {
		Integer[] order = IntStream.range(0, scores.length).boxed().sorted((a, b) -> Double.compare(scores[b], scores[a]))
				.toArray(Integer[]::new);
		double sum = 0;
		int hits = 0;
		for (int i = 0; i < order.length;) {
			int end = i;
			int found = 0;
			for (; end < order.length && scores[order[end]] == scores[order[i]]; end++) {
				found += right[order[end]] ? 1 : 0;
			}
			hits += found;
			sum += found * (double) hits / end;
			i = end;
		}
		return hits == 0 ? Double.NaN : sum / hits;
	}

	private static double rate(int rows, long start) {
		return rows * 1e9 / Math.max(1, System.nanoTime() - start);
	}

	/**
	 * Loss and gradients of a batch without a step, for tests.
	 *
	 * @param drop whether to drop out, with the same masks in every call
	 * @param g    receives the gradients of the mean loss, or null
	 */
	double lossAndGradients(Cases batch, boolean drop, A g) {
		Worker w = new Worker(0, model.newPass(), batch);
		w.drop = drop;
		w.cases = IntStream.range(0, batch.rows().length).toArray();
		w.total = batch.rows().length;
		w.clear();
		double loss = w.gradients() / batch.rows().length;
		if (g != null) {
			w.k.copy(w.g, 0, g, 0, size);
		}
		return loss;
	}

	/** One thread's share of a batch and its gradients. */
	private final class Worker extends Optimizer.Share<A> {
		private final TablePass<A> pass;
		private final Cases data;
		int[] cases;
		int total;
		boolean drop = true;

		Worker(int index, TablePass<A> pass, Cases data) {
			super(index, pass.k, size);
			this.pass = pass;
			this.data = data;
		}

		@Override
		double gradients() {
			int most = Math.max(1, TOKENS / pass.tokens());
			double loss = 0;
			for (int from = 0, part = 0; from < cases.length; from += most, part++) {
				int[] some = Arrays.copyOfRange(cases, from, Math.min(cases.length, from + most));
				pass.clear();
				for (int i : some) {
					pass.append(data.rows()[i]);
				}
				pass.forward(model.parameters, Optimizer.mix(options.seed, Optimizer.mix(optimizer.step, index * 100_003L + part)), drop);
				loss += pass.loss(model.parameters, Arrays.stream(some).map(i -> data.targets()[i]).toArray(), options.positiveWeight,
						options.focal, 1f / total, g);
				pass.backward(model.parameters, g, null);
			}
			return loss;
		}
	}
}
