package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * What a model says of labelled records, and how good that is.
 *
 * @param records in order
 * @param scores {@code [target][record]}
 * @param labels {@code [target][record]}
 */
public record Scored(Classification task, List<DataRecord> records, double[][] scores, boolean[][] labels) {
    /** Parameter: which field's values are looked at how many a day, such as {@code customer 100}. */
    public static final String PRECISION_AT = "precisionAt";
    private static final int TOGETHER = 512;
    private static final int BINS = 10;
    private static final long SECONDS_A_DAY = 86_400;

    /** Scores all records that have a label. */
    public static Scored of(Classification task, Model model, FittedExtractor extractor, List<DataRecord> records) {
        List<DataRecord> labelled = records.stream().filter(r -> Prepared.label(task, r).isPresent()).toList();
        int targets = extractor.schema().targets().size();
        double[][] scores = new double[targets][labelled.size()];
        boolean[][] labels = new boolean[targets][labelled.size()];
        int[] all = IntStream.range(0, targets).toArray();
        for (int from = 0; from < labelled.size(); from += TOGETHER) {
            List<Instance> batch = new ArrayList<>();
            for (DataRecord r : labelled.subList(from, Math.min(labelled.size(), from + TOGETHER))) {
                batch.add(extractor.extract(r));
            }
            RankedScore[][] said = model.score(batch, all, new BitSet(), false);
            for (int i = 0; i < batch.size(); i++) {
                int row = from + i;
                for (int t : all) {
                    scores[t][row] = said[i][t].score();
                }
                extractor.target(Prepared.label(task, labelled.get(row)).orElseThrow()).ifPresent(t -> labels[t][row] = true);
            }
        }
        return new Scored(task, labelled, scores, labels);
    }

    /** Fits what makes decisions of the scores. */
    public Judgement judgement(Map<String, double[]> quantiles, Map<String, String> parameters) {
        List<Judgement.Target> targets = new ArrayList<>();
        for (int t = 0; t < scores.length; t++) {
            targets.add(Judgement.fit(task, task.targets().get(t), scores[t], labels[t], parameters));
        }
        return new Judgement(targets, parameters, quantiles);
    }

    /**
     * Figures by the names of the REST contract; of several targets their means. Accuracy, precision, recall and F1 are of the lowest
     * decision against all higher ones.
     */
    public Map<String, Double> figures(Judgement judgement, Map<String, String> parameters) {
        Map<String, Double> sum = new LinkedHashMap<>();
        for (int t = 0; t < scores.length; t++) {
            int target = t;
            double[] probabilities = Arrays.stream(scores[t]).map(s -> judgement.probability(target, s)).toArray();
            Map<String, Double> one = new LinkedHashMap<>();
            one.put("rocAuc", BinaryMetrics.rocAuc(scores[t], labels[t]));
            one.put("averagePrecision", BinaryMetrics.averagePrecision(scores[t], labels[t]));
            double threshold = judgement.targets().get(t).thresholds().steps().get(1).threshold();
            BinaryMetrics.Confusion c = BinaryMetrics.at(threshold, probabilities, labels[t]);
            one.put("accuracy", c.accuracy());
            one.put("precision", c.precision());
            one.put("recall", c.recall());
            one.put("f1", c.f1());
            one.put("threshold", threshold);
            one.put("ece", CalibrationError.equalMass(probabilities, labels[t], BINS).expected());
            one.put("brier", BinaryMetrics.brier(probabilities, labels[t]));
            precisionAt(t, parameters).forEach(one::put);
            one.forEach((name, value) -> sum.merge(name, value / scores.length, Double::sum));
        }
        sum.put("cases", (double) records.size());
        return sum;
    }

    private Map<String, Double> precisionAt(int target, Map<String, String> parameters) {
        String wanted = parameters.get(PRECISION_AT);
        if (wanted == null || task.time().isEmpty()) {
            return Map.of();
        }
        String[] words = wanted.strip().split("\\s+");
        if (words.length != 2 || !words[1].matches("[1-9][0-9]{0,6}")) {
            throw WhereforeException.invalid("/parameters/" + PRECISION_AT, PRECISION_AT + " is FIELD NUMBER, such as customer 100, got '" + wanted + "'");
        }
        Map<String, Long> ids = new HashMap<>();
        int[] days = new int[records.size()];
        long[] groups = new long[days.length];
        for (int i = 0; i < days.length; i++) {
            days[i] = (int) Math.floorDiv(records.get(i).time(task.time()).orElseThrow().getEpochSecond(), SECONDS_A_DAY);
            groups[i] = ids.computeIfAbsent(String.valueOf(records.get(i).value(words[0])), g -> (long) ids.size());
        }
        int k = Integer.parseInt(words[1]);
        return Map.of(words[0].equals("customer") ? "cardPrecision@" + k : "precision@" + k + "." + words[0],
                BinaryMetrics.cardPrecision(scores[target], labels[target], days, groups, k));
    }
}
