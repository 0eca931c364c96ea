package org.wherefore.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Entity;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanations;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.train.EvaluationResult;
import org.wherefore.api.train.StrategyComparison;
import org.wherefore.api.train.TrainingService;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code wherefore evaluate DOMAIN --data FILE.json}. */
@Component(service = Function.class, property = {"wherefore.command=evaluate",
        "wherefore.command.help=DOMAIN --data FILE.json [--model REF] [--explanations N] [--strategies all|A,B] [--budget N] [--curves FILE.svg] [--global [N]] [--json]"
                + "  accuracy, and claims re-tested; or strategies compared; or what the model looks at overall"})
public class EvaluateCommand implements Function<List<String>, Integer> {
    private static final String USAGE =
            "wherefore evaluate DOMAIN --data FILE.json [--model NAME:VERSION|NAME@ALIAS] [--explanations N] [--json], with"
                    + " --strategies all|A,B,… [--budget N] [--curves FILE.svg] to compare strategies instead, or --global [N] for what the model looks at overall, on"
                    + " N people";
    /** People whose outputs are explained to compare strategies, where no number is given. */
    private static final int PEOPLE = 100;
    private static final long SEED = 7;
    private final TrainingService trainings;
    private final GlobalExplanations overall;
    private final Journal journal;

    @Activate
    public EvaluateCommand(@Reference TrainingService trainings, @Reference GlobalExplanations overall, @Reference Journal journal) {
        this.trainings = trainings;
        this.overall = overall;
        this.journal = journal;
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> {
            Arguments a = new Arguments(USAGE, args, Set.of("data", "model", "explanations", "strategies", "budget", "curves"), Set.of("json"),
                    Set.of("global"));
            String domain = a.positional(0, "DOMAIN", USAGE);
            ModelRef ref;
            try {
                ref = ModelRef.parse(a.option("model", domain));
            } catch (IllegalArgumentException e) {
                throw Terminal.usage("--model: " + e.getMessage());
            }
            if (a.flag("global")) {
                return global(domain, ref, a);
            }
            if (a.option("strategies", null) != null) {
                return compare(domain, ref, a);
            }
            if (a.option("curves", null) != null) {
                throw Terminal.usage("--curves draws what --strategies compares; name some, or --strategies all");
            }
            if (a.option("budget", null) != null) {
                throw Terminal.usage("--budget bounds what --strategies compares; name some, or --strategies all");
            }
            EvaluationResult r = trainings.evaluate(domain, Path.of(a.required("data", USAGE)).toAbsolutePath(), ref,
                    a.number("explanations", 0), Terminal.progress("explaining"));
            System.out.println("model " + r.model().name() + ":" + r.model().version() + " (" + r.model().engine() + ", "
                    + r.model().digest() + ")");
            r.metrics().forEach((k, v) -> System.out.printf("  %-14s %s%n", k, Terminal.number(v)));
            if (!r.baselines().isEmpty()) {
                Map<String, Map<String, Double>> rows = new LinkedHashMap<>(r.baselines());
                rows.put(r.model().name() + ":" + r.model().version(), r.metrics());
                Figures.print(rows, "", System.out);
            }
            if (!r.claims().isEmpty()) {
                System.out.println("claims");
                r.claims().forEach((k, v) -> System.out.printf("  %-14s %s%n", k, Terminal.number(v)));
            }
            if (a.flag("json")) {
                ObjectNode out = Json.object();
                Json.put(out, r.metrics());
                ObjectNode baselines = out.putObject("baselines");
                r.baselines().forEach((n, m) -> Json.put(baselines.putObject(n), m));
                if (!r.claims().isEmpty()) {
                    Json.put(out.putObject("claims"), r.claims());
                }
                out.put("model", r.model().name() + ":" + r.model().version());
                System.out.println(out);
            }
            return 0;
        });
    }

    private int global(String domain, ModelRef ref, Arguments a) {
        for (String other : List.of("explanations", "strategies", "budget", "curves")) {
            if (a.flag(other)) {
                throw Terminal.usage("--global measures what the model looks at overall and takes its people as --global N; leave --" + other + " out");
            }
        }
        int people = a.number("global", GlobalExplanations.PEOPLE);
        if (people < 2) {
            throw Terminal.usage("--global is at least 2, got " + people);
        }
        GlobalExplanation g = overall.measure(domain, Path.of(a.required("data", USAGE)).toAbsolutePath(), ref, people, SEED,
                Terminal.progress("measuring"));
        GlobalTable table = new GlobalTable(g, id -> journal.entity(domain, "item", id).map(Entity::title).orElse(id));
        table.print(System.out);
        if (a.flag("json")) {
            System.out.println(table.json());
        }
        return 0;
    }

    private int compare(String domain, ModelRef ref, Arguments a) {
        String names = a.option("strategies", "all");
        int people = a.number("explanations", PEOPLE);
        if (people < 1) {
            throw Terminal.usage("--explanations is at least 1 with --strategies, got " + people);
        }
        Path picture = a.option("curves", null) == null ? null : Path.of(a.option("curves", "")).toAbsolutePath();
        if (picture != null && !Files.isDirectory(picture.getParent())) {
            throw Terminal.usage("--curves " + picture + ": there is no folder " + picture.getParent());
        }
        StrategyComparison c = trainings.compare(domain, Path.of(a.required("data", USAGE)).toAbsolutePath(), ref,
                names.equals("all") ? List.of() : Stream.of(names.split(",")).map(String::trim).filter(n -> !n.isEmpty()).toList(), people,
                a.number("budget", ExplanationRequest.defaults(Locale.ENGLISH).budget()), Terminal.progress("explaining"));
        System.out.println("model " + c.model().name() + ":" + c.model().version() + " (" + c.model().engine() + ", " + c.model().digest() + ")");
        StrategyTable.print(c, System.out);
        if (picture != null) {
            try {
                Files.writeString(picture, CurvePlot.svg(c));
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, "can't write " + picture + ": " + e, e);
            }
            System.out.println("curves: " + picture);
        }
        if (a.flag("json")) {
            System.out.println(StrategyTable.json(c));
        }
        return 0;
    }
}
