package org.wherefore.core.internal.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.predict.Asked;
import org.wherefore.core.internal.predict.ExplanationMaker;

/**
 * Explains cases as the server would and re-tests every claim shown by other means than the audit: histories are rebuilt
 * from events and extracted anew, ranks are recounted from the model's full ranking, controls are other draws of another
 * generator, counts are made from the raw histories.
 */
final class ClaimEvaluation {
    private static final int TOP = 10;
    private static final int FRESH_CONTROLS = 20;

    private final ExplanationMaker maker;
    private final DomainPack pack;
    private final Explainer explainer;
    private final Model model;
    private final FittedExtractor extractor;
    private final Population population;
    private final Map<String, Set<String>> itemsOf = new LinkedHashMap<>();
    private final Map<String, Set<String>> catalogue;
    private final Random random = new Random(20_260_101);

    private long shown;
    private long supported;
    private long explained;
    private long personalUsers;
    private long eligibleUsers;
    private double fidelity;
    private long fidelityCount;
    private long planted;
    private long plantedTop;
    private long plantedClaimed;
    private final List<String> refuted = new ArrayList<>();

    /** @param histories what {@code population} was counted from @param catalogue item id to its {@code name=value} attributes */
    ClaimEvaluation(ExplanationMaker maker, DomainPack pack, Explainer explainer, Model model, FittedExtractor extractor, Population population,
            Map<String, List<Event>> histories, Map<String, Set<String>> catalogue) {
        this.maker = maker;
        this.pack = pack;
        this.explainer = explainer;
        this.model = model;
        this.extractor = extractor;
        this.population = population;
        this.catalogue = catalogue;
        histories.forEach((u, h) -> itemsOf.put(u, h.stream().map(Event::item).collect(Collectors.toSet())));
    }

    /** @param cause the planted cause of the answer, or null */
    void add(Evaluation.Case c, String cause) {
        SequenceInstance instance = (SequenceInstance) extractor.extract(new History(c.input()));
        if (instance.length() == 0) {
            return;
        }
        BitSet excluded = Evaluation.seen(extractor, c.input());
        List<Output> outputs = model.predict(instance, TOP, excluded);
        List<Explanation> explanations = maker.personal(Asked.ofHistory(pack, model, extractor.schema(), instance, excluded,
                outputs, population), explainer, ExplanationRequest.defaults(java.util.Locale.ENGLISH));
        boolean personal = false;
        for (int i = 0; i < outputs.size(); i++) {
            Explanation e = explanations.get(i);
            explained += e.finding() == null ? 0 : 1;
            if (!Double.isNaN(e.quality().fidelity())) {
                fidelity += e.quality().fidelity();
                fidelityCount++;
            }
            for (Claim claim : e.claims()) {
                personal = true;
                shown++;
                if (holds(claim, c.input(), outputs.get(i), excluded)) {
                    supported++;
                } else {
                    refuted.add(claim.toString());
                }
            }
            if (cause != null && outputs.get(i).target().equals(c.answer().item())) {
                plant(e, instance, cause);
            }
        }
        if (c.input().size() >= 5) {
            eligibleUsers++;
            personalUsers += personal ? 1 : 0;
        }
    }

    private void plant(Explanation e, SequenceInstance instance, String cause) {
        planted++;
        if (e.attribution() == null || e.attribution().contributions().isEmpty()) {
            return;
        }
        Contribution top = e.attribution().contributions().get(0);
        if (extractor.schema().targets().get(instance.item(top.position())).equals(cause)) {
            plantedTop++;
        }
        if (e.claims().stream().anyMatch(k -> k.kind().equals("history") && k.items().contains(cause))) {
            plantedClaimed++;
        }
    }

    private boolean holds(Claim claim, List<Event> input, Output output, BitSet excluded) {
        return verbHolds(claim, input) && switch (claim.kind()) {
            case "history" -> historyHolds(claim, input, output, excluded);
            case "attribute" -> attributeHolds(claim, input, output);
            case "cohort" -> cohortHolds(claim);
            case "counterfactual" -> counterfactualHolds(claim, input, output, excluded);
            default -> false;
        };
    }

    /** "You bought A and B": the person did just that to each of them. */
    private static boolean verbHolds(Claim claim, List<Event> input) {
        String kind = claim.values().getOrDefault("kind", "");
        return kind.isEmpty() || claim.items().stream()
                .allMatch(i -> input.stream().anyMatch(e -> e.item().equals(i) && e.kind().equals(kind)));
    }

    private boolean historyHolds(Claim claim, List<Event> input, Output output, BitSet excluded) {
        Set<String> cited = new HashSet<>(claim.items());
        // The model saw only the newest events, so both sides are drawn from what it saw.
        List<Event> seen = seenByModel(input);
        if (!seen.stream().map(Event::item).collect(Collectors.toSet()).containsAll(cited)) {
            return false;
        }
        List<Event> without = seen.stream().filter(e -> !cited.contains(e.item())).toList();
        List<Event> others = new ArrayList<>(without);
        double full = scoreOf(seen, output);
        double after = scoreOf(without, output);
        double control = 0;
        for (int r = 0; r < FRESH_CONTROLS; r++) {
            java.util.Collections.shuffle(others, random);
            Set<Event> drop = new HashSet<>(others.subList(0, seen.size() - without.size()));
            control += scoreOf(seen.stream().filter(e -> !drop.contains(e)).toList(), output) / FRESH_CONTROLS;
        }
        int rank = rankOf(without, output, excluded);
        boolean holds = after < full && after < control && rank > output.rank();
        if (!holds) {
            refuted.add("history claim on " + output.target() + " citing " + claim.items() + ": score " + full + " -> " + after
                    + ", mean of fresh controls " + control + ", rank " + output.rank() + " -> " + rank + "; the audit had "
                    + claim.test().effect() + ", history " + seen.stream().map(Event::item).toList());
        }
        return holds;
    }

    private boolean counterfactualHolds(Claim claim, List<Event> input, Output output, BitSet excluded) {
        int shown = Integer.parseInt(claim.values().get("k"));
        List<Event> without = seenByModel(input).stream().filter(e -> !claim.items().contains(e.item())).toList();
        return !claim.items().isEmpty() && output.rank() <= shown && rankOf(without, output, excluded) > shown;
    }

    private List<Event> seenByModel(List<Event> input) {
        return IntStream.of(extractor.positions(new History(input))).mapToObj(input::get).toList();
    }

    private double scoreOf(List<Event> history, Output output) {
        return model.score(List.of(extractor.extract(new History(history))), new int[] {output.index()}, new BitSet(), false)[0][0].score();
    }

    /** From the full ranking, not from the rank the model reports. */
    private int rankOf(List<Event> history, Output output, BitSet excluded) {
        List<Output> all = model.predict(extractor.extract(new History(history)), extractor.schema().targets().size(), excluded);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).index() == output.index()) {
                return i + 1;
            }
        }
        return Integer.MAX_VALUE;
    }

    private boolean attributeHolds(Claim claim, List<Event> input, Output output) {
        String name = claim.values().get("attribute") + "=" + claim.values().get("value");
        boolean catalogued = has(output.target(), name) && claim.items().stream().allMatch(i -> has(i, name))
                && new HashSet<>(claim.items()).size() >= 2
                && claim.items().size() == Integer.parseInt(claim.values().get("count"));
        List<Event> seen = seenByModel(input);
        List<Event> without = new ArrayList<>(seen);
        // one event of each cited item, the newest or the one the claim's contribution stood for, must lower the score
        without.removeIf(e -> claim.items().contains(e.item()));
        return catalogued && scoreOf(without, output) < scoreOf(seen, output);
    }

    private boolean has(String item, String attribute) {
        Set<String> known = catalogue.getOrDefault(item, Set.of());
        if (known.contains(attribute)) {
            return true;
        }
        if (!attribute.startsWith("price=")) {
            return false;
        }
        String band = attribute.substring("price=".length());
        return known.stream().filter(a -> a.startsWith("price=")).map(a -> Double.parseDouble(a.substring("price=".length())))
                .anyMatch(p -> inBand(p, band));
    }

    /** Bands read {@code <10}, {@code 10-20} or {@code 50+}; edges are rounded for reading, so both ends count. */
    private static boolean inBand(double price, String band) {
        if (band.startsWith("<")) {
            return price <= Double.parseDouble(band.substring(1));
        }
        if (band.endsWith("+")) {
            return price >= Double.parseDouble(band.substring(0, band.length() - 1));
        }
        String[] ends = band.split("-");
        return price >= Double.parseDouble(ends[0]) && price <= Double.parseDouble(ends[1]);
    }

    private boolean cohortHolds(Claim claim) {
        String anchor = claim.items().get(0);
        long of = itemsOf.values().stream().filter(s -> s.contains(anchor)).count();
        long both = itemsOf.values().stream().filter(s -> s.contains(anchor) && s.contains(claim.target())).count();
        return of == Long.parseLong(claim.values().get("of")) && both == Long.parseLong(claim.values().get("both"));
    }

    List<String> refuted() {
        return refuted;
    }

    Map<String, Double> figures() {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("explained", (double) explained);
        out.put("shown", (double) shown);
        out.put("supported", (double) supported);
        out.put("precision", shown == 0 ? Double.NaN : (double) supported / shown);
        out.put("coverage", eligibleUsers == 0 ? Double.NaN : (double) personalUsers / eligibleUsers);
        out.put("fidelity", fidelityCount == 0 ? Double.NaN : fidelity / fidelityCount);
        if (planted > 0) {
            out.put("causeCases", (double) planted);
            out.put("topCause", (double) plantedTop / planted);
            out.put("trueReason", (double) plantedClaimed / planted);
        }
        return out;
    }
}
