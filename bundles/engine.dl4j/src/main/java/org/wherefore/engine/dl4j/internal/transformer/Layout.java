package org.wherefore.engine.dl4j.internal.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Where each parameter lies in the one array that holds them all; gradients and Adam's moments share it. */
abstract class Layout {
	/** A named parameter; {@code cols} is 0 for a vector. */
	record Entry(String name, int offset, int rows, int cols) {
		int size() {
			return rows * Math.max(1, cols);
		}
	}

	/** Offsets of a block's parameters. */
	static final class Block {
		int gain1, bias1, qkv, qkvBias, out, outBias, gain2, bias2, up, upBias, down, downBias;
	}

	final List<Entry> entries = new ArrayList<>();
	Block[] blocks;
	int gain, bias;
	private long next;

	/** Adds the parameters of an {@link Encoder}. */
	final void blocks(EncoderShape c) {
		int d = c.dim();
		blocks = new Block[c.blocks()];
		for (int i = 0; i < blocks.length; i++) {
			String n = "block" + i + ".";
			Block b = blocks[i] = new Block();
			b.gain1 = add(n + "norm1.gain", d, 0);
			b.bias1 = add(n + "norm1.bias", d, 0);
			b.qkv = add(n + "qkv", d, 3 * d);
			b.qkvBias = add(n + "qkv.bias", 3 * d, 0);
			b.out = add(n + "out", d, d);
			b.outBias = add(n + "out.bias", d, 0);
			b.gain2 = add(n + "norm2.gain", d, 0);
			b.bias2 = add(n + "norm2.bias", d, 0);
			b.up = add(n + "up", d, c.up());
			b.upBias = add(n + "up.bias", c.up(), 0);
			b.down = add(n + "down", c.hidden(), d);
			b.downBias = add(n + "down.bias", d, 0);
		}
		gain = add("norm.gain", d, 0);
		bias = add("norm.bias", d, 0);
	}

	final int add(String name, int rows, int cols) {
		Entry e = new Entry(name, Math.toIntExact(next), rows, cols);
		entries.add(e);
		next += (long) rows * Math.max(1, cols);
		Math.toIntExact(next);
		return e.offset;
	}

	/** Weights to start from: gains of 1, matrices normal with this standard deviation, other vectors 0. */
	final float[] random(long seed, float deviation) {
		float[] weights = new float[size()];
		SplittableRandom random = new SplittableRandom(seed);
		for (Entry e : entries) {
			if (e.name().endsWith("gain")) {
				Arrays.fill(weights, e.offset(), e.offset() + e.size(), 1f);
			} else if (e.cols() > 0) {
				for (int i = e.offset(); i < e.offset() + e.size(); i++) {
					weights[i] = deviation * gaussian(random);
				}
			}
		}
		return weights;
	}

	static float gaussian(SplittableRandom random) {
		double u = 1 - random.nextDouble();
		return (float) (Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.nextDouble()));
	}

	final int size() {
		return (int) next;
	}
}
