package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;
import org.wherefore.core.internal.claim.Claims;

/**
 * Claims of kind {@code unusual}: something about the record is out of the ordinary, and that raises the probability. Made where the
 * factor's conditions hold of the record's own numbers; holds when the model's score falls once those fields are as they usually are.
 * What alone would lead to the lowest decision comes first, in the pack's order; then what lowers the score most. Immutable, thread-safe.
 */
public final class FactorClaims implements Claims {
    /** Most sentences on one output. */
    static final int MOST = 3;
    /** Before a field's name: the percentage of the training data's values below the record's. */
    public static final String SHARE = "share.";
    private static final double PERMILLE = 1_000;
    private static final Pattern CONDITION = Pattern.compile("(\\S+)\\s*(>=|<=|>|<)\\s*([^\\s*]+)(?:\\s*\\*\\s*([0-9.]+))?");
    private final FittedExtractor extractor;
    private final Judgement judgement;
    private final DataRecord record;
    private final List<Factor> factors;
    private final List<Output> outputs;

    /** @param record with its aggregates, as the model saw it */
    public FactorClaims(FittedExtractor extractor, Judgement judgement, DataRecord record, List<Factor> factors, List<Output> outputs) {
        this.extractor = extractor;
        this.judgement = judgement;
        this.record = record;
        this.factors = List.copyOf(factors);
        this.outputs = List.copyOf(outputs);
    }

    @Override
    public List<ClaimAudit.Audited> of(Model model, List<Attribution> attributions, long seed) {
        return test(model);
    }

    /** One result per output, in order. */
    public List<ClaimAudit.Audited> test(Model model) {
        List<Factor> apply = new ArrayList<>();
        List<Instance> variants = new ArrayList<>(List.of(extractor.extract(record)));
        for (Factor f : factors) {
            if (f.when().stream().allMatch(c -> holds(f, c))) {
                usual(f).ifPresent(r -> {
                    apply.add(f);
                    variants.add(extractor.extract(r));
                });
            }
        }
        int[] targets = outputs.stream().mapToInt(Output::index).toArray();
        RankedScore[][] scores = model.score(variants, targets, new java.util.BitSet(), false);
        List<ClaimAudit.Audited> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            List<Claim> shown = new ArrayList<>();
            double before = scores[0][t].score();
            for (int f = 0; f < apply.size(); f++) {
                double after = scores[f + 1][t].score();
                if (after < before) {
                    shown.add(claim(apply.get(f), outputs.get(t), before, after));
                }
            }
            Output output = outputs.get(t);
            shown.sort(Comparator.comparingDouble(c -> enough(output, c) ? Double.NEGATIVE_INFINITY : c.test().effect().get("scoreAfter")));
            out.add(new ClaimAudit.Audited(List.copyOf(shown.subList(0, Math.min(MOST, shown.size()))), apply.size() - shown.size(), Double.NaN));
        }
        return out;
    }

    /** Whether nothing would have been done about it without what the claim says. */
    private boolean enough(Output output, Claim claim) {
        Thresholds thresholds = judgement.targets().get(output.index()).thresholds();
        double acted = thresholds.steps().get(1).threshold();
        return claim.test().effect().get("probabilityBefore") >= acted && claim.test().effect().get("probabilityAfter") < acted;
    }

    private Claim claim(Factor factor, Output output, double before, double after) {
        Map<String, String> values = new TreeMap<>();
        values.put("factor", factor.name());
        for (String field : factor.cites()) {
            int i = record.schema().indexOf(field);
            if (i >= 0 && record.value(field) != null) {
                values.put(field, record.value(field).toString());
            }
        }
        factor.usual().forEach((field, source) -> {
            Source from = Source.of(source, field);
            OptionalDouble usual = from.of(record, judgement);
            OptionalDouble now = Source.number(record, field);
            if (usual.isPresent() && !Double.isNaN(usual.getAsDouble())) {
                values.put("usual." + field, Double.toString(usual.getAsDouble()));
                if (now.isPresent() && usual.getAsDouble() > 0) {
                    values.put("times." + field, Double.toString(now.getAsDouble() / usual.getAsDouble()));
                }
                if (now.isPresent() && from instanceof Source.Quantile) {
                    values.put(SHARE + field, Double.toString(Math.rint(PERMILLE * judgement.below(field, now.getAsDouble())) * 100 / PERMILLE));
                }
            }
        });
        return new Claim("unusual", output.target(), List.of(), values, new ClaimTest("set-to-usual",
                Map.of("scoreBefore", before, "scoreAfter", after, "probabilityBefore", judgement.probability(output.index(), before),
                        "probabilityAfter", judgement.probability(output.index(), after))), Verdict.SUPPORTED);
    }

    /** The record as it usually is in this respect; empty when what is usual is not known. */
    java.util.Optional<DataRecord> usual(Factor factor) {
        DataRecord out = record;
        for (Map.Entry<String, String> e : factor.usual().entrySet()) {
            OptionalDouble value = source(factor, e.getValue(), e.getKey()).of(record, judgement);
            if (value.isEmpty() || record.schema().indexOf(e.getKey()) < 0) {
                return java.util.Optional.empty();
            }
            out = out.with(e.getKey(), Double.isNaN(value.getAsDouble()) ? null : (Object) value.getAsDouble());
        }
        return java.util.Optional.of(out);
    }

    private boolean holds(Factor factor, String condition) {
        Matcher m = CONDITION.matcher(condition.strip());
        if (!m.matches()) {
            throw defect(factor, "'" + condition + "' is no condition; expected: field > value", null);
        }
        OptionalDouble left = Source.number(record, m.group(1));
        OptionalDouble right = source(factor, m.group(3), m.group(1)).of(record, judgement);
        if (left.isEmpty() || right.isEmpty()) {
            return false;
        }
        double limit = right.getAsDouble() * (m.group(4) == null ? 1 : Double.parseDouble(m.group(4)));
        double value = left.getAsDouble();
        return switch (m.group(2)) {
            case ">" -> value > limit;
            case ">=" -> value >= limit;
            case "<" -> value < limit;
            default -> value <= limit;
        };
    }

    private static Source source(Factor factor, String text, String field) {
        try {
            return Source.of(text, field);
        } catch (NumberFormatException e) {
            throw defect(factor, "'" + text + "' is no source of a value; expected a number, value:NUMBER, field:NAME, quantile:SHARE or missing", e);
        }
    }

    private static WhereforeException defect(Factor factor, String what, Exception cause) {
        return new WhereforeException(ErrorCode.INTERNAL, "the factor '" + factor.name() + "' of the pack can't be read: " + what, cause);
    }
}
