package org.wherefore.engine.trees.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/** The protocol of the published figures on card fraud: four folds from 2018-07-25, fifteen features. */
class HandbookTest {
    /** @return ROC AUC, average precision, card precision@100 */
    static double[] judge(Engine engine, Handbook.Fold fold, Map<String, String> parameters) {
        MemoryArtifact artifact = new MemoryArtifact();
        engine.train(new TrainingRequest(Handbook.SCHEMA, fold.training(), List.of(), parameters, 7, 2, null), artifact, new RecordingProgress());
        try (Model model = engine.load(new ModelInfo("fraud", 1, engine.name(), "sha256:0"), Handbook.SCHEMA, artifact)) {
            RankedScore[][] scored = model.score(fold.test().stream().map(Example::instance).toList(), new int[] {0}, new BitSet(), false);
            double[] scores = new double[scored.length];
            boolean[] labels = new boolean[scored.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = scored[i][0].score();
                labels[i] = fold.test().get(i).target() == 0;
            }
            return new double[] {auc(scores, labels), AveragePrecision.of(scores, labels), cardPrecision(scores, labels, fold)};
        }
    }

    private static double auc(double[] scores, boolean[] labels) {
        TreeMap<Double, int[]> counts = new TreeMap<>();
        for (int i = 0; i < scores.length; i++) {
            counts.computeIfAbsent(scores[i], s -> new int[2])[labels[i] ? 1 : 0]++;
        }
        double below = 0;
        double positives = 0;
        double wins = 0;
        for (int[] c : counts.values()) {
            wins += c[1] * (below + c[0] / 2.0);
            below += c[0];
            positives += c[1];
        }
        return wins / below / positives;
    }

    private static double cardPrecision(double[] scores, boolean[] labels, Handbook.Fold fold) {
        Set<Integer> found = new HashSet<>();
        double sum = 0;
        for (int day : java.util.Arrays.stream(fold.days()).distinct().toArray()) {
            Map<Integer, double[]> cards = new HashMap<>();
            for (int i = 0; i < scores.length; i++) {
                if (fold.days()[i] == day && !found.contains(fold.cards()[i])) {
                    double[] card = cards.computeIfAbsent(fold.cards()[i], c -> new double[] {Double.NEGATIVE_INFINITY, 0});
                    card[0] = Math.max(card[0], scores[i]);
                    card[1] = labels[i] ? 1 : card[1];
                }
            }
            List<Map.Entry<Integer, double[]>> sorted = new ArrayList<>(cards.entrySet());
            sorted.sort((a, b) -> Double.compare(b.getValue()[0], a.getValue()[0]));
            List<Integer> hits = sorted.subList(0, 100).stream().filter(e -> e.getValue()[1] > 0).map(Map.Entry::getKey).toList();
            found.addAll(hits);
            sum += hits.size() / 100.0;
        }
        return sum / 7;
    }

    private static double[] mean(Handbook data, Engine engine, Map<String, String> parameters, LocalDate start) {
        double[] mean = new double[3];
        for (int week = 0; week < 4; week++) {
            double[] figures = judge(engine, data.fold(start.plusDays(7L * week)), parameters);
            for (int i = 0; i < 3; i++) {
                mean[i] += figures[i] / 4;
            }
        }
        return mean;
    }

    @Test
    void reachesThePublishedFigures() throws Exception {
        Path folder = Handbook.folder();
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "skipped: no card fraud data at " + folder + "; set WHEREFORE_DATA");
        Handbook data = Handbook.read(folder);
        LocalDate start = LocalDate.of(2018, 7, 25);
        double[] boosted = mean(data, new BoostedTreesEngine(), Map.of(), start);
        double[] forest = mean(data, new RandomForestEngine(), Map.of("trees", "40"), start);
        System.out.printf("boosted-trees %.3f %.3f %.3f, random-forest %.3f %.3f %.3f%n", boosted[0], boosted[1], boosted[2], forest[0], forest[1], forest[2]);
        assertThat(boosted).as("XGBoost's row").containsExactly(new double[] {.869, .687, .303}, within(.02));
        assertThat(forest).as("the random forest's row").containsExactly(new double[] {.870, .678, .299}, within(.02));
    }
}
