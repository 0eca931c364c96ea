package org.wherefore.extractor.image.internal;

import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.tck.ImageExtractorContract;

class ImageExtractorContractTest extends ImageExtractorContract {
    @Override
    protected FeatureExtractor extractor() {
        return new ImageExtractor();
    }
}
