package org.wherefore.api.model.spi;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** How an engine tells how far it is. Called from the training thread; returns fast. */
@ProviderType
public interface TrainingProgress {
    /** The figure that the platform adds for those who watch: an estimate in seconds, absent while there is none. */
    String SECONDS_LEFT = "secondsLeft";

    /** @param done between 0 and 1 @param figures such as {@code epoch}, {@code loss}, {@code ndcg@10}, {@code sequences/s} */
    void update(double done, Map<String, Double> figures);

    /** True when the job was cancelled; the engine stops soon and throws {@code CANCELLED}. */
    boolean cancelled();
}
