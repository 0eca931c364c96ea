package org.wherefore.api.model;

/**
 * One answer of a model.
 *
 * @param index of the target
 * @param target its id
 * @param rank 1 is best
 * @param score the model's own: comparable on one version; of a model that classifies, the log odds of the target
 * @param decision null where targets are ranked, not judged
 */
public record Output(int index, String target, int rank, double score, Decision decision) {
    /** Of a ranking. */
    public Output(int index, String target, int rank, double score) {
        this(index, target, rank, score, null);
    }

    public Output with(Decision other) {
        return new Output(index, target, rank, score, other);
    }
}
