package org.wherefore.engine.dl4j.internal.transformer;

/** What every training by gradient steps can be told. Not to be changed during training. */
public class StepOptions {
	/** Passes over the examples at most. */
	public int epochs = 20;
	/** Examples in a step. */
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
	/** Epochs without better validation after which training stops; 0 never stops. */
	public int patience = 5;
	/** Epochs from one validation to the next. */
	public int validateEvery = 1;
	/** Threads that share a batch; part of what makes a run repeatable. */
	public int threads = Math.max(1, Math.min(16, Runtime.getRuntime().availableProcessors()));
	/** Seed of shuffling, dropout and whatever else is random. */
	public long seed = 1;
}
