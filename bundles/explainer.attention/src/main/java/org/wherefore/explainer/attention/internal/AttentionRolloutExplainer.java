package org.wherefore.explainer.attention.internal;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Attention;

/**
 * Explainer {@code attention-rollout} (Abnar and Zuidema, Quantifying Attention Flow in Transformers, ACL 2020): attention through
 * all layers, {@code product of (W + I) / 2}, {@code W} being the mean over a layer's heads and {@code I} its residual connection. The
 * same for every target. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class AttentionRolloutExplainer extends AttentionExplainer {
    /** The share of a token that passes by the attention of a layer. */
    private static final double RESIDUAL = 0.5;

    @Activate
    public AttentionRolloutExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    AttentionRolloutExplainer(Version bundle) {
        super("attention-rollout", bundle);
    }

    @Override
    double[] relevance(Attention.Maps maps, int target) {
        double[] row = new double[maps.parts().length];
        row[maps.output()] = 1;
        for (int layer = maps.weights().length - 1; layer >= 0; layer--) {
            double[] before = new double[row.length];
            for (int q = 0; q < row.length; q++) {
                double[] looks = meanRow(maps.weights()[layer], q);
                before[q] += RESIDUAL * row[q];
                for (int k = 0; k < row.length; k++) {
                    before[k] += (1 - RESIDUAL) * row[q] * looks[k];
                }
            }
            row = before;
        }
        return row;
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
