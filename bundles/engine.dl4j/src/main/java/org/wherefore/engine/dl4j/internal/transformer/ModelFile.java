package org.wherefore.engine.dl4j.internal.transformer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

import org.wherefore.engine.dl4j.internal.transformer.Layout.Entry;

/** How models lie in a file: little-endian, a head with the configuration, names and shapes, then the weights and a checksum. */
final class ModelFile {
	/** What makes a model of its weights, once they were found to have this layout. */
	record Unfilled<M>(Layout layout, Function<float[], M> model) {
	}

	/** Makes a model of what its configuration says. */
	interface Maker<M> {
		/**
		 * Reads the configuration; no memory is taken for weights before the rest of the head was found to fit.
		 *
		 * @param bytes length of the head: nothing in it counts more
		 * @throws IllegalArgumentException if there is no such model
		 */
		Unfilled<M> make(DataInputStream configuration, int bytes) throws IOException;
	}

	private ModelFile() {
	}

	/** Writes a model. The stream stays open. */
	static void write(OutputStream out, int magic, int version, byte[] configuration, Layout layout, float[] weights)
			throws IOException {
		CheckedOutputStream sum = new CheckedOutputStream(out, new CRC32());
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		ints(head, magic, version);
		head.write(configuration);
		ints(head, layout.entries.size());
		for (Entry e : layout.entries) {
			byte[] name = e.name().getBytes(StandardCharsets.UTF_8);
			ints(head, name.length);
			head.write(name);
			ints(head, e.rows(), e.cols());
		}
		ByteArrayOutputStream length = new ByteArrayOutputStream();
		ints(length, head.size());
		length.writeTo(sum);
		head.writeTo(sum);
		write(sum, weights, layout.size());
		ByteArrayOutputStream tail = new ByteArrayOutputStream();
		ints(tail, (int) sum.getChecksum().getValue());
		tail.writeTo(out);
		out.flush();
	}

	/**
	 * Reads a model.
	 *
	 * @throws IOException if the input is not such a model, is damaged or ends too soon
	 */
	static <M> M read(InputStream in, int magic, int version, Maker<M> maker) throws IOException {
		CheckedInputStream sum = new CheckedInputStream(in, new CRC32());
		try {
			DataInputStream data = new DataInputStream(sum);
			int length = readInt(data);
			if (length < 12 || length > 1 << 30) {
				throw new IOException("Not a Transformer model");
			}
			if (readInt(data) != magic) {
				throw new IOException("Not a Transformer model of this kind");
			}
			byte[] bytes = data.readNBytes(length - 4);
			if (bytes.length < length - 4) {
				throw new EOFException();
			}
			DataInputStream head = new DataInputStream(new ByteArrayInputStream(bytes));
			int found = readInt(head);
			if (found != version) {
				throw new IOException("Unknown model version " + found);
			}
			Unfilled<M> unfilled = maker.make(head, length);
			Layout layout = unfilled.layout();
			check(readInt(head) == layout.entries.size(), "wrong number of parameters");
			for (Entry e : layout.entries) {
				byte[] expected = e.name().getBytes(StandardCharsets.UTF_8);
				check(readInt(head) == expected.length && Arrays.equals(head.readNBytes(expected.length), expected)
						&& readInt(head) == e.rows() && readInt(head) == e.cols(), e.name());
			}
			check(head.available() == 0, "more than a head");
			float[] weights = new float[layout.size()];
			read(data, weights);
			int expected = (int) sum.getChecksum().getValue();
			if (readInt(new DataInputStream(in)) != expected) {
				throw new IOException("Damaged model: wrong checksum");
			}
			return unfilled.model().apply(weights);
		} catch (EOFException e) {
			throw new IOException("Truncated model", e);
		} catch (IllegalArgumentException | ArithmeticException e) {
			throw new IOException("Damaged model: " + e.getMessage(), e);
		}
	}

	static void ints(OutputStream out, int... values) throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
		buffer.asIntBuffer().put(values);
		out.write(buffer.array());
	}

	static int readInt(DataInputStream in) throws IOException {
		return Integer.reverseBytes(in.readInt());
	}

	static void write(OutputStream out, float[] values, int n) throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
		for (int i = 0; i < n;) {
			int count = Math.min(n - i, buffer.capacity() / 4);
			buffer.asFloatBuffer().put(values, i, count);
			out.write(buffer.array(), 0, 4 * count);
			i += count;
		}
	}

	static void read(DataInputStream in, float[] values) throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
		for (int i = 0; i < values.length;) {
			int count = Math.min(values.length - i, buffer.capacity() / 4);
			in.readFully(buffer.array(), 0, 4 * count);
			buffer.asFloatBuffer().get(values, i, count);
			i += count;
		}
	}

	private static void check(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}
}
