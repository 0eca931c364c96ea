package org.wherefore.cli.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.train.EvaluationResult;
import org.wherefore.api.train.TrainingService;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code wherefore evaluate DOMAIN --data FILE.json}. */
@Component(service = Function.class, property = {"wherefore.command=evaluate",
        "wherefore.command.help=DOMAIN --data FILE.json [--model REF] [--explanations N] [--json]  accuracy, and claims re-tested"})
public class EvaluateCommand implements Function<List<String>, Integer> {
    private static final String USAGE =
            "wherefore evaluate DOMAIN --data FILE.json [--model NAME:VERSION|NAME@ALIAS] [--explanations N] [--json]";
    private final TrainingService trainings;

    @Activate
    public EvaluateCommand(@Reference TrainingService trainings) {
        this.trainings = trainings;
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> {
            Arguments a = new Arguments(USAGE, args, Set.of("data", "model", "explanations"), Set.of("json"));
            String domain = a.positional(0, "DOMAIN", USAGE);
            ModelRef ref;
            try {
                ref = ModelRef.parse(a.option("model", domain));
            } catch (IllegalArgumentException e) {
                throw Terminal.usage("--model: " + e.getMessage());
            }
            EvaluationResult r = trainings.evaluate(domain, Path.of(a.required("data", USAGE)).toAbsolutePath(), ref,
                    a.number("explanations", 0), Terminal.progress("explaining"));
            System.out.println("model " + r.model().name() + ":" + r.model().version() + " (" + r.model().engine() + ", "
                    + r.model().digest() + ")");
            r.metrics().forEach((k, v) -> System.out.printf("  %-14s %s%n", k, Terminal.number(v)));
            r.baselines().forEach((engine, figures) -> System.out.printf("  beside it %s: hr@10 %s, ndcg@10 %s%n", engine,
                    Terminal.number(figures.get("hr@10")), Terminal.number(figures.get("ndcg@10"))));
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
}
