package ${package};

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * Extractor {@code ${pluginName}}: a person's last session. The model is fed the newest events on known items, back to the first pause of
 * {@code pauseHours} (default 720) between two of them, {@code maxLength} (default 50) at most. Stateless,
 * thread-safe.
 */
@Component(service = FeatureExtractor.class)
public final class ${className} implements FeatureExtractor {
    private static final int PAUSE_HOURS = 720;
    private static final int MAX_LENGTH = 50;
    private static final String ENTRY = "${pluginName}.bin";

    @Override
    public String name() {
        return "${pluginName}";
    }

    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        // Sorted: the same data give the same bytes, whatever order they come in.
        TreeSet<String> items = new TreeSet<>();
        TreeSet<String> kinds = new TreeSet<>();
        data.histories().values().forEach(h -> h.forEach(e -> {
            items.add(e.item());
            kinds.add(e.kind());
        }));
        if (items.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no event: nothing to learn");
        }
        return new Fitted(items, kinds, number(parameters, "pauseHours", PAUSE_HOURS), number(parameters, "maxLength", MAX_LENGTH));
    }

    private static int number(Map<String, String> parameters, String name, int otherwise) {
        String value = parameters.getOrDefault(name, Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw WhereforeException.invalid("/parameters/" + name, "'" + name + "' is a whole number from 1, got '" + value + "'");
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry, it has " + artifact.entries(), null);
        }
        try (DataInputStream in = new DataInputStream(artifact.open(ENTRY))) {
            int pause = positive(in);
            int longest = positive(in);
            Fitted fitted = new Fitted(names(in), names(in), pause, longest);
            if (in.read() >= 0) {
                throw bad("bytes follow its end", null);
            }
            return fitted;
        } catch (IOException | IllegalArgumentException e) {
            throw bad("it is not what extractor '" + name() + "' wrote", e);
        }
    }

    private static int positive(DataInputStream in) throws IOException {
        int value = in.readInt();
        if (value < 1) {
            throw new IllegalArgumentException("a number of " + value);
        }
        return value;
    }

    private static List<String> names(DataInputStream in) throws IOException {
        int count = positive(in);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(in.readUTF());
        }
        return names;
    }

    private static WhereforeException bad(String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + ": " + message, cause);
    }

    /** What was learned: a vocabulary of items and kinds. Immutable. */
    private static final class Fitted implements FittedExtractor {
        private final FeatureSchema schema;
        private final Map<String, Integer> items = new HashMap<>();
        private final Map<String, Integer> kinds = new HashMap<>();
        private final int pauseHours;
        private final int maxLength;

        Fitted(Collection<String> targets, Collection<String> names, int pauseHours, int maxLength) {
            schema = new FeatureSchema(List.of(new FeatureSpec("history", "sequence", "behaviour", false, false, false, "Last session")),
                    List.copyOf(targets), List.copyOf(names), List.of(), targets.stream().map(t -> new int[0]).toList());
            schema.targets().forEach(t -> items.put(t, items.size()));
            schema.kinds().forEach(k -> kinds.put(k, kinds.size()));
            this.pauseHours = pauseHours;
            this.maxLength = maxLength;
        }

        @Override
        public FeatureSchema schema() {
            return schema;
        }

        @Override
        public OptionalInt target(String id) {
            Integer index = items.get(id);
            return index == null ? OptionalInt.empty() : OptionalInt.of(index);
        }

        @Override
        public SequenceInstance extract(Input input) {
            List<Event> history = History.eventsOf(input);
            int[] at = positions(input);
            return new SequenceInstance(IntStream.of(at).map(p -> items.get(history.get(p).item())).toArray(),
                    IntStream.of(at).map(p -> kinds.getOrDefault(history.get(p).kind(), 0)).toArray());
        }

        @Override
        public int[] positions(Input input) {
            List<Event> history = History.eventsOf(input);
            int[] known = IntStream.range(0, history.size()).filter(p -> items.containsKey(history.get(p).item())).toArray();
            int from = known.length;
            while (from > 0 && known.length - from < maxLength && (from == known.length
                    || !paused(history.get(known[from - 1]), history.get(known[from])))) {
                from--;
            }
            return IntStream.of(known).skip(from).toArray();
        }

        private boolean paused(Event earlier, Event later) {
            return Duration.between(earlier.time(), later.time()).compareTo(Duration.ofHours(pauseHours)) >= 0;
        }

        @Override
        public void save(ArtifactWriter artifact) {
            try (DataOutputStream out = new DataOutputStream(artifact.create(ENTRY))) {
                out.writeInt(pauseHours);
                out.writeInt(maxLength);
                for (List<String> names : List.of(schema.targets(), schema.kinds())) {
                    out.writeInt(names.size());
                    for (String name : names) {
                        out.writeUTF(name);
                    }
                }
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, ENTRY, ENTRY + " can't be written", e);
            }
        }
    }
}
