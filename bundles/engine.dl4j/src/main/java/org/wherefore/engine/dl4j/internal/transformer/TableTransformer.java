package org.wherefore.engine.dl4j.internal.transformer;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * A Transformer over rows of a table: the FT-Transformer (Gorishniy et al., "Revisiting Deep Learning Models for Tabular
 * Data", NeurIPS 2021). Every feature is a token ({@link Column}), all tokens look at each other, and an own token is
 * read for the log odds of every target, which are independent of each other.
 * <p>
 * A row is a double for every feature, NaN where missing; a category that a feature does not have is refused with an
 * {@link IllegalArgumentException}. What is saved is the same for all kernels.
 *
 * @param <A> kind of array that its kernels compute with
 */
public final class TableTransformer<A> extends ClassTransformer<A, double[]> {
	private static final int MAGIC = 0x54544657;
	private static final int VERSION = 1;
	private final TableConfig config;
	private final TableLayout table;
	/** The mean token of every feature over the training rows, as weights of its vectors: where explanations start. */
	private final float[] baseline;

	/**
	 * A model with random weights, the same for all kernels, that knows the scale of the training rows.
	 *
	 * @param categories for every feature how many there are, 0 for a number
	 * @param rows       of training
	 * @param kernels    makes an instance for each workspace
	 */
	public static <A> TableTransformer<A> random(TableShape shape, int[] categories, int targets, double[][] rows, long seed,
			Supplier<? extends Kernels<A>> kernels) {
		List<Column> columns = new ArrayList<>();
		for (int f = 0; f < categories.length; f++) {
			int feature = f;
			columns.add(categories[f] > 0 ? Column.category(categories[f])
					: Column.number(Arrays.stream(rows).mapToDouble(r -> r[feature]).toArray(), shape.bins()));
		}
		TableConfig config = new TableConfig(columns, targets, shape.dim(), shape.blocks(), shape.heads(), shape.hidden(),
				shape.dropout());
		return random(config, TablePass.baseline(config, rows), seed, kernels);
	}

	/**
	 * A model with random weights, the same for all kernels.
	 *
	 * @param config   its shape
	 * @param baseline the mean token of every feature, as {@link TablePass#baseline} gives it
	 * @param kernels  makes an instance for each workspace
	 */
	static <A> TableTransformer<A> random(TableConfig config, float[] baseline, long seed,
			Supplier<? extends Kernels<A>> kernels) {
		TableTransformer<A> model = new TableTransformer<>(config, baseline, new TableLayout(config), kernels);
		model.randomise(seed);
		return model;
	}

	private TableTransformer(TableConfig config, float[] baseline, TableLayout layout, Supplier<? extends Kernels<A>> kernels) {
		super(config.encoder(), config.targets(), layout, kernels);
		this.config = config;
		this.baseline = baseline.clone();
		this.table = layout;
	}

	@Override
	ClassPass<A, double[]> newPass() {
		return new TablePass<>(config, baseline, table, newKernels());
	}

	/** @return number of features */
	public int features() {
		return config.columns().size();
	}

	/** Writes the model. The stream stays open. */
	public void save(OutputStream out) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		ModelFile.ints(head, config.targets(), config.dim(), config.blocks(), config.heads(), config.hidden(),
				Float.floatToIntBits(config.dropout()), config.columns().size());
		for (Column c : config.columns()) {
			ModelFile.ints(head, c.categories());
			doubles(head, c.mean(), c.deviation());
			ModelFile.ints(head, c.edges().length);
			doubles(head, c.edges());
		}
		for (float b : baseline) {
			ModelFile.ints(head, Float.floatToIntBits(b));
		}
		ModelFile.write(out, MAGIC, VERSION, head.toByteArray(), layout, weights());
	}

	private static void doubles(OutputStream out, double... values) throws IOException {
		for (double v : values) {
			long bits = Double.doubleToLongBits(v);
			ModelFile.ints(out, (int) bits, (int) (bits >>> 32));
		}
	}

	private static double readDouble(DataInputStream in) throws IOException {
		long low = ModelFile.readInt(in) & 0xFFFFFFFFL;
		return Double.longBitsToDouble((long) ModelFile.readInt(in) << 32 | low);
	}

	/** Reads a model that will compute with given kernels. @throws IOException if the input is not a model, is damaged or ends too soon */
	public static <A> TableTransformer<A> load(InputStream in, Supplier<? extends Kernels<A>> kernels) throws IOException {
		return ModelFile.read(in, MAGIC, VERSION, (head, bytes) -> {
			int targets = ModelFile.readInt(head);
			int dim = ModelFile.readInt(head);
			int blocks = ModelFile.readInt(head);
			int heads = ModelFile.readInt(head);
			int hidden = ModelFile.readInt(head);
			float dropout = Float.intBitsToFloat(ModelFile.readInt(head));
			int n = ModelFile.readInt(head);
			check(n > 0 && n <= bytes && blocks > 0 && blocks < 10_000, "numbers that can't be");
			List<Column> columns = new ArrayList<>();
			for (int f = 0; f < n; f++) {
				int categories = ModelFile.readInt(head);
				double mean = readDouble(head);
				double deviation = readDouble(head);
				int count = ModelFile.readInt(head);
				check(count >= 0 && count <= bytes && categories <= bytes, "numbers that can't be");
				double[] edges = new double[count];
				for (int i = 0; i < edges.length; i++) {
					edges[i] = readDouble(head);
				}
				columns.add(new Column(categories, mean, deviation, edges));
			}
			TableConfig config = new TableConfig(columns, targets, dim, blocks, heads, hidden, dropout);
			float[] baseline = new float[config.vectors()];
			for (int i = 0; i < baseline.length; i++) {
				baseline[i] = Float.intBitsToFloat(ModelFile.readInt(head));
			}
			return new ModelFile.Unfilled<>(new TableLayout(config), weights -> {
				TableTransformer<A> model = new TableTransformer<>(config, baseline, new TableLayout(config), kernels);
				model.use(weights);
				return model;
			});
		});
	}
}
