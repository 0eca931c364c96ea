package org.wherefore.extractor.sequence.internal;

import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.tck.FeatureExtractorContract;

class SequenceExtractorContractTest extends FeatureExtractorContract {
    @Override
    protected FeatureExtractor extractor() {
        return new SequenceExtractor();
    }
}
