package org.wherefore.engine.dl4j.internal.transformer;

import java.util.SplittableRandom;

import org.wherefore.engine.dl4j.internal.kernel.Kernels;

/**
 * One thread's way through a {@link ClassTransformer} and back. Every input has the same number of tokens, the model's own
 * one last.
 *
 * @param <I> kind of input
 */
abstract class ClassPass<A, I> extends Encoder<A> {
	private final int targets;
	private final ClassLayout layout;
	private A logits;
	private int logitsSize;

	ClassPass(EncoderShape shape, int targets, ClassLayout layout, Kernels<A> kernels) {
		super(shape, layout, kernels);
		this.targets = targets;
		this.layout = layout;
	}

	/** Tokens of an input. */
	abstract int tokens();

	/** Appends an input. @throws IllegalArgumentException for one that the model can't read */
	abstract void append(I input);

	/** Appends an input for training, changed in ways that its targets do not depend on; as it is by default. */
	void append(I input, SplittableRandom random) {
		append(input);
	}

	/** Appends an input whose tokens are {@code alpha} its own and for the rest those of the mean over the training inputs. */
	abstract void append(I input, double alpha);

	/** Fills {@link #x} with the tokens of the batch. */
	abstract void embed(A p);

	/** Adds to the gradients of what tokens are made of. */
	abstract void embedBackward(A byTokens, A g);

	/** Reads the tokens of all inputs, rows x d. */
	void tokens(A p, float[] out) {
		reserve(false);
		embed(p);
		k.read(x, 0, out, 0, rows * d);
	}

	/** Training's way in: {@link #h} becomes the normalised output of every input. */
	void forward(A p, long seed, boolean drop) {
		reserve(true);
		embed(p);
		blocks(p, seed, drop, false);
	}

	/** The way in for {@link #backward} without parameters, with {@code noise} added to the tokens; null for none. */
	void forward(A p, float[] noise) {
		reserve(true);
		embed(p);
		if (noise != null) {
			k.write(noise, 0, h, 0, rows * d);
			k.add(h, 0, x, 0, rows * d);
		}
		blocks(p);
	}

	/** Inference: writes a vector for every input. */
	void encode(A p, A out, int oo) {
		reserve(false);
		embed(p);
		last(p, out, oo);
	}

	/**
	 * Loss of all targets, after {@link #forward}; {@link #dh} becomes its gradient times {@code scale}.
	 *
	 * @param wanted for every input the target that it has, -1 for none
	 * @param g      receives the gradients of the head
	 * @return the sum over inputs and targets, not scaled
	 */
	double loss(A p, int[] wanted, float weight, float gamma, float scale, A g) {
		if (logitsSize < sequences * targets) {
			logitsSize = sequences * targets;
			logits = k.allocate(logitsSize);
		}
		k.gemmNT(sequences, targets, d, h, 0, d, p, layout.head, d, logits, 0, targets, false);
		k.addBias(sequences, targets, logits, 0, targets, p, layout.headBias);
		double loss = k.focalCrossEntropy(sequences, targets, logits, wanted, weight, gamma, scale);
		k.gemmNN(sequences, d, targets, logits, 0, targets, p, layout.head, d, dh, 0, d, false);
		k.gemmTN(targets, d, sequences, logits, 0, targets, h, 0, d, g, layout.head, d, true);
		k.addColumnSums(sequences, targets, logits, 0, g, layout.headBias);
		return loss;
	}

	@Override
	A backward(A p, A g, A byWeights) {
		A byTokens = super.backward(p, g, byWeights);
		if (g != null) {
			embedBackward(byTokens, g);
		}
		return byTokens;
	}
}
