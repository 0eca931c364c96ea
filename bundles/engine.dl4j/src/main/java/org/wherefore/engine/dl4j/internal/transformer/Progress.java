package org.wherefore.engine.dl4j.internal.transformer;

/**
 * How far training is.
 *
 * @param epoch              1 for the first
 * @param step               steps done
 * @param totalSteps         steps if training does not stop early
 * @param loss               mean loss per position: of the batch, or of the epoch at its end
 * @param sequencesPerSecond speed in this epoch, validation not counted
 * @param epochEnd           whether this reports an epoch's end
 * @param ndcg               validation NDCG@10 at an epoch's end, NaN if not measured
 * @param hr                 validation HR@10 at an epoch's end, NaN if not measured
 */
public record Progress(int epoch, long step, long totalSteps, double loss, double sequencesPerSecond,
		boolean epochEnd, double ndcg, double hr) {
}
