package org.wherefore.core.internal.global;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.GlobalExplanation.Aggregate;
import org.wherefore.api.explain.GlobalExplanation.Item;
import org.wherefore.api.explain.GlobalExplanation.Share;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;

/** Adds up the contributions of many people's events by what the events have in common. One thread. */
final class Contributions {
    /** Most values of one attribute, and most items. */
    private static final int MOST = 20;
    private final FeatureSchema schema;
    private final Map<String, Map<String, Sum>> sums = new TreeMap<>();
    private final Map<Integer, ItemSum> items = new HashMap<>();
    private int explained;
    private double total;

    Contributions(FeatureSchema schema) {
        this.schema = schema;
    }

    private static final class Sum {
        double size;
        long events;
        int people;
    }

    private static final class ItemSum {
        double value;
        int first;
        int people;
    }

    void add(SequenceInstance input, Attribution attribution) {
        explained++;
        Set<Sum> had = new HashSet<>();
        Map<Integer, Double> mine = new LinkedHashMap<>();
        for (Contribution c : attribution.contributions()) {
            double size = Math.abs(c.value());
            int item = input.item(c.position());
            int age = input.length() - c.position();
            total += size;
            add(Share.POSITION, Ages.POSITIONS.stream().filter(a -> a.has(age)).findFirst().orElseThrow().name(), size, had);
            add(Share.EVENT_KIND, schema.kinds().get(input.kind(c.position())), size, had);
            for (int a : schema.targetAttributes().get(item)) {
                String attribute = schema.attributes().get(a);
                int equals = Math.max(0, attribute.indexOf('='));
                add(attribute.substring(0, equals), attribute.substring(equals == 0 ? 0 : equals + 1), size, had);
            }
            mine.merge(item, c.value(), Double::sum);
        }
        double most = mine.values().stream().mapToDouble(v -> v).max().orElse(0);
        mine.forEach((item, value) -> {
            ItemSum sum = items.computeIfAbsent(item, i -> new ItemSum());
            sum.value += value;
            sum.people++;
            sum.first += value == most && most > 0 ? 1 : 0;
        });
    }

    private void add(String by, String value, double size, Set<Sum> had) {
        Sum sum = sums.computeIfAbsent(by, b -> new HashMap<>()).computeIfAbsent(value, v -> new Sum());
        sum.size += size;
        sum.events++;
        sum.people += had.add(sum) ? 1 : 0;
    }

    int explained() {
        return explained;
    }

    Aggregate sum(String strategy, String version, String reason) {
        List<Share> shares = new ArrayList<>();
        Map<String, Sum> positions = sums.getOrDefault(Share.POSITION, Map.of());
        Ages.POSITIONS.stream().filter(a -> positions.containsKey(a.name())).forEach(a -> shares.add(share(Share.POSITION, a.name(), positions.get(a.name()))));
        List<String> others = new ArrayList<>(sums.keySet());
        others.remove(Share.POSITION);
        // kinds before attributes
        others.sort(Comparator.comparing((String b) -> !b.equals(Share.EVENT_KIND)).thenComparing(b -> b));
        for (String by : others) {
            sums.get(by).entrySet().stream().filter(e -> e.getValue().people >= Share.FEWEST_PEOPLE).map(e -> share(by, e.getKey(), e.getValue()))
                    .sorted(Comparator.comparingDouble((Share s) -> -s.mean()).thenComparing(Share::value)).limit(MOST).forEach(shares::add);
        }
        List<Item> most = items.entrySet().stream()
                .map(e -> new Item(schema.targets().get(e.getKey()), e.getValue().value / e.getValue().people, e.getValue().first, e.getValue().people))
                .sorted(Comparator.comparingInt((Item i) -> -i.first()).thenComparing(i -> -i.mean() * i.people()).thenComparing(Item::item)).limit(MOST).toList();
        return new Aggregate(strategy, version, explained, reason, shares, Collections.unmodifiableList(most));
    }

    private Share share(String by, String value, Sum sum) {
        return new Share(by, value, sum.size / sum.events, total == 0 ? 0 : sum.size / total, sum.events, sum.people);
    }
}
