package org.wherefore.engine.dl4j.internal.transformer;

import java.nio.file.Path;

/**
 * How to train. Start from {@code new TrainingOptions()} and set what differs; not to be changed during training.
 */
public final class TrainingOptions {
	/** What is minimised. */
	public Loss loss = Loss.SOFTMAX;
	/** Passes over the sequences at most. */
	public int epochs = 20;
	/** Sequences in a step. */
	public int batch = 128;
	/** Highest learning rate. */
	public float learningRate = 1e-3f;
	/** Steps in which the learning rate rises from zero. */
	public int warmup = 100;
	/** Whether the learning rate falls along a cosine to a hundredth by the last epoch, or stays. */
	public boolean cosine;
	/** Longest gradient that is not shortened; 0 for no clipping. */
	public float clip = 5f;
	/** Decoupled weight decay. */
	public float weightDecay;
	/** Share of the target given to all items alike, for {@link Loss#SOFTMAX}. */
	public float labelSmoothing;
	/** Negatives: shared ones for {@link Loss#SAMPLED_SOFTMAX}, for each position for {@link Loss#GBCE}. */
	public int negatives = 256;
	/** Whether shared negatives are drawn by popularity^0.75 instead of uniformly. */
	public boolean popularityNegatives;
	/** Calibration t of {@link Loss#GBCE}: 0 is plain binary cross entropy, 1 is fully calibrated. */
	public float gbceCalibration = 0.75f;
	/** Whether sequences longer than the model's length give a random window each epoch instead of their end. */
	public boolean randomWindows;
	/** Epochs without a better validation NDCG@10 after which training stops; 0 never stops. */
	public int patience = 5;
	/** Epochs from one validation to the next. */
	public int validateEvery = 1;
	/** Threads that share a batch; part of what makes a run repeatable. */
	public int threads = Math.max(1, Math.min(16, Runtime.getRuntime().availableProcessors()));
	/** Seed of shuffling, dropout and negatives. */
	public long seed = 1;
	/** Directory for a checkpoint after every epoch, from which a later run goes on; null for none. */
	public Path checkpoint;
}
