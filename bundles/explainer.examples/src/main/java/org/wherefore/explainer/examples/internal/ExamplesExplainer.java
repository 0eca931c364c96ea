package org.wherefore.explainer.examples.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Model;

/**
 * Explainer {@code examples}: the cases of the model's training that are most like the input, and how they ended (Caruana et al.,
 * Case-based explanation of non-case-based learning methods, 1999). Where the model has {@link Embeddings}, likeness is the cosine of
 * where the model places the two, of as many cases as the budget allows: those that share most with the input ({@link Likeness}).
 * For other models it is what they share. The cases are the same for every target, only what they speak for differs. Uses no
 * randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class ExamplesExplainer implements Explainer {
    /** Cases placed between two questions whether the call is cancelled. */
    static final int CHUNK = 32;
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("cases", "integer", "10", "how many of the nearest cases are given, 1 to 100"),
            new Parameter("candidates", "integer", "128", "most cases that are placed by the model, 1 to 1000"));
    private final String version;

    @Activate
    public ExamplesExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    ExamplesExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    /** A case and how much it is like the input. */
    private record Near(int index, double likeness) {
        static final Comparator<Near> FIRST = Comparator.comparingDouble((Near n) -> -n.likeness()).thenComparingInt(Near::index);
    }

    @Override
    public String name() {
        return "examples";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return instance instanceof SequenceInstance ? Support.yes() : Support.no("examples compares behaviour histories only");
    }

    @Override
    public List<Evidence> explain(ExplanationContext context) {
        int most = context.parameters().integer("cases", 1, 100);
        int candidates = context.parameters().integer("candidates", 1, 1_000);
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "examples compares behaviour histories only");
        }
        if (context.budget() < 1) {
            throw WhereforeException.invalid("/explain/budget", "examples needs a budget of at least 1 evaluation (the whole history), better 130; got "
                    + context.budget());
        }
        int[] targets = context.targets();
        if (targets.length == 0) {
            return List.of();
        }
        RankedScore[] scores = context.model().score(List.of(history), targets.clone(), new BitSet(), false)[0];
        List<Near> near = shared(history, context);
        // the input costs an evaluation, too
        int placed = Math.min(Math.min(candidates, near.size()), context.budget() - 2);
        Optional<Embeddings> embeddings = context.model().adapt(Embeddings.class);
        if (embeddings.isPresent() && placed >= Math.min(most, near.size()) && placed > 0) {
            near = placed(history, context, embeddings.get(), near.subList(0, placed));
        }
        int looked = near.size();
        List<Near> nearest = near.stream().sorted(Near.FIRST).limit(most).toList();
        return IntStream.range(0, targets.length).mapToObj(t -> new Evidence(targets[t], scores[t].score(),
                nearest.stream().map(n -> precedent(context, history, n, targets[t])).toList(), looked)).toList();
    }

    /** Every case of the input's kind by what it shares with the input, most first. */
    private static List<Near> shared(SequenceInstance history, ExplanationContext context) {
        Map<Integer, Double> own = Likeness.weights(history);
        List<Near> near = new ArrayList<>();
        for (int i = 0; i < context.cases().size(); i++) {
            if (context.cases().get(i).instance() instanceof SequenceInstance other) {
                near.add(new Near(i, Likeness.of(own, Likeness.weights(other))));
            }
        }
        near.sort(Near.FIRST);
        return near;
    }

    /** These cases by the cosine of their places to the input's; those that are known when the call is cancelled, all as they are when none is. */
    private static List<Near> placed(SequenceInstance history, ExplanationContext context, Embeddings embeddings, List<Near> near) {
        List<Near> out = new ArrayList<>();
        double[] own = null;
        for (int from = 0; from < near.size() && !context.cancelled().getAsBoolean(); from += CHUNK) {
            own = own == null ? embeddings.instance(history) : own;
            for (Near n : near.subList(from, Math.min(near.size(), from + CHUNK))) {
                Instance other = context.cases().get(n.index()).instance();
                out.add(new Near(n.index(), other.equals(history) ? 1 : Math.min(1, cosine(own, embeddings.instance(other)))));
            }
        }
        return out.isEmpty() ? near : out;
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
    }

    private static Precedent precedent(ExplanationContext context, SequenceInstance history, Near near, int target) {
        FeatureSchema schema = context.schema();
        Example e = context.cases().get(near.index());
        BitSet other = new BitSet();
        IntStream.of(((SequenceInstance) e.instance()).items()).forEach(other::set);
        List<String> shared = new ArrayList<>();
        BitSet said = new BitSet();
        for (int p = history.length() - 1; p >= 0; p--) {
            int item = history.item(p);
            if (other.get(item) && !said.get(item)) {
                said.set(item);
                shared.add("history:" + schema.targets().get(item));
            }
        }
        return new Precedent(near.index(), near.likeness(), schema.targets().get(e.target()), e.target() == target, shared);
    }
}
