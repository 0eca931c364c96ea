package org.wherefore.core.internal.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.spi.Model;

/**
 * Full-ranking, leave-last-out accuracy: the last event of each history is the answer, everything before it is the input,
 * items seen are excluded, the whole catalogue is ranked.
 */
public final class Evaluation {
    /** A history without its last event, and that event. */
    public record Case(List<Event> input, Event answer) {}

    private Evaluation() {}

    /** One case per history of at least {@code 3} events, in order. */
    public static List<Case> cases(Collection<List<Event>> histories) {
        return histories.stream().filter(h -> h.size() >= 3)
                .map(h -> new Case(h.subList(0, h.size() - 1), h.get(h.size() - 1))).toList();
    }

    /** Indices of the targets that the events are on. */
    public static BitSet seen(FittedExtractor extractor, List<Event> history) {
        BitSet out = new BitSet();
        for (Event e : history) {
            extractor.target(e.item()).ifPresent(out::set);
        }
        return out;
    }

    /** Figures by the names of the REST contract. An answer that the training data did not have counts as a miss. */
    public static Map<String, Double> accuracy(Model model, FittedExtractor extractor, List<Case> cases) {
        int[] ranks = IntStream.range(0, cases.size()).parallel().map(i -> rank(model, extractor, cases.get(i))).toArray();
        return figures(ranks);
    }

    private static int rank(Model model, FittedExtractor extractor, Case c) {
        OptionalInt target = extractor.target(c.answer().item());
        if (target.isEmpty()) {
            return Integer.MAX_VALUE;
        }
        SequenceInstance instance = (SequenceInstance) extractor.extract(new History(c.input()));
        return model.score(List.of(instance), new int[] {target.getAsInt()}, seen(extractor, c.input()), true)[0][0].rank();
    }

    static Map<String, Double> figures(int[] ranks) {
        Map<String, Double> out = new LinkedHashMap<>();
        for (int k : new int[] {1, 5, 10}) {
            out.put("hr@" + k, mean(ranks, r -> r <= k ? 1 : 0));
            out.put("ndcg@" + k, mean(ranks, r -> r <= k ? Math.log(2) / Math.log(r + 1.0) : 0));
        }
        out.put("mrr@20", mean(ranks, r -> r <= 20 ? 1.0 / r : 0));
        out.put("cases", (double) ranks.length);
        return out;
    }

    private static double mean(int[] ranks, java.util.function.IntToDoubleFunction gain) {
        return ranks.length == 0 ? 0 : IntStream.of(ranks).mapToDouble(gain).sum() / ranks.length;
    }

    /** Histories without their last event where they have at least three, as training sees them. */
    public static Map<String, List<Event>> trainingHistories(Map<String, List<Event>> histories) {
        Map<String, List<Event>> out = new LinkedHashMap<>();
        histories.forEach((u, h) -> out.put(u, h.size() >= 3 ? new ArrayList<>(h.subList(0, h.size() - 1)) : h));
        return out;
    }
}
