package org.wherefore.extractor.sequence.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;

/**
 * Turns histories into item sequences, and items into side information such as {@code category=Tea}. Thread-safe.
 *
 * <p>Targets are the items with at least one training event, by first appearance when users are taken in the order of their
 * ids; kinds by frequency, then name; attributes by name, each of at least two targets. Prices become bands by the
 * quantiles of the training items. Parameters: {@code maxLength} (events, 1 to 10,000, default 50) and
 * {@code attributes} (names of item attributes used, default {@code category,brand,price,attribute}).
 */
@Component(service = FeatureExtractor.class)
public final class SequenceExtractor implements FeatureExtractor {
    static final String NAME = "sequence";
    private static final int DEFAULT_LENGTH = 50;
    private static final int MIN_TARGETS = 2;

    @Activate
    public SequenceExtractor() {
        // Stateless.
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * @throws WhereforeException {@code INVALID_INPUT} for a parameter out of range, {@code BAD_DATA} when there is no event
     */
    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        int maxLength = maxLength(parameters);
        Map<String, Integer> targets = new LinkedHashMap<>();
        Map<String, Integer> kinds = new TreeMap<>();
        for (List<Event> history : new TreeMap<>(data.histories()).values()) {
            for (Event event : history) {
                targets.putIfAbsent(event.item(), targets.size());
                kinds.merge(event.kind(), 1, Integer::sum);
            }
        }
        if (targets.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no event after cleaning: nothing to learn");
        }
        List<String> ordered = new ArrayList<>(kinds.keySet());
        ordered.sort((a, b) -> Integer.compare(kinds.get(b), kinds.get(a)));
        List<Set<String>> labels = labels(data, targets, attributeNames(parameters));
        Map<String, Integer> counts = new TreeMap<>();
        labels.forEach(set -> set.forEach(label -> counts.merge(label, 1, Integer::sum)));
        Map<String, Integer> attributes = new LinkedHashMap<>();
        counts.forEach((label, n) -> {
            if (n >= MIN_TARGETS) {
                attributes.put(label, attributes.size());
            }
        });
        List<int[]> targetAttributes = new ArrayList<>(labels.size());
        for (Set<String> set : labels) {
            targetAttributes.add(set.stream().filter(attributes::containsKey).mapToInt(attributes::get).sorted().toArray());
        }
        return new FittedSequence(maxLength, new ArrayList<>(targets.keySet()), ordered, new ArrayList<>(attributes.keySet()),
                targetAttributes);
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        return FittedSequence.load(artifact);
    }

    private static int maxLength(Map<String, String> parameters) {
        String text = parameters.getOrDefault("maxLength", Integer.toString(DEFAULT_LENGTH)).strip();
        if (text.matches("[1-9]\\d{0,4}") && Integer.parseInt(text) <= FittedSequence.MAX_LENGTH) {
            return Integer.parseInt(text);
        }
        throw WhereforeException.invalid("/parameters/maxLength", "maxLength is a whole number from 1 to " + FittedSequence.MAX_LENGTH
                + ", got '" + text + "'");
    }

    private static Set<String> attributeNames(Map<String, String> parameters) {
        Set<String> names = new LinkedHashSet<>();
        for (String name : parameters.getOrDefault("attributes", "category,brand,price,attribute").split(",")) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    private static List<Set<String>> labels(CleanData data, Map<String, Integer> targets, Set<String> wanted) {
        List<Set<String>> labels = new ArrayList<>(targets.size());
        for (int i = 0; i < targets.size(); i++) {
            labels.add(new TreeSet<>());
        }
        Map<Integer, Double> prices = new HashMap<>();
        for (Entity entity : data.entities()) {
            Integer target = entity.kind().equals("item") ? targets.get(entity.id()) : null;
            if (target == null) {
                continue;
            }
            entity.attributes().forEach((name, values) -> {
                // The packs' field is called 'attributes'; one value of it is an 'attribute'.
                String label = name.equals("attributes") ? "attribute" : name;
                if (!wanted.contains(label)) {
                    return;
                }
                for (String value : values) {
                    if (label.equals("price")) {
                        price(value, target, prices);
                    } else if (!value.isBlank()) {
                        labels.get(target).add(label + "=" + value.strip());
                    }
                }
            });
        }
        if (!prices.isEmpty()) {
            PriceBands bands = PriceBands.fit(prices.values());
            prices.forEach((target, price) -> labels.get(target).add("price=" + bands.band(price)));
        }
        return labels;
    }

    private static void price(String value, int target, Map<Integer, Double> prices) {
        try {
            double price = Double.parseDouble(value.strip());
            if (Double.isFinite(price) && price >= 0) {
                prices.put(target, price);
            }
        } catch (NumberFormatException e) {
            // Connectors check numbers; what is none has no band.
        }
    }
}
