package org.wherefore.api.train;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.TrainingProgress;

/** Reads, cleans, extracts, trains, evaluates, registers. Blocks; call it from a job. Thread-safe. */
@ProviderType
public interface TrainingService {
    /**
     * Trains the model and the pack's classical branch in a process of its own, registers both and promotes both to champion.
     *
     * @throws org.wherefore.api.WhereforeException {@code INTERNAL} naming exit code and log when that process died; registry and
     *         journal are as they were then, as they are when it failed or was cancelled
     */
    TrainingResult train(TrainingOrder order, TrainingProgress progress);

    /** Full ranking, last event left out, seen items excluded; explains {@code explanations} of the cases and re-tests every claim. */
    EvaluationResult evaluate(String domain, Path description, ModelRef model, int explanations, TrainingProgress progress);

    /**
     * Explains the best ten outputs of some people by several strategies, with full quality, and compares.
     *
     * @param strategies names; empty for all that are installed
     * @param people how many; fewer when there are fewer
     * @param budget model evaluations that a strategy may spend on one person's outputs, as in an explanation's request
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} for a strategy, domain or model; a strategy that can't explain the
     *         model is no error, its row says why
     */
    StrategyComparison compare(String domain, Path description, ModelRef model, List<String> strategies, int people, int budget,
            TrainingProgress progress);

    /** Reads and cleans described data. @throws org.wherefore.api.WhereforeException {@code BAD_DATA} */
    CleanData read(String domain, Path description);
}
