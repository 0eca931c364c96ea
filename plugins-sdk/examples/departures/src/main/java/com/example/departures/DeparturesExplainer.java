package com.example.departures;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Strategy {@code departures}: events leave the history one after the other, and each is put down what the score loses as it goes. The
 * parameter {@code first} says at which end that begins. Exact for that order, without randomness. Stateless, thread-safe.
 */
@Component(service = Explainer.class)
public final class DeparturesExplainer implements Explainer {
    private static final int BATCH = 64;
    private static final Parameter FIRST = new Parameter("first", "text", "oldest", "which event leaves first: oldest or newest");

    @Override
    public String name() {
        return "departures";
    }

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(FIRST);
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return instance instanceof SequenceInstance ? Support.yes() : Support.no("strategy 'departures' explains behaviour histories only");
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, supports(context.model(), context.instance()).reason());
        }
        if (context.budget() < 2) {
            throw WhereforeException.invalid("/explain/budget", "strategy 'departures' needs a budget of at least 2, got " + context.budget());
        }
        int n = history.length();
        int[] order = switch (context.parameters().text(FIRST.name())) {
            case "oldest" -> IntStream.range(0, n).toArray();
            case "newest" -> IntStream.range(0, n).map(i -> n - 1 - i).toArray();
            default -> throw WhereforeException.invalid("/explain/parameters/first", "first is oldest or newest, got '"
                    + context.parameters().text(FIRST.name()) + "'");
        };
        List<RankedScore[]> ends = score(context, List.of(history, history.prefix(0)));
        List<RankedScore[]> left = new ArrayList<>(ends.subList(0, 1)); // scores after 0, 1, 2, … departures
        int affordable = Math.min(n - 1, context.budget() - 2);
        while (left.size() <= affordable && !context.cancelled().getAsBoolean()) {
            List<SequenceInstance> batch = new ArrayList<>();
            for (int gone = left.size(); gone <= affordable && batch.size() < BATCH; gone++) {
                batch.add(history.without(java.util.Arrays.copyOf(order, gone)));
            }
            left.addAll(score(context, batch));
        }
        if (left.size() == n) {
            left.add(ends.get(1)); // all have left, and that is known
        }
        int[] targets = context.targets();
        List<Attribution> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            List<Contribution> parts = new ArrayList<>();
            double gap = ends.get(0)[t].score() - ends.get(1)[t].score();
            for (int i = 0; i + 1 < left.size(); i++) {
                double lost = left.get(i)[t].score() - left.get(i + 1)[t].score();
                parts.add(new Contribution("history:" + context.schema().targets().get(history.item(order[i])), order[i], lost, 0));
                gap -= lost;
            }
            parts.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            out.add(new Attribution(targets[t], ends.get(0)[t].score(), ends.get(1)[t].score(), parts, gap));
        }
        return out;
    }

    private static List<RankedScore[]> score(ExplanationContext context, List<SequenceInstance> inputs) {
        return List.of(context.model().score(inputs, context.targets(), new BitSet(), false));
    }
}
