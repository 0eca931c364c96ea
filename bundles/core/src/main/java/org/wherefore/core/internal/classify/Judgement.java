package org.wherefore.core.internal.classify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Output;

/**
 * The entry {@value #ENTRY} of a model that classifies: how its scores become probabilities and decisions, and what is usual in the data it
 * was trained on. Immutable, thread-safe.
 *
 * @param targets in the order of the model's
 * @param parameters that the data were prepared with
 * @param quantiles of the training records' numbers by field, from the least to the greatest in {@value #STEPS} steps
 */
public record Judgement(List<Target> targets, Map<String, String> parameters, Map<String, double[]> quantiles) {
    public static final String ENTRY = "judgement";
    /** Fewest cases in a step of the calibration map. */
    private static final int LEAST = 30;
    static final int STEPS = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param calibration null when there were no cases of both kinds to fit it on */
    public record Target(String id, Calibration calibration, Thresholds thresholds) {}

    public Judgement {
        targets = List.copyOf(targets);
        parameters = Map.copyOf(parameters);
        quantiles = Map.copyOf(quantiles);
    }

    /**
     * Fits the maps of one target on cases that the model was not trained on.
     *
     * @param parameters {@code calibration} is {@code isotonic} or {@code platt}; {@code threshold.NAME} of each decision but the lowest is
     *        {@code f1}, {@code capacity SHARE} or {@code cost FALSE_ALARM MISS}
     */
    public static Target fit(Classification task, String target, double[] scores, boolean[] labels, Map<String, String> parameters) {
        List<Thresholds.Rule> rules = new ArrayList<>();
        for (String decision : task.decisions().subList(1, task.decisions().size())) {
            rules.add(rule("threshold." + decision, parameters.getOrDefault("threshold." + decision, "f1")));
        }
        boolean both = scores.length > 0 && new java.util.HashSet<>(boxed(labels)).size() == 2;
        String how = parameters.getOrDefault("calibration", "isotonic");
        if (!how.equals("isotonic") && !how.equals("platt")) {
            throw WhereforeException.invalid("/parameters/calibration", "calibration is isotonic or platt, got '" + how + "'");
        }
        Calibration map = !both ? null : how.equals("platt") ? Calibration.platt(scores, labels) : Calibration.isotonic(scores, labels, LEAST);
        double[] probabilities = Arrays.stream(scores).map(s -> probability(map, s)).toArray();
        Thresholds thresholds = scores.length > 0 ? Thresholds.choose(task.decisions(), rules, probabilities, labels) : even(task.decisions());
        return new Target(target, map, thresholds);
    }

    private static List<Boolean> boxed(boolean[] labels) {
        List<Boolean> out = new ArrayList<>();
        for (boolean l : labels) {
            out.add(l);
        }
        return out;
    }

    /** Where nothing is known: equal parts. */
    private static Thresholds even(List<String> decisions) {
        List<Thresholds.Step> steps = new ArrayList<>();
        for (int i = 0; i < decisions.size(); i++) {
            steps.add(new Thresholds.Step(decisions.get(i), (double) i / decisions.size(), i == 0 ? "lowest" : "equal parts, as there were no cases to choose on",
                    Double.NaN, Double.NaN, Double.NaN));
        }
        return new Thresholds(steps);
    }

    private static Thresholds.Rule rule(String name, String text) {
        String[] words = text.strip().split("\\s+");
        try {
            if (words.length == 1 && words[0].equals("f1")) {
                return new Thresholds.Rule.F1();
            }
            if (words.length == 2 && words[0].equals("capacity")) {
                return new Thresholds.Rule.Capacity(Double.parseDouble(words[1]));
            }
            if (words.length == 3 && words[0].equals("cost")) {
                return new Thresholds.Rule.Cost(Double.parseDouble(words[1]), Double.parseDouble(words[2]));
            }
        } catch (IllegalArgumentException e) {
            throw WhereforeException.invalid("/parameters/" + name, name + " '" + text + "': " + e.getMessage());
        }
        throw WhereforeException.invalid("/parameters/" + name, name + " is f1, capacity SHARE or cost FALSE_ALARM MISS, got '" + text + "'");
    }

    private static double probability(Calibration map, double score) {
        return map == null ? 1 / (1 + Math.exp(-score)) : map.probability(score);
    }

    /** What an output means. */
    public Output decide(Output output) {
        Target t = targets.get(output.index());
        return output.with(t.thresholds().decide(probability(t.calibration(), output.score()), t.calibration() != null));
    }

    /** @param target index */
    public double probability(int target, double score) {
        return probability(targets.get(target).calibration(), score);
    }

    /** The value below which a share of the training data's values of a field lie; NaN where the field is no number. */
    public double quantile(String field, double share) {
        double[] q = quantiles.get(field);
        if (q == null) {
            return Double.NaN;
        }
        double at = share * STEPS;
        int low = (int) Math.floor(at);
        return low >= STEPS ? q[STEPS] : q[low] + (at - low) * (q[low + 1] - q[low]);
    }

    /** The share of the training data's values of a field that are certainly below a value, 0 to 1; NaN where the field is no number. */
    public double below(String field, double value) {
        double[] q = quantiles.get(field);
        if (q == null) {
            return Double.NaN;
        }
        int step = STEPS;
        while (step >= 0 && q[step] >= value) {
            step--;
        }
        return Math.max(0, step) / (double) STEPS;
    }

    /** Of the numbers of these records. */
    public static Map<String, double[]> quantiles(List<DataRecord> records) {
        Map<String, double[]> out = new TreeMap<>();
        if (records.isEmpty()) {
            return out;
        }
        List<Field> fields = records.get(0).schema().fields().stream().filter(f -> f.type() == FieldType.NUMBER).toList();
        double[][] values = new double[fields.size()][records.size()];
        int n = 0;
        for (DataRecord r : records) {
            for (int f = 0; f < values.length; f++) {
                values[f][n] = r.number(fields.get(f).name()).orElse(Double.NaN);
            }
            n++;
        }
        for (int f = 0; f < values.length; f++) {
            double[] known = Arrays.stream(values[f]).filter(v -> !Double.isNaN(v)).sorted().toArray();
            if (known.length > 0) {
                double[] q = new double[STEPS + 1];
                for (int p = 0; p <= STEPS; p++) {
                    q[p] = known[(int) Math.ceil((double) p / STEPS * (known.length - 1))];
                }
                out.put(fields.get(f).name(), q);
            }
        }
        return out;
    }

    public void write(ArtifactWriter artifact) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode all = root.putArray("targets");
        for (Target t : targets) {
            ObjectNode one = all.addObject();
            one.put("id", t.id());
            if (t.calibration() != null) {
                one.set("calibration", t.calibration().json());
            }
            one.set("thresholds", t.thresholds().json());
        }
        new TreeMap<>(parameters).forEach(root.putObject("parameters")::put);
        ObjectNode q = root.putObject("quantiles");
        new TreeMap<>(quantiles).forEach((field, values) -> {
            ArrayNode a = q.putArray(field);
            for (double v : values) {
                a.add(v);
            }
        });
        try (OutputStream out = artifact.create(ENTRY)) {
            out.write(JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write how a model's scores are judged: " + e, e);
        }
    }

    /** @throws WhereforeException {@code BAD_DATA} when the model has no such entry, or it is damaged */
    public static Judgement read(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the model does not say how its scores are judged; train it again", null);
        }
        try (InputStream in = artifact.open(ENTRY)) {
            JsonNode root = JSON.readTree(in);
            List<Target> targets = new ArrayList<>();
            for (JsonNode t : root.path("targets")) {
                targets.add(new Target(t.path("id").asText(), t.has("calibration") ? Calibration.read(t.get("calibration")) : null,
                        Thresholds.read(t.path("thresholds"))));
            }
            Map<String, double[]> quantiles = new LinkedHashMap<>();
            root.path("quantiles").fields().forEachRemaining(e -> {
                double[] q = new double[STEPS + 1];
                for (int i = 0; i < q.length; i++) {
                    q[i] = e.getValue().path(i).asDouble(Double.NaN);
                }
                quantiles.put(e.getKey(), q);
            });
            Map<String, String> parameters = new LinkedHashMap<>();
            root.path("parameters").fields().forEachRemaining(e -> parameters.put(e.getKey(), e.getValue().asText()));
            return new Judgement(targets, parameters, quantiles);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the model's entry '" + ENTRY + "' is damaged; train it again", e);
        }
    }
}
