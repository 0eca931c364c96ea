package org.wherefore.core.internal.global;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;

/**
 * A question that is put to every held-out person: how does the model fare when their input is changed like this?
 *
 * @param how a change for importance, a value for dependence
 * @param draws the change, once for each repeat; never to an empty history
 */
record Probe(String feature, String how, List<Draw> draws) {
    private static final int[] LENGTHS = {1, 2, 3, 5, 10, 20, 50};
    /** Most event kinds that are tried. */
    private static final int KINDS = 12;

    /** Changes the input of a person, by number. Thread-safe. */
    interface Draw {
        SequenceInstance change(int person, SequenceInstance input);
    }

    /** A part made useless: order, kinds, events by age. Parts that nobody has are left out. */
    static List<Probe> importance(List<Held> people, int repeats, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Probe> out = new ArrayList<>();
        out.add(new Probe(GlobalExplanation.ORDER, GlobalExplanation.SHUFFLED, draws(repeats, () -> shuffled(random.nextLong()))));
        if (kinds(people).length > 1) {
            out.add(new Probe(GlobalExplanation.KINDS, GlobalExplanation.PERMUTED,
                    draws(repeats, () -> permuted(people, Ages.ALL, false, random.nextLong()))));
        }
        for (Ages ages : Ages.GROUPS) {
            if (people.stream().anyMatch(p -> ages.positions(p.input().length()).length > 0)) {
                out.add(new Probe(ages.name(), GlobalExplanation.REMOVED, List.of((p, input) -> input.without(ages.positions(input.length())))));
                out.add(new Probe(ages.name(), GlobalExplanation.PERMUTED, draws(repeats, () -> permuted(people, ages, true, random.nextLong()))));
            }
        }
        return out;
    }

    /** A part set to each of its values: the length, the kind of all events, the kind of the newest. */
    static List<Probe> dependence(List<Held> people, FeatureSchema schema) {
        int longest = people.stream().mapToInt(p -> p.input().length()).max().orElse(0);
        List<Probe> out = new ArrayList<>();
        for (int n : LENGTHS) {
            if (n < longest) {
                out.add(new Probe(GlobalExplanation.LENGTH, Integer.toString(n), List.of((p, input) -> newest(input, n))));
            }
        }
        out.add(new Probe(GlobalExplanation.LENGTH, "all", List.of((p, input) -> input)));
        int[] kinds = kinds(people);
        if (kinds.length > 1) {
            for (int kind : kinds) {
                out.add(new Probe(GlobalExplanation.KIND, schema.kinds().get(kind), List.of((p, input) -> withKind(input, kind, input.length()))));
            }
            for (int kind : kinds) {
                out.add(new Probe(GlobalExplanation.NEWEST_KIND, schema.kinds().get(kind), List.of((p, input) -> withKind(input, kind, 1))));
            }
        }
        return out;
    }

    private static List<Draw> draws(int repeats, java.util.function.Supplier<Draw> draw) {
        return IntStream.range(0, repeats).mapToObj(r -> draw.get()).toList();
    }

    /** Those that people have, the commonest first. */
    private static int[] kinds(List<Held> people) {
        int[] kinds = people.stream().flatMapToInt(p -> IntStream.of(p.input().kinds())).toArray();
        int[] counts = new int[IntStream.of(kinds).max().orElse(-1) + 1];
        IntStream.of(kinds).forEach(k -> counts[k]++);
        return IntStream.range(0, counts.length).filter(k -> counts[k] > 0).boxed()
                .sorted((a, b) -> counts[a] != counts[b] ? counts[b] - counts[a] : a - b).limit(KINDS).mapToInt(k -> k).toArray();
    }

    private static SequenceInstance newest(SequenceInstance input, int n) {
        return input.without(IntStream.range(0, Math.max(0, input.length() - n)).toArray());
    }

    private static SequenceInstance withKind(SequenceInstance input, int kind, int events) {
        int[] kinds = input.kinds();
        Arrays.fill(kinds, kinds.length - events, kinds.length, kind);
        return new SequenceInstance(input.items(), kinds);
    }

    private static Draw shuffled(long seed) {
        return (person, input) -> {
            int[] order = permutation(input.length(), new SplittableRandom(seed + person));
            int[] items = new int[order.length];
            int[] kinds = new int[order.length];
            for (int i = 0; i < order.length; i++) {
                items[i] = input.item(order[i]);
                kinds[i] = input.kind(order[i]);
            }
            return new SequenceInstance(items, kinds);
        };
    }

    /** All events of these ages of all people are dealt out again, each to a place where one was. @param whole or their kinds only */
    private static Draw permuted(List<Held> people, Ages ages, boolean whole, long seed) {
        int[] first = new int[people.size() + 1];
        for (int p = 0; p < people.size(); p++) {
            first[p + 1] = first[p] + ages.positions(people.get(p).input().length()).length;
        }
        int[] items = new int[first[people.size()]];
        int[] kinds = new int[items.length];
        for (int p = 0, n = 0; p < people.size(); p++) {
            SequenceInstance input = people.get(p).input();
            for (int position : ages.positions(input.length())) {
                items[n] = input.item(position);
                kinds[n++] = input.kind(position);
            }
        }
        int[] from = permutation(items.length, new SplittableRandom(seed));
        return (person, input) -> {
            int[] changedItems = input.items();
            int[] changedKinds = input.kinds();
            int n = first[person];
            for (int position : ages.positions(input.length())) {
                changedItems[position] = whole ? items[from[n]] : changedItems[position];
                changedKinds[position] = kinds[from[n++]];
            }
            return new SequenceInstance(changedItems, changedKinds);
        };
    }

    private static int[] permutation(int n, SplittableRandom random) {
        int[] out = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int t = out[i];
            out[i] = out[j];
            out[j] = t;
        }
        return out;
    }
}
