package org.wherefore.explainer.gradients.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;

/**
 * Explainer {@code integrated-gradients} (Sundararajan, Taly, Yan, Axiomatic Attribution for Deep Networks, ICML 2017): the
 * integral of the slopes along the straight path from the baseline to the history, by Simpson's rule over intervals, at first
 * {@value #INTERVALS} of one length.
 *
 * <p>The model tells its score at every point, so the error of every interval is known: what its contributions sum to, less
 * the difference of the scores at its ends. The worst intervals are halved, which keeps all that was asked, until the completeness
 * gap of the target is at most {@value #GAP} of the difference of its score from the base value and the errors without their signs
 * sum to at most {@value #ERRORS} of it. From half the budget on the gap alone counts, and those intervals are halved whose
 * errors make it. Each target has intervals of its own, so it is explained the same alone and among others. Uses no randomness:
 * the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class IntegratedGradientsExplainer extends GradientExplainer {
    /** Their ends and middles are a chunk of points. */
    static final int INTERVALS = CHUNK / 2;
    /** A little less than half a percent: scores along the path are rounded. */
    static final double GAP = 0.0045;
    static final double ERRORS = 0.01;
    /** Intervals halved at once, two points each. */
    private static final int HALVED = CHUNK / 2;
    /** Of the size of the scores: less than that is rounding of single precision. */
    private static final double ROUNDING = 1e-6;

    @Activate
    public IntegratedGradientsExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    IntegratedGradientsExplainer(Version bundle) {
        super("integrated-gradients", bundle);
    }

    /** A part of the path with what is known at its ends and in its middle, and the error of Simpson's rule on it. */
    private record Interval(double from, double to, Slope start, Slope middle, Slope end, double error) {
        static Interval of(double from, double to, Slope start, Slope middle, Slope end) {
            double sum = 0;
            for (int p = 0; p < start.products().length; p++) {
                sum += simpson(from, to, start, middle, end, p);
            }
            return new Interval(from, to, start, middle, end, sum - (end.score() - start.score()));
        }

        private static double simpson(double from, double to, Slope start, Slope middle, Slope end, int position) {
            return (to - from) / 6 * (start.products()[position] + 4 * middle.products()[position] + end.products()[position]);
        }

        double value(int position) {
            return simpson(from, to, start, middle, end, position);
        }

        double centre() {
            return (from + to) / 2;
        }

        /** The middles of its halves. */
        List<Point> points() {
            return List.of(Point.on((from + centre()) / 2), Point.on((centre() + to) / 2));
        }
    }

    @Override
    Estimate[] estimate(Path path, int most, long seed) {
        if (most == 1) {
            // Too little for both ends: the middle stands for the path.
            return mean(path, List.of(Point.on(0.5)), false);
        }
        Estimate[] out = new Estimate[path.targets().length];
        Arrays.fill(out, Estimate.NOTHING);
        if (path.cancelled().getAsBoolean()) {
            return out;
        }
        int n = Math.min(INTERVALS, most / 2);
        List<Point> points = new ArrayList<>(2 * n);
        for (int i = 1; i <= 2 * n; i++) {
            points.add(Point.on(i / (2.0 * n)));
        }
        Slope[][] slopes = path.at(path.targets(), points);
        for (int t = 0; t < out.length; t++) {
            List<Interval> intervals = new ArrayList<>(n);
            Slope start = path.baseline()[t];
            for (int i = 0; i < n; i++) {
                Slope end = slopes[2 * i + 1][t];
                intervals.add(Interval.of((double) i / n, (i + 1.0) / n, start, slopes[2 * i][t], end));
                start = end;
            }
            refine(path, t, intervals, 2 * n, most);
            double[] values = new double[path.history().length()];
            for (int p = 0; p < values.length; p++) {
                int position = p;
                values[p] = intervals.stream().mapToDouble(i -> i.value(position)).sum();
            }
            out[t] = new Estimate(values, new double[values.length]);
        }
        return out;
    }

    private static void refine(Path path, int target, List<Interval> intervals, int spent, int most) {
        double base = path.baseline()[target].score();
        double size = Math.max(1, Math.max(Math.abs(base), Math.abs(path.scores()[target])));
        double difference = Math.max(Math.abs(path.scores()[target] - base), ROUNDING / GAP * size);
        for (int points = spent; !path.cancelled().getAsBoolean();) {
            double gap = errors(intervals).sum();
            boolean late = points >= most / 2;
            if (Math.abs(gap) <= GAP * difference && (late || errors(intervals).map(Math::abs).sum() <= ERRORS * difference)) {
                return;
            }
            List<Interval> worst = worst(intervals, late ? gap : 0, Math.min(HALVED, (most - points) / 2));
            if (worst.isEmpty()) {
                return;
            }
            Slope[][] middles = path.at(new int[] {path.targets()[target]}, worst.stream().flatMap(i -> i.points().stream()).toList());
            for (int w = 0; w < worst.size(); w++) {
                Interval i = worst.get(w);
                intervals.set(intervals.indexOf(i), Interval.of(i.from(), i.centre(), i.start(), middles[2 * w][0], i.middle()));
                intervals.add(Interval.of(i.centre(), i.to(), i.middle(), middles[2 * w + 1][0], i.end()));
            }
            points += 2 * worst.size();
        }
    }

    private static DoubleStream errors(List<Interval> intervals) {
        return intervals.stream().mapToDouble(Interval::error);
    }

    /**
     * The intervals with the largest errors, none much smaller than the largest; for a gap other than 0 those that make it, and no more
     * than make it up.
     */
    private static List<Interval> worst(List<Interval> intervals, double gap, int most) {
        List<Interval> sorted = intervals.stream().filter(i -> gap == 0 || i.error() * gap > 0)
                .sorted(Comparator.comparingDouble((Interval i) -> -Math.abs(i.error())).thenComparingDouble(Interval::from)).toList();
        List<Interval> worst = new ArrayList<>();
        double made = 0;
        for (Interval i : sorted) {
            boolean small = gap == 0 ? Math.abs(i.error()) < Math.abs(sorted.get(0).error()) / 4 : made >= Math.abs(gap);
            if (worst.size() >= most || small) {
                break;
            }
            worst.add(i);
            made += Math.abs(i.error());
        }
        return worst;
    }
}
