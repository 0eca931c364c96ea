package org.wherefore.extractor.table.internal;

import java.util.Map;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.tck.TableExtractorContract;

class TableExtractorContractTest extends TableExtractorContract {
    @Override
    protected FeatureExtractor extractor() {
        return new TableExtractor();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("aggregates", "customer:count,sum(amount),mean(amount),max(amount),distinct(terminal)@1d,7d;terminal:count,risk@1d,30d",
                "aggregates.delay", "2d", "aggregates.includeSelf", "true", "table.derived", "ratio=amount/customer.amount.mean.7d",
                "table.features", "amount,channel,ratio,weekend,night,customer.count.7d,terminal.risk.30d", "table.targets", "fraud");
    }
}
