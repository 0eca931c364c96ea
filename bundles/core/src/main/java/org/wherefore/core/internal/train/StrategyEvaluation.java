package org.wherefore.core.internal.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.History;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.train.StrategyComparison;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.core.internal.predict.ExplanationMaker.Measured;
import org.wherefore.core.internal.predict.Asked;

/** Explains the same outputs by several strategies with full quality, and says which does best. One thread. */
final class StrategyEvaluation {
    private static final int TOP = 10;
    /** So long that no figure depends on how busy the machine is. */
    private static final long DEADLINE_MILLIS = 60_000;
    /** Which figures are ranked, and whether less is better. */
    private static final Map<String, Boolean> RANKED = ranked();

    private final ExplanationMaker maker;
    private final DomainPack pack;
    private final Lease lease;
    private final Population population;
    private final List<Example> keptCases;
    private final int budget;

    StrategyEvaluation(ExplanationMaker maker, DomainPack pack, Lease lease, Population population, int budget) {
        this.budget = budget;
        this.maker = maker;
        this.pack = pack;
        this.lease = lease;
        this.population = population;
        this.keptCases = CaseFile.read(lease.artifact());
    }

    private static Map<String, Boolean> ranked() {
        Map<String, Boolean> out = new LinkedHashMap<>();
        out.put(StrategyComparison.DELETION, true);
        out.put(StrategyComparison.INSERTION, false);
        out.put(StrategyComparison.INFIDELITY, true);
        out.put(StrategyComparison.SENSITIVITY, true);
        out.put(StrategyComparison.STABILITY, false);
        return out;
    }

    StrategyComparison compare(List<Explainer> strategies, List<Evaluation.Case> cases, TrainingProgress progress) {
        Map<Explainer, Tally> tallies = new LinkedHashMap<>();
        strategies.forEach(s -> tallies.put(s, new Tally()));
        int people = 0;
        for (int i = 0; i < cases.size() && !progress.cancelled(); i++) {
            people += explain(cases.get(i), tallies) ? 1 : 0;
            progress.update((i + 1.0) / cases.size(), Map.of("people", (double) people));
        }
        List<StrategyComparison.Row> rows = new ArrayList<>();
        tallies.forEach((s, t) -> rows.add(new StrategyComparison.Row(s.name(), s.version(), t.reason, t.figures(), t.curves.mean())));
        return new StrategyComparison(lease.version().info(), people, placed(rows));
    }

    /** @return false when nothing is known of the person */
    private boolean explain(Evaluation.Case c, Map<Explainer, Tally> tallies) {
        SequenceInstance instance = (SequenceInstance) lease.extractor().extract(new History(c.input()));
        if (instance.length() == 0) {
            return false;
        }
        BitSet excluded = Evaluation.seen(lease.extractor(), c.input());
        List<Output> outputs = lease.model().predict(instance, TOP, excluded);
        ExplanationRequest d = ExplanationRequest.defaults(Locale.ENGLISH);
        ExplanationRequest request = new ExplanationRequest("", d.locale(), d.seed(), budget, DEADLINE_MILLIS, Map.of(), null, true);
        Asked asked = Asked.ofHistory(pack, lease.model(), lease.extractor().schema(), instance, excluded, outputs, population, outputs.size(), keptCases, -1);
        tallies.forEach((strategy, tally) -> {
            if (tally.unsupported) {
                return;
            }
            try {
                tally.add(maker.measured(asked, strategy, request));
            } catch (WhereforeException e) {
                if (e.code() != ErrorCode.UNSUPPORTED && e.code() != ErrorCode.INVALID_INPUT) {
                    throw e;
                }
                tally.unsupported = true;
                tally.reason = e.getMessage();
            }
        });
        return true;
    }

    private static final class Tally {
        final List<Quality> qualities = new ArrayList<>();
        final List<Double> millis = new ArrayList<>();
        final MeanCurves curves = new MeanCurves();
        boolean unsupported;
        String reason = "";
        long claims;
        long failed;

        void add(List<Measured> explanations) {
            for (Measured m : explanations) {
                Explanation e = m.explanation();
                if (e.finding() == null) {
                    failed++;
                    reason = reason.isEmpty() ? e.reason() : reason;
                    continue;
                }
                qualities.add(e.quality());
                claims += e.claims().size();
                if (m.measures() != null) {
                    curves.add(m.measures());
                }
            }
            if (!explanations.isEmpty() && explanations.get(0).explanation().finding() != null) {
                millis.add(explanations.get(0).nanos() / 1e6 / explanations.size());
            }
        }

        Map<String, Double> figures() {
            Map<String, Double> out = new HashMap<>();
            if (!unsupported) {
                out.put(StrategyComparison.EXPLAINED, (double) qualities.size());
                out.put(StrategyComparison.FAILED, (double) failed);
            }
            if (!qualities.isEmpty()) {
                out.put(StrategyComparison.CLAIMS, (double) claims / qualities.size());
                out.put(StrategyComparison.MILLIS, median(millis));
            }
            out.put(StrategyComparison.DELETION, mean(Quality::deletion));
            out.put(StrategyComparison.INSERTION, mean(Quality::insertion));
            out.put(StrategyComparison.RANDOM, mean(Quality::random));
            out.put(StrategyComparison.STABILITY, mean(Quality::stability));
            out.put(StrategyComparison.INFIDELITY, median(all(Quality::infidelity)));
            out.put(StrategyComparison.SENSITIVITY, median(all(Quality::sensitivity)));
            out.put(StrategyComparison.GAP, median(all(Quality::gap)));
            if (!Double.isNaN(out.get(StrategyComparison.DELETION))) {
                out.put(StrategyComparison.UNSTABLE, mean(q -> q.unstable() ? 1 : 0));
            }
            out.values().removeIf(v -> Double.isNaN(v));
            return out;
        }

        private List<Double> all(ToDoubleFunction<Quality> figure) {
            return qualities.stream().map(figure::applyAsDouble).filter(v -> !Double.isNaN(v)).toList();
        }

        private double mean(ToDoubleFunction<Quality> figure) {
            return all(figure).stream().mapToDouble(v -> v).average().orElse(Double.NaN);
        }

        private static double median(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int n = sorted.size();
            return n == 0 ? Double.NaN : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
        }
    }

    /** Ordered by the mean of the places, ties sharing theirs; a figure that a strategy lacks is its last place. */
    static List<StrategyComparison.Row> placed(List<StrategyComparison.Row> rows) {
        List<StrategyComparison.Row> rated = rows.stream().filter(r -> RANKED.keySet().stream().anyMatch(r.figures()::containsKey)).toList();
        List<StrategyComparison.Row> out = new ArrayList<>();
        for (StrategyComparison.Row r : rows) {
            Map<String, Double> figures = new HashMap<>(r.figures());
            if (rated.contains(r)) {
                double sum = 0;
                for (Map.Entry<String, Boolean> e : RANKED.entrySet()) {
                    sum += place(rated, r, e.getKey(), e.getValue());
                }
                figures.put(StrategyComparison.PLACE, sum / RANKED.size());
            }
            out.add(new StrategyComparison.Row(r.name(), r.version(), r.reason(), figures, r.curves()));
        }
        out.sort(Comparator.comparingDouble((StrategyComparison.Row r) -> r.figures().getOrDefault(StrategyComparison.PLACE, Double.MAX_VALUE))
                .thenComparing(StrategyComparison.Row::name));
        return out;
    }

    private static double place(List<StrategyComparison.Row> rated, StrategyComparison.Row row, String figure, boolean lessIsBetter) {
        double mine = value(row, figure, lessIsBetter);
        long better = rated.stream().filter(r -> value(r, figure, lessIsBetter) < mine).count();
        long same = rated.stream().filter(r -> value(r, figure, lessIsBetter) == mine).count();
        return better + (same + 1) / 2.0;
    }

    private static double value(StrategyComparison.Row row, String figure, boolean lessIsBetter) {
        Double v = row.figures().get(figure);
        return v == null ? Double.MAX_VALUE : lessIsBetter ? v : -v;
    }
}
