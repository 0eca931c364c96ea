package org.wherefore.explainer.attention.internal;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Attention;

/**
 * Explainer {@code attention}: what the last layer looks at when the scores are read, the mean over its heads. The same for every
 * target. It passes over what the layers before have already mixed, and what is looked at need not count (Jain and Wallace,
 * Attention is not Explanation, NAACL 2019): a baseline for the others. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class RawAttentionExplainer extends AttentionExplainer {
    @Activate
    public RawAttentionExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    RawAttentionExplainer(Version bundle) {
        super("attention", bundle);
    }

    @Override
    double[] relevance(Attention.Maps maps, int target) {
        return meanRow(maps.weights()[maps.weights().length - 1], maps.output());
    }

    @Override
    boolean gradients() {
        return false;
    }

    @Override
    double shared(double difference) {
        return difference;
    }
}
