package ${package};

import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.tck.FeatureExtractorContract;

/** The rules that every extractor keeps; the plugin is ready when they pass. */
class ${className}ContractTest extends FeatureExtractorContract {
    @Override
    protected FeatureExtractor extractor() {
        return new ${className}();
    }
}
