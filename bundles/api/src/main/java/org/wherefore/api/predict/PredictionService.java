package org.wherefore.api.predict;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.journal.StoredPrediction;

/** Predicts and explains on leased models; every answer names its version. Thread-safe. */
@ProviderType
public interface PredictionService {
    /** @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} (domain, strategy), {@code MODEL_UNAVAILABLE} */
    StoredPrediction predict(PredictionRequest request);

    /** Explains a stored prediction again, on the model version that made it; one per output, or only {@code target}'s. */
    List<Explanation> explain(StoredPrediction prediction, String target, ExplanationRequest request);
}
