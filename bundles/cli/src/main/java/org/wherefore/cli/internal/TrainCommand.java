package org.wherefore.cli.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.CleaningStep;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingResult;
import org.wherefore.api.train.TrainingService;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code wherefore train DOMAIN --data FILE.json}. */
@Component(service = Function.class, property = {"wherefore.command=train",
        "wherefore.command.help=DOMAIN --data FILE.json [--engine NAME] [--seed N] [--threads N] [--set NAME=VALUE] [--json]  train, evaluate, register"})
public class TrainCommand implements Function<List<String>, Integer> {
    private static final String USAGE =
            "wherefore train DOMAIN --data FILE.json [--engine NAME] [--seed N] [--threads N] [--set NAME=VALUE]... [--json]";
    private final TrainingService trainings;

    @Activate
    public TrainCommand(@Reference TrainingService trainings) {
        this.trainings = trainings;
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> {
            Arguments a = new Arguments(USAGE, args, Set.of("data", "engine", "seed", "threads"), Set.of("json"));
            String domain = a.positional(0, "DOMAIN", USAGE);
            TrainingOrder order = new TrainingOrder(domain, Path.of(a.required("data", USAGE)).toAbsolutePath(),
                    a.option("engine", null), a.parameters(), a.number("seed", 42),
                    a.number("threads", Math.min(2, Runtime.getRuntime().availableProcessors())));
            TrainingResult r = trainings.train(order, Terminal.progress("training " + domain));
            report(r);
            if (a.flag("json")) {
                System.out.println(json(r));
            }
            return 0;
        });
    }

    static void report(TrainingResult r) {
        for (CleaningStep s : r.data().steps()) {
            System.out.printf("%-14s %,d -> %,d  %s%n", s.name(), s.before(), s.after(), s.detail());
        }
        for (BadRecord b : r.data().bad().subList(0, Math.min(5, r.data().bad().size()))) {
            System.out.println("bad record     " + b);
        }
        System.out.println();
        Map<String, Map<String, Double>> rows = new LinkedHashMap<>(r.baselines());
        String own = r.model().info().engine();
        rows.remove(own);
        rows.put(own, r.metrics());
        Figures.print(rows, String.format(Locale.ROOT, "   %s:%d, trained in %.1f s", r.model().info().name(), r.model().info().version(),
                r.trainSeconds()), System.out);
    }

    private static ObjectNode json(TrainingResult r) {
        ObjectNode out = Json.object();
        Json.put(out, r.metrics());
        ObjectNode baselines = out.putObject("baselines");
        r.baselines().forEach((n, m) -> Json.put(baselines.putObject(n), m));
        out.put("trainSeconds", r.trainSeconds());
        out.put("model", r.model().info().name() + ":" + r.model().info().version());
        return out;
    }
}
