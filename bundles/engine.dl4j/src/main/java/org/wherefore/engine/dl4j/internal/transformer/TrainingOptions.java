package org.wherefore.engine.dl4j.internal.transformer;

import java.nio.file.Path;

/** How to train a {@link Transformer}. Start from {@code new TrainingOptions()} and set what differs. */
public final class TrainingOptions extends StepOptions {
	/** What is minimised. */
	public Loss loss = Loss.SOFTMAX;
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
	/** Directory for a checkpoint after every epoch, from which a later run goes on; null for none. */
	public Path checkpoint;
}
