package org.wherefore.explainer.gradients.internal;

import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Gradients.Point;

/**
 * Explainer {@code gradient-x-input} (Shrikumar et al., Not Just a Black Box, 2016): the slopes at the history itself. The cheapest
 * one, three evaluations; where the score bends between baseline and history, as it does in a Transformer, much stays in the
 * completeness gap. Uses no randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class GradientTimesInputExplainer extends GradientExplainer {
    @Activate
    public GradientTimesInputExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    GradientTimesInputExplainer(Version bundle) {
        super("gradient-x-input", bundle);
    }

    @Override
    Estimate[] estimate(Path path, int most, long seed) {
        return mean(path, List.of(Point.on(1)), false);
    }
}
