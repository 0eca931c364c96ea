package org.wherefore.engine.dl4j.internal.transformer;

/** How to train a {@link TableTransformer}. Start from {@code new TableOptions()} and set what differs. */
public final class TableOptions extends StepOptions {
	/** Factor on the loss of targets that are there. */
	public float positiveWeight = 1;
	/** Focus of the loss on what is not known well (Lin et al., "Focal Loss for Dense Object Detection", 2017); 0 for none. */
	public float focal;
	/**
	 * Most rows without a target for every row that has it, drawn anew in each epoch; 0 for all of them. What that does to the log
	 * odds is taken back from the model's bias at the end, which is exact for one target; with more all rows are taken.
	 */
	public float negatives;
	/**
	 * Share that the mean of the weights keeps in every step; what is validated and saved is that mean (Polyak and Juditsky,
	 * 1992). 0 for the last weights.
	 */
	public float averaging;
}
