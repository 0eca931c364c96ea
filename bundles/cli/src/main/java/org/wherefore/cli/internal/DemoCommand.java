package org.wherefore.cli.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingService;

/** The part of {@code wherefore demo} that runs inside: sample data, training where nothing is trained, a first answer. */
@Component(service = Function.class, property = {"wherefore.command=demo",
        "wherefore.command.help=[--port P] [--home DIR]  serve the sample data of every domain"})
public class DemoCommand implements Function<List<String>, Integer> {
    private static final long SAMPLE_SEED = 1;
    private final Plugins plugins;
    private final ModelRegistry registry;
    private final TrainingService trainings;
    private final PredictionService predictions;
    private final Journal journal;
    private final PredictionPrinter printer;
    private final Path home;

    @Activate
    public DemoCommand(BundleContext context, @Reference Plugins plugins, @Reference ModelRegistry registry,
            @Reference TrainingService trainings, @Reference PredictionService predictions, @Reference Journal journal,
            @Reference Narrator narrator) {
        this.plugins = plugins;
        this.registry = registry;
        this.trainings = trainings;
        this.predictions = predictions;
        this.journal = journal;
        this.printer = new PredictionPrinter(journal, narrator);
        this.home = Path.of(context.getProperty("wherefore.home"));
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> {
            for (DomainPack pack : plugins.domains()) {
                show(pack);
            }
            return 0;
        });
    }

    private void show(DomainPack pack) {
        if (registry.find(ModelRef.alias(pack.id(), ModelRef.CHAMPION)).isEmpty()) {
            Optional<Path> sample = pack.writeSample(home.resolve("data").resolve(pack.id()), SAMPLE_SEED);
            if (sample.isEmpty()) {
                System.out.println(pack.title(Locale.ENGLISH) + ": no sample data; train it with: wherefore train " + pack.id());
                return;
            }
            System.out.println(pack.title(Locale.ENGLISH) + ": training on sample data " + sample.get());
            TrainCommand.report(trainings.train(new TrainingOrder(pack.id(), sample.get(), null, Map.of(), 42,
                    Math.min(2, Runtime.getRuntime().availableProcessors())), Terminal.progress("training " + pack.id())));
            System.out.println();
        }
        if (pack.classification().isPresent()) {
            judged(pack, pack.classification().get());
            return;
        }
        List<Entity> users = journal.entities(pack.id(), "user", null, 1).items();
        if (!users.isEmpty()) {
            System.out.println("A first explained prediction, for " + users.get(0).title() + ":");
            printer.print(predictions.predict(new PredictionRequest(pack.id(), users.get(0).id(), null, 5, true, List.of(),
                    ExplanationRequest.defaults(Locale.ENGLISH))), Locale.ENGLISH);
        }
    }

    /** The newest record that the model acts on and that turned out to be what it looks for. */
    private void judged(DomainPack pack, Classification task) {
        for (DataRecord record : RecordOf.positives(journal, pack, task)) {
            StoredPrediction p = predictions.predict(PredictionRequest.of(pack.id(), record, ExplanationRequest.defaults(Locale.ENGLISH)));
            if (!p.outputs().get(0).decision().name().equals(task.decisions().get(0))) {
                System.out.println("A first explained prediction, for " + task.one() + " " + record.text(task.id()).orElse("") + ":");
                printer.print(p, Locale.ENGLISH);
                return;
            }
        }
    }
}
