package org.wherefore.api.predict;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.model.spi.Engine;

/** What is installed now. Ask again for each call and keep nothing. Thread-safe. */
@ProviderType
public interface Plugins {
    List<DomainPack> domains();

    List<Engine> engines();

    List<Explainer> explainers();

    List<FeatureExtractor> extractors();

    List<DataConnector> connectors();

    /** @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}, naming what is installed */
    DomainPack domain(String id);

    /** As above. */
    Engine engine(String name);

    /** As above; the empty name is the default strategy. */
    Explainer explainer(String name);

    /** As above. */
    FeatureExtractor extractor(String name);

    /** As above. */
    DataConnector connector(String name);
}
