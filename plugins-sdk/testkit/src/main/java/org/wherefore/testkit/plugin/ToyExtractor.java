package org.wherefore.testkit.plugin;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.testkit.data.FeatureSchemas;

/**
 * Extractor {@code toy}: targets are the items of the training events, in the order of their ids; a history is its newest 20
 * events on them; event kinds are learned, attributes are not. Parameters are ignored. Stateless, thread-safe.
 */
public final class ToyExtractor implements FeatureExtractor {
    private static final String ENTRY = "toy-features.bin";
    private static final int LONGEST = 20;

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        TreeSet<String> items = new TreeSet<>();
        TreeSet<String> kinds = new TreeSet<>();
        data.histories().values().forEach(h -> h.forEach(e -> {
            items.add(e.item());
            kinds.add(e.kind());
        }));
        if (items.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no event: nothing to learn");
        }
        return new Fitted(List.copyOf(items), List.copyOf(kinds));
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry, it has " + artifact.entries(), null);
        }
        try (DataInputStream in = new DataInputStream(artifact.open(ENTRY))) {
            FittedExtractor fitted = new Fitted(names(in), names(in));
            if (in.read() >= 0) {
                throw bad("bytes follow its end", null);
            }
            return fitted;
        } catch (IOException | IllegalArgumentException e) {
            throw bad("it is not what extractor 'toy' wrote", e);
        }
    }

    private static List<String> names(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 1) {
            throw new IllegalArgumentException("a count of " + count);
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(in.readUTF());
        }
        return names;
    }

    private static WhereforeException bad(String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + ": " + message, cause);
    }

    private static final class Fitted implements FittedExtractor {
        private final FeatureSchema schema;

        Fitted(List<String> items, List<String> kinds) {
            FeatureSchemas builder = FeatureSchemas.sequence().kinds(kinds.toArray(String[]::new));
            items.forEach(builder::target);
            schema = builder.build();
        }

        @Override
        public FeatureSchema schema() {
            return schema;
        }

        @Override
        public OptionalInt target(String id) {
            int index = schema.targets().indexOf(id);
            return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
        }

        @Override
        public SequenceInstance extract(Input input) {
            List<Event> history = History.eventsOf(input);
            int[] at = positions(input);
            return new SequenceInstance(IntStream.of(at).map(p -> schema.targets().indexOf(history.get(p).item())).toArray(),
                    IntStream.of(at).map(p -> Math.max(0, schema.kinds().indexOf(history.get(p).kind()))).toArray());
        }

        @Override
        public int[] positions(Input input) {
            List<Event> history = History.eventsOf(input);
            int[] known = IntStream.range(0, history.size()).filter(p -> schema.targets().contains(history.get(p).item())).toArray();
            return IntStream.of(known).skip(Math.max(0, known.length - LONGEST)).toArray();
        }

        @Override
        public void save(ArtifactWriter artifact) {
            try (DataOutputStream out = new DataOutputStream(artifact.create(ENTRY))) {
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
