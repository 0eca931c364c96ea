package org.wherefore.engine.dl4j.internal.transformer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * Trains a {@link Transformer} to say the next item at every position, with Adam (Kingma and Ba, 2015).
 * <p>
 * A batch is split over threads by a fixed rule and the gradients are summed in a fixed order, and all random numbers
 * follow from the seed and the step: the same data, options and number of threads give the same weights, also when a
 * run was interrupted and went on from its checkpoint. A trainer serves one run, called from one thread.
 *
 * @param <A> kind of array that the model computes with
 */
public final class Trainer<A> {
	private static final int MAGIC = 0x57464350;
	/** Rows that a thread takes through the model together, so that they stay in the cache. */
	private static final int ROWS = 1536;
	/** Logits that a thread holds at a time. */
	private static final int LOGITS = 1 << 20;
	/** Score of what must not count. */
	private static final float HIDDEN = -1e9f;

	/**
	 * What training came to.
	 *
	 * @param epochs    epochs run, those before a checkpoint included
	 * @param bestEpoch epoch whose weights the model has
	 * @param ndcg      its validation NDCG@10, NaN without validation
	 * @param hr        its validation HR@10, NaN without validation
	 * @param cancelled whether training was cancelled
	 */
	public record Result(int epochs, int bestEpoch, double ndcg, double hr, boolean cancelled) {
	}

	private final Transformer<A> model;
	private final TrainingOptions options;
	private final int items;
	private final int d;
	private final int size;
	private final Optimizer<A> optimizer;
	private int epoch;
	private int bestEpoch;
	private double bestNdcg = Double.NaN;
	private double bestHr = Double.NaN;
	private A best;
	private float[] logQ;
	private int[] aliasItem;
	private float[] aliasShare;

	/**
	 * Prepares training.
	 *
	 * @param model   starts from its weights, ends with the best
	 * @param options how to train
	 */
	public Trainer(Transformer<A> model, TrainingOptions options) {
		if (options.negatives < 1) {
			throw new IllegalArgumentException("negatives must be positive");
		}
		this.model = model;
		this.options = options;
		items = model.config().items();
		d = model.config().dim();
		size = model.layout.size();
		optimizer = new Optimizer<>(model.newKernels(), model.parameters, size, options);
	}

	/**
	 * Trains.
	 *
	 * @param sequences  item ids of each sequence, oldest first; those of fewer than two events teach nothing
	 * @param kinds      kinds of the events in the same shape, or null
	 * @param validation for early stopping, or null
	 * @param progress   told after every batch and epoch, on the calling thread; may be null
	 * @param cancelled  asked before every batch; may be null
	 * @throws IOException if a checkpoint can't be read or written
	 */
	public Result train(int[][] sequences, int[][] kinds, Validation validation, Consumer<Progress> progress,
			BooleanSupplier cancelled) throws IOException {
		int[] usable = java.util.stream.IntStream.range(0, sequences.length).filter(i -> sequences[i].length > 1)
				.toArray();
		if (usable.length == 0) {
			throw new IllegalArgumentException("No sequence has two events");
		}
		popularity(sequences);
		long stepsPerEpoch = (usable.length + options.batch - 1) / options.batch;
		long totalSteps = stepsPerEpoch * options.epochs;
		Path file = options.checkpoint == null ? null : options.checkpoint.resolve("checkpoint.bin");
		if (file != null && Files.exists(file)) {
			resume(file);
		}
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < options.threads; i++) {
			workers.add(new Worker(i));
		}
		boolean stopped = false;
		try (Threads threads = new Threads(options.threads)) {
			while (epoch < options.epochs && !(validation != null && options.patience > 0 && bestEpoch > 0
					&& epoch - bestEpoch >= options.patience)) {
				int[] order = usable.clone();
				SplittableRandom random = new SplittableRandom(Optimizer.mix(options.seed, 0x5EEDL + epoch));
				Optimizer.shuffle(order, random);
				double lossSum = 0;
				long positions = 0;
				long start = System.nanoTime();
				for (int from = 0; from < order.length; from += options.batch) {
					if (cancelled != null && cancelled.getAsBoolean()) {
						stopped = true;
						break;
					}
					int to = Math.min(order.length, from + options.batch);
					long rows = deal(workers, order, from, to, sequences, kinds, random);
					workers.forEach(w -> w.totalRows = rows);
					double loss = optimizer.step(threads, workers, totalSteps, model.layout.attribute >= 0 ? model::attributeGradient : null);
					model.refresh();
					lossSum += loss;
					positions += rows;
					if (progress != null) {
						progress.accept(new Progress(epoch + 1, optimizer.step, totalSteps, loss / rows, rate(to, start), false,
								Double.NaN, Double.NaN));
					}
				}
				if (stopped) {
					break;
				}
				double speed = rate(order.length, start);
				epoch++;
				model.refresh();
				Validation.Result result = null;
				if (validation != null && (epoch % options.validateEvery == 0 || epoch == options.epochs)) {
					result = validation.measure(model);
					if (!(result.ndcg() <= bestNdcg)) {
						bestNdcg = result.ndcg();
						bestHr = result.hr();
						bestEpoch = epoch;
						best = keep(best);
					}
				}
				if (file != null) {
					checkpoint(file);
				}
				if (progress != null) {
					progress.accept(new Progress(epoch, optimizer.step, totalSteps, lossSum / positions, speed, true,
							result == null ? Double.NaN : result.ndcg(), result == null ? Double.NaN : result.hr()));
				}
			}
		}
		if (best != null) {
			model.newKernels().copy(best, 0, model.parameters, 0, size);
		}
		model.refresh();
		return new Result(epoch, best == null ? epoch : bestEpoch, bestNdcg, bestHr, stopped);
	}

	private A keep(A into) {
		Kernels<A> k = model.newKernels();
		A to = into == null ? k.allocate(size) : into;
		k.copy(model.parameters, 0, to, 0, size);
		return to;
	}

	private static double rate(int sequences, long start) {
		return sequences * 1e9 / Math.max(1, System.nanoTime() - start);
	}

	/** A piece of a sequence: its inputs are from..to, its targets one later. */
	private record Piece(int[] items, int[] kinds, int from, int to) {
		int rows() {
			return to - from;
		}
	}

	/** Deals a batch to the threads, longest sequences first, each to the thread that has least. */
	private long deal(List<Worker> workers, int[] order, int from, int to, int[][] sequences, int[][] kinds,
			SplittableRandom random) {
		List<Piece> pieces = new ArrayList<>();
		int max = model.config().maxLength();
		for (int i = from; i < to; i++) {
			int[] sequence = sequences[order[i]];
			int end = sequence.length - 1;
			if (options.randomWindows && end > max) {
				end = max + random.nextInt(end - max + 1);
			}
			pieces.add(new Piece(sequence, kinds == null ? null : kinds[order[i]], Math.max(0, end - max), end));
		}
		pieces.sort((a, b) -> b.rows() - a.rows());
		workers.forEach(w -> {
			w.pieces.clear();
			w.load = 0;
		});
		long rows = 0;
		for (Piece piece : pieces) {
			Worker least = workers.get(0);
			for (Worker w : workers) {
				if (w.load < least.load) {
					least = w;
				}
			}
			least.pieces.add(piece);
			least.load += piece.rows();
			rows += piece.rows();
		}
		return rows;
	}

	/**
	 * Loss and gradients of a batch without a step, for tests.
	 *
	 * @param drop whether to drop out, with the same masks in every call
	 * @param g    receives the gradients of the mean loss, or null
	 */
	double lossAndGradients(int[][] sequences, int[][] kinds, boolean drop, A g) {
		popularity(sequences);
		Worker w = new Worker(0);
		w.drop = drop;
		int[] order = java.util.stream.IntStream.range(0, sequences.length).toArray();
		model.refresh();
		long rows = deal(List.of(w), order, 0, order.length, sequences, kinds, new SplittableRandom(1));
		w.totalRows = rows;
		w.clear();
		double loss = w.gradients() / rows;
		if (g != null) {
			model.attributeGradient(w.g);
			w.k.copy(w.g, 0, g, 0, size);
		}
		return loss;
	}

	/** Distribution of shared negatives, as an alias table (Walker, 1977). */
	private void popularity(int[][] sequences) {
		double[] p = new double[items];
		double total = 0;
		if (options.popularityNegatives) {
			for (int[] s : sequences) {
				for (int item : s) {
					p[item]++;
				}
			}
		}
		for (int i = 0; i < items; i++) {
			p[i] = options.popularityNegatives ? Math.pow(p[i] + 1, 0.75) : 1;
			total += p[i];
		}
		logQ = new float[items];
		aliasItem = new int[items];
		aliasShare = new float[items];
		int[] small = new int[items];
		int[] large = new int[items];
		int ns = 0;
		int nl = 0;
		for (int i = 0; i < items; i++) {
			p[i] /= total;
			logQ[i] = (float) Math.log(p[i] * options.negatives);
			p[i] *= items;
			aliasShare[i] = 1;
			aliasItem[i] = i;
			if (p[i] < 1) {
				small[ns++] = i;
			} else {
				large[nl++] = i;
			}
		}
		while (ns > 0 && nl > 0) {
			int s = small[--ns];
			int l = large[nl - 1];
			aliasShare[s] = (float) p[s];
			aliasItem[s] = l;
			p[l] -= 1 - p[s];
			if (p[l] < 1) {
				nl--;
				small[ns++] = l;
			}
		}
	}

	/** One thread's share of a batch and its gradients. */
	private final class Worker extends Optimizer.Share<A> {
		final Pass<A> pass;
		final List<Piece> pieces = new ArrayList<>();
		long load;
		long totalRows;
		boolean drop = true;
		private int logitsSize;
		private A logits;
		private A gathered;
		private A gatheredGradient;
		private A shift;
		private int[] ids = new int[0];
		/** First slot of each item among the shared negatives, -1 for none, and the slot of the same item after each. */
		private int[] slot;
		private int[] nextSlot;

		Worker(int index) {
			this(index, model.newPass());
		}

		private Worker(int index, Pass<A> pass) {
			super(index, pass.k, size);
			this.pass = pass;
		}

		@Override
		double gradients() {
			double loss = 0;
			int part = 0;
			for (int i = 0; i < pieces.size(); part++) {
				pass.clear();
				do {
					Piece piece = pieces.get(i++);
					int at = pass.rows;
					pass.append(piece.items, piece.kinds, piece.from, piece.to);
					System.arraycopy(piece.items, piece.from + 1, pass.targets, at, piece.rows());
				} while (i < pieces.size() && pass.rows + pieces.get(i).rows() <= ROWS);
				long seed = Optimizer.mix(options.seed, Optimizer.mix(optimizer.step, index * 100_003L + part));
				pass.forward(model.parameters, model.vectors(), model.vectorOffset(), seed, drop);
				float scale = 1f / totalRows;
				loss += switch (options.loss) {
				case SOFTMAX -> softmax(scale);
				case SAMPLED_SOFTMAX -> sampled(scale, new SplittableRandom(~seed));
				case GBCE -> gbce(scale, new SplittableRandom(~seed));
				};
				pass.backward(model.parameters, g);
			}
			return loss;
		}

		private A logits(int n) {
			if (logitsSize < n) {
				logits = k.allocate(n);
				logitsSize = n;
			}
			return logits;
		}

		private double softmax(float scale) {
			A e = model.vectors();
			int eo = model.vectorOffset();
			int chunk = Math.max(6, Math.min(252, LOGITS / items / 6 * 6));
			A x = logits(chunk * items);
			double loss = 0;
			for (int r = 0; r < pass.rows; r += chunk) {
				int n = Math.min(chunk, pass.rows - r);
				k.gemmNT(n, items, d, pass.h, r * d, d, e, eo, d, x, 0, items, false);
				loss += k.softmaxCrossEntropy(n, items, x, 0, items, pass.targets, r, options.labelSmoothing, scale);
				k.gemmNN(n, d, items, x, 0, items, e, eo, d, pass.dh, r * d, d, false);
				k.gemmTN(items, d, n, x, 0, items, pass.h, r * d, d, g, model.layout.item, d, true);
			}
			return loss;
		}

		/** Column 0 of the logits is the target's, the others are the shared negatives'. */
		private double sampled(float scale, SplittableRandom random) {
			A e = model.vectors();
			int eo = model.vectorOffset();
			int count = options.negatives;
			int width = count + 1;
			if (gathered == null) {
				gathered = k.allocate(count * d);
				gatheredGradient = k.allocate(count * d);
				shift = k.allocate(count);
				ids = new int[count];
				slot = new int[items];
				Arrays.fill(slot, -1);
				nextSlot = new int[count];
			}
			float[] correction = new float[count];
			for (int j = count - 1; j >= 0; j--) {
				int at = random.nextInt(items);
				int item = random.nextDouble() < aliasShare[at] ? at : aliasItem[at];
				ids[j] = item;
				nextSlot[j] = slot[item];
				slot[item] = j;
				correction[j] = -logQ[item];
			}
			k.write(correction, 0, shift, 0, count);
			k.gather(count, d, ids, 0, 1f, e, eo, gathered, 0, false);
			k.fill(gatheredGradient, 0, count * d, 0f);
			int chunk = Math.max(6, Math.min(252, LOGITS / width));
			A x = logits(chunk * width);
			int[] first = new int[chunk];
			double loss = 0;
			for (int r = 0; r < pass.rows; r += chunk) {
				int n = Math.min(chunk, pass.rows - r);
				k.gemmNT(n, count, d, pass.h, r * d, d, gathered, 0, d, x, 1, width, false);
				k.addBias(n, count, x, 1, width, shift, 0);
				k.gatherDots(n, 1, d, pass.h, r * d, e, eo, pass.targets, r, x, 0, width);
				for (int i = 0; i < n; i++) {
					for (int j = slot[pass.targets[r + i]]; j >= 0; j = nextSlot[j]) {
						k.fill(x, i * width + 1 + j, i * width + 2 + j, HIDDEN);
					}
				}
				loss += k.softmaxCrossEntropy(n, width, x, 0, width, first, 0, 0f, scale);
				k.gemmNN(n, d, count, x, 1, width, gathered, 0, d, pass.dh, r * d, d, false);
				k.gemmTN(count, d, n, x, 1, width, pass.h, r * d, d, gatheredGradient, 0, d, true);
				k.gatherDotsBackward(n, 1, d, pass.h, r * d, e, eo, pass.targets, r, x, 0, width, pass.dh, r * d, g,
						model.layout.item);
			}
			k.scatterAdd(count, d, ids, 0, gatheredGradient, 0, 1f, g, model.layout.item);
			for (int id : ids) {
				slot[id] = -1;
			}
			return loss;
		}

		private double gbce(float scale, SplittableRandom random) {
			A e = model.vectors();
			int eo = model.vectorOffset();
			int count = options.negatives;
			int width = count + 1;
			double alpha = Math.min(1, count / (double) Math.max(1, items - 1));
			double t = options.gbceCalibration;
			double beta = alpha * (t * (1 - 1 / alpha) + 1 / alpha);
			k.fill(pass.dh, 0, pass.rows * d, 0f);
			int chunk = Math.max(1, Math.min(252, LOGITS / width));
			A x = logits(chunk * width);
			if (ids.length < chunk * width) {
				ids = new int[chunk * width];
			}
			double loss = 0;
			for (int r = 0; r < pass.rows; r += chunk) {
				int n = Math.min(chunk, pass.rows - r);
				for (int i = 0, at = 0; i < n; i++) {
					int target = pass.targets[r + i];
					ids[at++] = target;
					for (int j = 0; j < count; j++) {
						int item = random.nextInt(items);
						ids[at++] = item == target ? -1 : item;
					}
				}
				k.gatherDots(n, width, d, pass.h, r * d, e, eo, ids, 0, x, 0, width);
				loss += k.binaryCrossEntropy(n, width, x, ids, (float) beta, scale);
				k.gatherDotsBackward(n, width, d, pass.h, r * d, e, eo, ids, 0, x, 0, width, pass.dh, r * d, g,
						model.layout.item);
			}
			return loss;
		}
	}

	private void checkpoint(Path file) throws IOException {
		Files.createDirectories(file.getParent());
		Path temporary = Files.createTempFile(file.getParent(), "checkpoint", ".tmp");
		try {
			CRC32 crc = new CRC32();
			try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
				CheckedOutputStream sum = new CheckedOutputStream(out, crc);
				ModelFile.ints(sum, MAGIC, 1, size, options.threads, high(options.seed),
						(int) options.seed, epoch, high(optimizer.step), (int) optimizer.step, bestEpoch,
						high(Double.doubleToLongBits(bestNdcg)), (int) Double.doubleToLongBits(bestNdcg),
						high(Double.doubleToLongBits(bestHr)), (int) Double.doubleToLongBits(bestHr),
						best == null ? 0 : 1);
				Kernels<A> k = model.newKernels();
				float[] floats = new float[size];
				for (A part : best == null ? List.of(model.parameters, optimizer.m, optimizer.v)
						: List.of(model.parameters, optimizer.m, optimizer.v, best)) {
					k.read(part, 0, floats, 0, size);
					ModelFile.write(sum, floats, size);
				}
				ModelFile.ints(out, (int) crc.getValue());
			}
			try {
				Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
			} catch (AtomicMoveNotSupportedException e) {
				Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
			}
		} finally {
			Files.deleteIfExists(temporary);
		}
	}

	private void resume(Path file) throws IOException {
		try (BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file))) {
			CheckedInputStream sum = new CheckedInputStream(in, new CRC32());
			DataInputStream data = new DataInputStream(sum);
			int[] head = new int[15];
			for (int i = 0; i < head.length; i++) {
				head[i] = ModelFile.readInt(data);
			}
			if (head[0] != MAGIC || head[1] != 1) {
				throw new IOException("Not a checkpoint: " + file);
			}
			if (head[2] != size || head[3] != options.threads || join(head[4], head[5]) != options.seed) {
				throw new IOException("The checkpoint is of another model, seed or number of threads: " + file);
			}
			List<float[]> parts = new ArrayList<>();
			for (int i = 0; i < (head[14] == 0 ? 3 : 4); i++) {
				float[] part = new float[size];
				ModelFile.read(data, part);
				parts.add(part);
			}
			int expected = (int) sum.getChecksum().getValue();
			if (ModelFile.readInt(new DataInputStream(in)) != expected) {
				throw new IOException("Damaged checkpoint: " + file);
			}
			Kernels<A> k = model.newKernels();
			k.write(parts.get(0), 0, model.parameters, 0, size);
			k.write(parts.get(1), 0, optimizer.m, 0, size);
			k.write(parts.get(2), 0, optimizer.v, 0, size);
			if (parts.size() > 3) {
				best = k.allocate(size);
				k.write(parts.get(3), 0, best, 0, size);
			}
			epoch = head[6];
			optimizer.step = join(head[7], head[8]);
			bestEpoch = head[9];
			bestNdcg = Double.longBitsToDouble(join(head[10], head[11]));
			bestHr = Double.longBitsToDouble(join(head[12], head[13]));
			model.refresh();
		}
	}

	private static int high(long value) {
		return (int) (value >>> 32);
	}

	private static long join(int high, int low) {
		return (long) high << 32 | low & 0xFFFFFFFFL;
	}
}
