package org.wherefore.core.internal.global;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

import org.wherefore.api.explain.GlobalExplanation.Dependence;
import org.wherefore.api.explain.GlobalExplanation.Fall;
import org.wherefore.api.explain.GlobalExplanation.Importance;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Puts the probes to every held-out person, all of one person in one batch of the model, several people at a time, and adds up how
 * the answer's rank changes. Figures depend on model, people and seed, not on how many threads there are.
 */
final class Survey {
    private static final int TOP = 10;
    /** People between two reports of progress. */
    private static final int CHUNK = 16;
    private final List<Probe> importance;
    private final List<Probe> dependence;
    /** Per person: how the answer fares with the unchanged input, then with every draw of every probe. */
    private final RankedScore[][] answers;
    /** Per person whether a draw changed the input. */
    private final boolean[][] changed;

    private Survey(List<Probe> importance, List<Probe> dependence, int people) {
        this.importance = importance;
        this.dependence = dependence;
        this.answers = new RankedScore[people][];
        this.changed = new boolean[people][];
    }

    /** @param done told the share of people that were asked; throws to stop */
    static Survey of(Model model, FeatureSchema schema, List<Held> people, int repeats, long seed, DoubleConsumer done) {
        Survey survey = new Survey(Probe.importance(people, repeats, seed), Probe.dependence(people, schema), people.size());
        for (int from = 0; from < people.size(); from += CHUNK) {
            int to = Math.min(people.size(), from + CHUNK);
            IntStream.range(from, to).parallel().forEach(p -> survey.ask(model, p, people.get(p)));
            done.accept((double) to / people.size());
        }
        return survey;
    }

    private void ask(Model model, int person, Held held) {
        Map<SequenceInstance, Integer> different = new LinkedHashMap<>();
        List<Integer> which = new ArrayList<>();
        different.put(held.input(), 0);
        which.add(0);
        for (List<Probe> probes : List.of(importance, dependence)) {
            for (Probe probe : probes) {
                for (Probe.Draw draw : probe.draws()) {
                    SequenceInstance input = draw.change(person, held.input());
                    Integer known = different.putIfAbsent(input, different.size());
                    which.add(known == null ? different.size() - 1 : known);
                }
            }
        }
        RankedScore[][] scores = model.score(List.copyOf(different.keySet()), new int[] {held.answer()}, held.seen(), true);
        answers[person] = which.stream().map(i -> scores[i][0]).toArray(RankedScore[]::new);
        changed[person] = new boolean[which.size()];
        for (int i = 0; i < which.size(); i++) {
            changed[person][i] = which.get(i) != 0;
        }
    }

    double hr() {
        return mean(answers.length, p -> hit(answers[p][0]));
    }

    double ndcg() {
        return mean(answers.length, p -> gain(answers[p][0]));
    }

    /** The largest fall of NDCG first. */
    List<Importance> importances() {
        List<Importance> out = new ArrayList<>();
        int first = 1;
        for (Probe probe : importance) {
            int from = first;
            int to = from + probe.draws().size();
            out.add(new Importance(probe.feature(), probe.how(), changed(from, to), fall(from, to, Survey::gain), fall(from, to, Survey::hit)));
            first = to;
        }
        out.sort(Comparator.comparingDouble((Importance i) -> -i.ndcg().mean()));
        return out;
    }

    List<Dependence> dependences() {
        List<Dependence> out = new ArrayList<>();
        int first = 1 + importance.stream().mapToInt(p -> p.draws().size()).sum();
        for (int i = 0; i < dependence.size(); i++) {
            int at = first + i;
            double[] differences = IntStream.range(0, answers.length).mapToDouble(p -> answers[p][at].score() - answers[p][0].score()).sorted().toArray();
            double[] ranks = IntStream.range(0, answers.length).mapToDouble(p -> answers[p][at].rank()).sorted().toArray();
            out.add(new Dependence(dependence.get(i).feature(), dependence.get(i).how(), changed(at, at + 1),
                    mean(answers.length, p -> answers[p][at].score()), quantile(differences, 0.25), quantile(differences, 0.75),
                    quantile(ranks, 0.5), mean(answers.length, p -> gain(answers[p][at])), mean(answers.length, p -> hit(answers[p][at]))));
        }
        return out;
    }

    private int changed(int from, int to) {
        return (int) Arrays.stream(changed).filter(c -> IntStream.range(from, to).anyMatch(d -> c[d])).count();
    }

    private interface Figure {
        double of(RankedScore answer);
    }

    private Fall fall(int from, int to, Figure figure) {
        int repeats = to - from;
        double[] byRepeat = IntStream.range(from, to).mapToDouble(d -> mean(answers.length, p -> figure.of(answers[p][0]) - figure.of(answers[p][d])))
                .toArray();
        double[] byPerson = IntStream.range(0, answers.length)
                .mapToDouble(p -> mean(repeats, r -> figure.of(answers[p][0]) - figure.of(answers[p][from + r]))).toArray();
        return new Fall(mean(byPerson.length, p -> byPerson[p]), standardError(byRepeat), standardError(byPerson));
    }

    private static double hit(RankedScore answer) {
        return answer.rank() <= TOP ? 1 : 0;
    }

    private static double gain(RankedScore answer) {
        return answer.rank() <= TOP ? Math.log(2) / Math.log(answer.rank() + 1.0) : 0;
    }

    /** In order, so that the last digit is always the same. */
    private static double mean(int n, IntToDoubleFunction value) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += value.applyAsDouble(i);
        }
        return sum / n;
    }

    private static double standardError(double[] values) {
        int n = values.length;
        if (n < 2) {
            return 0;
        }
        double mean = mean(n, i -> values[i]);
        return Math.sqrt(mean(n, i -> (values[i] - mean) * (values[i] - mean)) / (n - 1));
    }

    /** Between two values, in proportion. */
    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
