package org.wherefore.core.internal.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.train.TrainingOrder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a training process and the process that started it say to each other: JSON objects, one a line, told apart by
 * {@code type}. The order goes to its standard input, everything else comes from its standard output; the end of standard input
 * means: stop now. A figure that is no finite number travels as text ({@code "NaN"}).
 */
sealed interface Message {
    /**
     * The first and only line to the training process.
     *
     * @param description absolute path @param engine null for the pack's own
     * @param model folder that the model is written into @param classic the same for the classical branch
     * @param scratch folder for what is thrown away; all three are there and empty
     */
    record Order(String domain, String description, String engine, Map<String, String> parameters, long seed, int threads,
            String model, String classic, String scratch) implements Message {
        static Order of(TrainingOrder o, Path model, Path classic, Path scratch) {
            return new Order(o.domain(), o.description().toAbsolutePath().toString(), o.engine(), o.parameters(), o.seed(), o.threads(),
                    model.toString(), classic.toString(), scratch.toString());
        }

        TrainingOrder training() {
            return new TrainingOrder(domain, Path.of(description), engine, parameters, seed, threads);
        }
    }

    /** How far it is, as {@link org.wherefore.api.model.spi.TrainingProgress} has it, at most ten times a second. */
    record Progress(double done, Map<String, Double> figures) implements Message {}

    /**
     * The last line of a training that succeeded; the artifacts are complete.
     *
     * @param engine that trained the model
     * @param dataDigest of the cleaned data it was trained on
     * @param baselines classical engine to its figures; the pack's classical branch is among them when it was written
     * @param seconds training itself, without reading and judging
     */
    record Result(String engine, String dataDigest, Map<String, String> provenance, Map<String, Double> metrics,
            Map<String, Map<String, Double>> baselines, double seconds) implements Message {}

    /** The last line of one that failed in words. @param pointer may be null */
    record Failure(ErrorCode code, String pointer, String message) implements Message {}

    ObjectMapper JSON = new ObjectMapper();

    /** One line, without its end. */
    static String write(Message m) {
        ObjectNode node = JSON.valueToTree(m);
        node.put("type", m.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT));
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /** @return empty for a line that is no message, such as what a library prints */
    static Optional<Message> read(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(line);
            Class<? extends Message> type = switch (node.path("type").asText()) {
                case "order" -> Order.class;
                case "progress" -> Progress.class;
                case "result" -> Result.class;
                case "failure" -> Failure.class;
                default -> null;
            };
            if (type == null) {
                return Optional.empty();
            }
            ((ObjectNode) node).remove("type");
            return Optional.of(JSON.treeToValue(node, type));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
