package org.wherefore.explainer.gradients.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Gradients.Point;

/**
 * Explainer {@code smoothgrad} (Smilkov et al., SmoothGrad: Removing Noise by Adding Noise, 2017), times the input: the mean slope
 * over up to {@value #SAMPLES} histories whose content carries normal noise of {@value #NOISE} times its root mean square. Less
 * jumpy than {@code gradient-x-input}, and like it leaves much in the completeness gap. Each contribution carries the standard
 * error of its mean. All randomness comes from the seed. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class SmoothGradExplainer extends GradientExplainer {
    static final int SAMPLES = 64;
    /** The paper recommends 10 to 20 % of the range of the input. */
    static final double NOISE = 0.15;

    @Activate
    public SmoothGradExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    SmoothGradExplainer(Version bundle) {
        super("smoothgrad", bundle);
    }

    @Override
    Estimate[] estimate(Path path, int most, long seed) {
        int n = Math.min(SAMPLES, most);
        SplittableRandom seeds = new SplittableRandom(seed);
        List<Point> points = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            points.add(new Point(1, NOISE, seeds.nextLong()));
        }
        return mean(path, points, true);
    }
}
