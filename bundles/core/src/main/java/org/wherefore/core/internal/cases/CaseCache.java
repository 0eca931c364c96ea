package org.wherefore.core.internal.cases;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.registry.Lease;

/** The cases of the few model versions that were explained last, read once each. Thread-safe. */
public final class CaseCache {
    private static final int VERSIONS = 4;
    private final Map<ModelInfo, List<Example>> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ModelInfo, List<Example>> eldest) {
            return size() > VERSIONS;
        }
    };

    /** Empty for a model that keeps none. @throws org.wherefore.api.WhereforeException as {@link CaseFile#read} */
    public List<Example> of(Lease lease) {
        ModelInfo info = lease.version().info();
        synchronized (kept) {
            List<Example> known = kept.get(info);
            if (known != null) {
                return known;
            }
        }
        List<Example> read = CaseFile.read(lease.artifact());
        synchronized (kept) {
            kept.put(info, read);
        }
        return read;
    }
}
