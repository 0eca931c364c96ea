package org.wherefore.engine.dl4j.internal.transformer;

/** What training minimises at every position. */
public enum Loss {
	/** Cross entropy over all items: the most accurate, at a cost per position that grows with the number of items. */
	SOFTMAX,
	/** Cross entropy over the target and negatives shared by many positions, with logQ correction (Yi et al., 2019). */
	SAMPLED_SOFTMAX,
	/** Generalised binary cross entropy with negatives for each position (Petrov and Macdonald, gSASRec, 2023). */
	GBCE
}
