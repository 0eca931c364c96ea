package org.wherefore.core.internal.global;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.History;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanations;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.core.internal.data.DataReader;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.core.internal.train.Evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Measures on held-out people of described data; keeps the answer as the note {@value #NOTE} of the version. Thread-safe. */
@Component(service = GlobalExplanations.class)
public class GlobalMeasure implements GlobalExplanations {
    static final String NOTE = "importance";
    /** How often what is random is drawn. */
    static final int REPEATS = 5;
    /** So long that no figure depends on how busy the machine is. */
    private static final long DEADLINE_MILLIS = 60_000;
    /** How much of the work the survey is, about. */
    private static final double SURVEY = 0.8;
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the note holds. One of another format, which an older or a newer version of this software wrote, counts as none. */
    record Note(int format, GlobalExplanation explanation) {}

    private final Plugins plugins;
    private final ModelRegistry registry;
    private final ExplanationMaker maker;

    @Activate
    public GlobalMeasure(@Reference Plugins plugins, @Reference ModelRegistry registry, @Reference Bulkhead bulkhead) {
        this.plugins = plugins;
        this.registry = registry;
        this.maker = new ExplanationMaker(bulkhead);
    }

    @Override
    public GlobalExplanation measure(String domain, Path description, ModelRef ref, int people, long seed, TrainingProgress progress) {
        plugins.domain(domain);
        Explainer explainer = plugins.explainer("");
        return measure(ref, new DataReader(plugins).read(domain, description), people, seed, explainer, progress);
    }

    GlobalExplanation measure(ModelRef ref, CleanData data, int most, long seed, Explainer explainer, TrainingProgress progress) {
        if (most < 2) {
            throw WhereforeException.invalid("/people", "at least 2 people are needed to exchange anything among them, got " + most);
        }
        try (Lease lease = registry.lease(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "/model",
                "there is no model " + ref + "; train one first", null))) {
            ModelInfo info = lease.version().info();
            List<Held> people = held(lease, data, most, seed);
            Survey survey = Survey.of(lease.model(), lease.extractor().schema(), people, REPEATS, seed,
                    done -> report(progress, done * SURVEY, people.size(), 0));
            GlobalExplanation.Aggregate attributions = attributions(lease, people, seed, explainer, progress);
            GlobalExplanation out = new GlobalExplanation(info, data.digest(), seed, people.size(), REPEATS, survey.hr(), survey.ndcg(),
                    survey.importances(), survey.dependences(), attributions);
            registry.keep(ModelRef.version(info.name(), info.version()), NOTE, bytes(out));
            progress.update(1, Map.of("people", (double) people.size()));
            return out;
        }
    }

    private static void report(TrainingProgress progress, double done, int people, int explained) {
        if (progress.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "the measurement was cancelled; nothing was stored");
        }
        progress.update(done, explained == 0 ? Map.of("people", (double) people) : Map.of("people", (double) people, "explained", (double) explained));
    }

    private static List<Held> held(Lease lease, CleanData data, int most, long seed) {
        List<Evaluation.Case> cases = new ArrayList<>(Evaluation.cases(data.histories().values()));
        Collections.shuffle(cases, new Random(seed));
        List<Held> out = new ArrayList<>();
        for (Evaluation.Case c : cases) {
            if (out.size() == most) {
                break;
            }
            Instance instance = lease.extractor().extract(new History(c.input()));
            if (!(instance instanceof SequenceInstance history)) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "what a model looks at overall is measured for models that read histories; "
                        + lease.version().info().name() + ":" + lease.version().info().version() + " reads " + instance.getClass().getSimpleName());
            }
            OptionalInt answer = lease.extractor().target(c.answer().item());
            if (answer.isPresent() && history.length() >= 2) {
                out.add(new Held(history, answer.getAsInt(), Evaluation.seen(lease.extractor(), c.input())));
            }
        }
        if (out.size() < 2) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "of " + cases.size() + " people in the data " + data.name() + ", " + out.size()
                    + " have two events and a later one that the model knows; at least 2 are needed: use the data it was trained on");
        }
        return out;
    }

    private GlobalExplanation.Aggregate attributions(Lease lease, List<Held> people, long seed, Explainer explainer, TrainingProgress progress) {
        Contributions contributions = new Contributions(lease.extractor().schema());
        ExplanationRequest d = ExplanationRequest.defaults(Locale.ENGLISH);
        ExplanationRequest request = new ExplanationRequest("", d.locale(), seed, d.budget(), DEADLINE_MILLIS, Map.of(), null);
        List<Example> cases = CaseFile.read(lease.artifact());
        String reason = "";
        for (int p = 0; p < people.size(); p++) {
            Held held = people.get(p);
            String missing = explain(lease, held, explainer, request, cases, contributions);
            reason = reason.isEmpty() ? missing : reason;
            report(progress, SURVEY + (1 - SURVEY) * (p + 1) / people.size(), people.size(), contributions.explained());
        }
        ExplanationMaker.Named named = maker.named(explainer);
        return contributions.sum(named.name(), named.version(), reason);
    }

    /** @return why there is no attribution; empty when there is one */
    private String explain(Lease lease, Held held, Explainer explainer, ExplanationRequest request, List<Example> cases, Contributions to) {
        List<Output> best = lease.model().predict(held.input(), 1, (BitSet) held.seen().clone());
        if (best.isEmpty()) {
            return "the person has seen everything";
        }
        try {
            ExplanationMaker.Attributed a = maker.attribute(explainer, lease.model(), lease.extractor().schema(), held.input(), held.seen(),
                    best.get(0).index(), cases, request);
            if (a.attribution() != null) {
                to.add(held.input(), a.attribution());
            }
            return a.reason();
        } catch (WhereforeException e) {
            if (e.code() != ErrorCode.UNSUPPORTED && e.code() != ErrorCode.INVALID_INPUT) {
                throw e;
            }
            return e.getMessage();
        }
    }

    @Override
    public Optional<GlobalExplanation> last(ModelRef model) {
        return registry.kept(model, NOTE).flatMap(bytes -> {
            try {
                return JSON.readTree(bytes).path("format").asInt() == FORMAT ? Optional.of(JSON.readValue(bytes, Note.class).explanation())
                        : Optional.empty();
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, "the stored importances of model " + model + " can't be read: " + e
                        + "; measure again with evaluate --global", e);
            }
        });
    }

    private static byte[] bytes(GlobalExplanation explanation) {
        try {
            return JSON.writeValueAsBytes(new Note(FORMAT, explanation));
        } catch (JsonProcessingException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "importances could not be written as JSON", e);
        }
    }
}
