package org.wherefore.api.report;

import java.util.Locale;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.journal.StoredPrediction;

/** Reports of predictions that were made. Thread-safe. */
@ProviderType
public interface Reports {
    /**
     * Explains the prediction on the version that made it, where it was not explained then, and has its domain's pack write the report.
     *
     * @throws org.wherefore.api.WhereforeException {@code UNSUPPORTED} when the pack writes none, {@code NOT_FOUND} or
     *         {@code MODEL_UNAVAILABLE} when the model version is gone
     */
    Report of(StoredPrediction prediction, Locale locale);
}
