package org.wherefore.explainer.attention.internal;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Attention;

/**
 * Explainer {@code attention-gradient} (Chefer, Gur, Wolf, Generic Attention-model Explainability for Interpreting Bi-Modal and
 * Encoder-Decoder Transformers, ICCV 2021): relevance {@code R}, at first the identity, becomes {@code R + A R} layer by layer,
 * {@code A} being the mean over the heads of the positive part of weight times gradient. Each target has its own. The output's
 * row counts, less the identity it began with, which is no finding. It holds what speaks for a target and never what speaks
 * against it: where the score is below the base value the events still get what speaks for it, and the gap is twice the
 * difference. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class AttentionGradientExplainer extends AttentionExplainer {
    @Activate
    public AttentionGradientExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    AttentionGradientExplainer(Version bundle) {
        super("attention-gradient", bundle);
    }

    /** The output's row of (I + A of the last layer) … (I + A of the first layer), from the left. */
    @Override
    double[] relevance(Attention.Maps maps, int target) {
        int n = maps.parts().length;
        double[] row = new double[n];
        row[maps.output()] = 1;
        for (int layer = maps.weights().length - 1; layer >= 0; layer--) {
            double[][][] weights = maps.weights()[layer];
            double[][][] gradients = maps.gradients()[target][layer];
            double[] before = row.clone();
            for (int head = 0; head < weights.length; head++) {
                for (int q = 0; q < n; q++) {
                    for (int k = 0; row[q] > 0 && k < n; k++) {
                        before[k] += row[q] * Math.max(0, weights[head][q][k] * gradients[head][q][k]) / weights.length;
                    }
                }
            }
            row = before;
        }
        row[maps.output()] -= 1;
        return row;
    }

    @Override
    boolean gradients() {
        return true;
    }

    @Override
    double shared(double difference) {
        return Math.abs(difference);
    }
}
