package org.wherefore.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * How well engines find card fraud, by the prequential protocol of the Fraud Detection Handbook: seven days of training, seven until
 * their outcome is known, seven of test, without the cards that are known to be compromised by then; the mean of folds a week apart.
 */
final class FraudBench {
    private static final int WEEK = 7;

    private FraudBench() {}

    /** A fold: what is learned, and what is asked. */
    record Fold(int[] training, int[] test) {
        /** @param day the first of training */
        static Fold of(FraudData data, int day) {
            int[] training = data.between(day, day + WEEK);
            Set<Integer> known = new HashSet<>();
            for (int i : training) {
                if (data.fraud(i)) {
                    known.add(data.customer(i));
                }
            }
            List<Integer> test = new ArrayList<>();
            for (int d = 0; d < WEEK; d++) {
                int outcome = day + WEEK + d - 1;
                for (int i : data.between(outcome, outcome + 1)) {
                    if (data.fraud(i)) {
                        known.add(data.customer(i));
                    }
                }
                int asked = day + WEEK + FraudData.DELAY + d;
                for (int i : data.between(asked, asked + 1)) {
                    if (!known.contains(data.customer(i))) {
                        test.add(i);
                    }
                }
            }
            return new Fold(training, test.stream().mapToInt(i -> i).toArray());
        }
    }

    static void run(Options o, Report report) throws IOException {
        String folder = System.getenv("WHEREFORE_DATA");
        FraudData data = FraudData.read(o.has("data") ? Path.of(o.text("data", "")) : Path.of(folder == null ? "../shared/data" : folder)
                .resolve("card-fraud"));
        boolean more = switch (o.text("inputs", "handbook")) {
            case "handbook" -> false;
            case "more" -> true;
            default -> throw new IllegalArgumentException("--inputs is handbook or more, got '" + o.text("inputs", "") + "'");
        };
        FeatureSchema schema = FeatureSchema.of(FraudData.names(more).stream().map(FeatureSpec::number).toList(), List.of("fraud"));
        Map<String, Engine> engines = engines(o, schema);
        int first = (int) ChronoUnit.DAYS.between(data.start, LocalDate.parse(o.text("from", "2018-07-25")));
        List<Fold> folds = new ArrayList<>();
        for (int f = 0; f < o.number("folds", 4); f++) {
            folds.add(Fold.of(data, first + f * WEEK));
        }
        report.line("%ndata     %,d transactions from %s; %d folds, training from day %d, %s inputs, %d member(s)", data.count(), data.start,
                folds.size(), first, more ? "more" : "the handbook's", o.number("members", 1));
        List<List<String>> rows = new ArrayList<>();
        for (Engine engine : engines.values()) {
            List<FraudMetrics> all = new ArrayList<>();
            double seconds = 0;
            for (int f = 0; f < folds.size(); f++) {
                report.doing("%s, fold %d of %d", engine.name(), f + 1, folds.size());
                Fold fold = folds.get(f);
                long start = System.nanoTime();
                double[] scores = scores(engine, o, schema, data, fold, more);
                seconds += (System.nanoTime() - start) / 1e9;
                boolean[] frauds = new boolean[scores.length];
                int[] days = new int[scores.length];
                int[] cards = new int[scores.length];
                for (int i = 0; i < scores.length; i++) {
                    frauds[i] = data.fraud(fold.test()[i]);
                    days[i] = data.day(fold.test()[i]);
                    cards[i] = data.customer(fold.test()[i]);
                }
                all.add(FraudMetrics.of(scores, frauds, days, cards));
                report.doing("  %s", all.get(f));
            }
            FraudMetrics mean = FraudMetrics.mean(all);
            report.figure(engine.name(), "ROC AUC", mean.auc());
            report.figure(engine.name(), "average precision", mean.averagePrecision());
            report.figure(engine.name(), "card precision@100", mean.cardPrecision());
            report.figure(engine.name(), "seconds a fold", seconds / folds.size());
            List<String> row = new ArrayList<>(List.of(engine.name()));
            for (double v : mean.all()) {
                row.add(String.format(Locale.ROOT, "%.4f", v));
            }
            row.add(String.format(Locale.ROOT, "%.1f", seconds / folds.size()));
            rows.add(row);
        }
        report.line("");
        report.table(List.of("engine", "ROC AUC", "average precision", "card precision@100", "s a fold"), rows);
    }

    private static Map<String, Engine> engines(Options o, FeatureSchema schema) throws IOException {
        Map<String, Engine> found = InstalledEngines.find(Path.of(System.getProperty("wherefore.dist", "")));
        Map<String, Engine> out = new LinkedHashMap<>();
        if (o.has("engine")) {
            for (String name : o.texts("engine", "")) {
                if (!found.containsKey(name)) {
                    throw new IllegalArgumentException("no engine '" + name + "' is installed; there are " + found.keySet());
                }
                out.put(name, found.get(name));
            }
            return out;
        }
        // What would learn histories, too, does not look at its input, and is none for tables.
        FeatureSchema histories = FeatureSchema.of(List.of(new FeatureSpec("item", "sequence", "behaviour", false, false, true, "Item")),
                List.of("a", "b"));
        found.values().stream().filter(e -> e.supports(schema).supported() && !e.supports(histories).supported())
                .forEach(e -> out.put(e.name(), e));
        if (out.isEmpty()) {
            throw new IllegalArgumentException("no engine that is installed reads tables of numbers; there are " + found.keySet());
        }
        return out;
    }

    /** Scores of the test transactions, the mean over members that differ by seed. */
    private static double[] scores(Engine engine, Options o, FeatureSchema schema, FraudData data, Fold fold, boolean more) {
        List<Example> training = Arrays.stream(fold.training())
                .mapToObj(i -> new Example(new TableInstance(data.inputs(i, more)), data.fraud(i) ? 0 : Example.NONE)).toList();
        List<TableInstance> test = Arrays.stream(fold.test()).mapToObj(i -> new TableInstance(data.inputs(i, more))).toList();
        int members = o.number("members", 1);
        double[] sums = new double[test.size()];
        for (int m = 0; m < members; m++) {
            Memory artifact = new Memory();
            engine.train(new TrainingRequest(schema, training, List.of(), parameters(engine, o), o.number("seed", 42) + m,
                    o.number("threads", Runtime.getRuntime().availableProcessors()), null), artifact, new Silent());
            try (Model model = engine.load(new ModelInfo("fraud", 1, engine.name(), "sha256:0"), schema, artifact)) {
                RankedScore[][] scores = model.score(test, new int[] {0}, new BitSet(), false);
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += scores[i][0].score() / members;
                }
            }
        }
        return sums;
    }

    /** Those of {@code --set NAME=VALUE,…} that the engine declares. */
    private static Map<String, String> parameters(Engine engine, Options o) {
        Map<String, String> out = new TreeMap<>();
        for (String given : o.has("set") ? o.texts("set", "") : new String[0]) {
            int at = given.indexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("--set takes NAME=VALUE,NAME=VALUE, got '" + given + "'");
            }
            if (engine.parameters().stream().map(Parameter::name).anyMatch(given.substring(0, at)::equals)) {
                out.put(given.substring(0, at), given.substring(at + 1));
            }
        }
        return out;
    }

    /** An artifact in memory. */
    private static final class Memory implements ArtifactWriter, ArtifactReader {
        private final Map<String, ByteArrayOutputStream> entries = new TreeMap<>();

        @Override
        public OutputStream create(String entry) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            entries.put(entry, out);
            return out;
        }

        @Override
        public Set<String> entries() {
            return entries.keySet();
        }

        @Override
        public InputStream open(String entry) {
            if (!entries.containsKey(entry)) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "no entry " + entry);
            }
            return new ByteArrayInputStream(entries.get(entry).toByteArray());
        }
    }

    private static final class Silent implements TrainingProgress {
        @Override
        public void update(double done, Map<String, Double> figures) {
            // nobody watches
        }

        @Override
        public boolean cancelled() {
            return false;
        }
    }
}
