package org.wherefore.extractor.sequence.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * The fitted vocabularies, stored as the entry {@code features.bin}. Immutable, thread-safe.
 *
 * <p>Format, big endian: magic {@code WFSQ}, version 1, maxLength, then targets, kinds and attributes (count, then length and
 * UTF-8 bytes of each), for each target the count and the ascending indices of its attributes, and the magic again.
 */
final class FittedSequence implements FittedExtractor {
    static final String ENTRY = "features.bin";
    static final int MAX_LENGTH = 10_000;
    private static final int MAGIC = 0x57465351;
    private static final int VERSION = 1;
    private static final int MAX_COUNT = 50_000_000;
    private static final int MAX_TEXT = 1 << 20;

    private final int maxLength;
    private final FeatureSchema schema;
    private final Map<String, Integer> targets;
    private final Map<String, Integer> kinds;

    /** @throws IllegalArgumentException when the parts contradict each other */
    FittedSequence(int maxLength, List<String> targets, List<String> kinds, List<String> attributes, List<int[]> targetAttributes) {
        if (maxLength < 1 || maxLength > MAX_LENGTH) {
            throw new IllegalArgumentException("maxLength " + maxLength + " is not in 1 to " + MAX_LENGTH);
        }
        if (targets.isEmpty() || kinds.isEmpty()) {
            throw new IllegalArgumentException("no targets or no kinds");
        }
        this.maxLength = maxLength;
        this.targets = index(targets, "target");
        this.kinds = index(kinds, "kind");
        index(attributes, "attribute");
        for (int[] set : targetAttributes) {
            for (int i = 0; i < set.length; i++) {
                if (set[i] < 0 || set[i] >= attributes.size() || i > 0 && set[i] <= set[i - 1]) {
                    throw new IllegalArgumentException("attributes of a target are not ascending indices below " + attributes.size());
                }
            }
        }
        this.schema = new FeatureSchema(List.of(
                new FeatureSpec("item", "sequence", "behaviour", false, false, true, "Item"),
                new FeatureSpec("kind", "sequence", "behaviour", false, false, true, "Kind of event")),
                targets, kinds, attributes, targetAttributes);
    }

    private static Map<String, Integer> index(List<String> names, String what) {
        Map<String, Integer> index = new HashMap<>(names.size() * 2);
        for (String name : names) {
            if (index.put(name, index.size()) != null) {
                throw new IllegalArgumentException(what + " '" + name + "' stands twice");
            }
        }
        return index;
    }

    @Override
    public FeatureSchema schema() {
        return schema;
    }

    @Override
    public OptionalInt target(String id) {
        Integer index = targets.get(id);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** An event of a kind unknown in training counts as the kind that was most frequent there. */
    @Override
    public SequenceInstance extract(Input input) {
        List<Event> history = History.eventsOf(input);
        int[] positions = positions(input);
        int[] items = new int[positions.length];
        int[] eventKinds = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            Event event = history.get(positions[i]);
            items[i] = targets.get(event.item());
            eventKinds[i] = kinds.getOrDefault(event.kind(), 0);
        }
        return new SequenceInstance(items, eventKinds);
    }

    @Override
    public int[] positions(Input input) {
        List<Event> history = History.eventsOf(input);
        int[] newestFirst = new int[Math.min(maxLength, history.size())];
        int n = 0;
        for (int i = history.size() - 1; i >= 0 && n < newestFirst.length; i--) {
            if (targets.containsKey(history.get(i).item())) {
                newestFirst[n++] = i;
            }
        }
        int[] positions = new int[n];
        for (int i = 0; i < n; i++) {
            positions[i] = newestFirst[n - 1 - i];
        }
        return positions;
    }

    int maxLength() {
        return maxLength;
    }

    @Override
    public void save(ArtifactWriter artifact) {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(artifact.create(ENTRY), 1 << 16))) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeInt(maxLength);
            for (List<String> names : List.of(schema.targets(), schema.kinds(), schema.attributes())) {
                out.writeInt(names.size());
                for (String name : names) {
                    ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
                    out.writeInt(bytes.remaining());
                    out.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
                }
            }
            for (int[] set : schema.targetAttributes()) {
                out.writeInt(set.length);
                for (int attribute : set) {
                    out.writeInt(attribute);
                }
            }
            out.writeInt(MAGIC);
        } catch (CharacterCodingException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "an id or attribute is not Unicode text and can't be stored", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "entry '" + ENTRY + "' can't be written", e);
        }
    }

    static FittedSequence load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry; it has " + artifact.entries().stream().sorted().toList(), null);
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(artifact.open(ENTRY), 1 << 16))) {
            expect(in.readInt(), MAGIC, "magic");
            expect(in.readInt(), VERSION, "version");
            int maxLength = in.readInt();
            List<String> targets = names(in);
            List<String> kinds = names(in);
            List<String> attributes = names(in);
            List<int[]> targetAttributes = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                int[] set = new int[bounded(in.readInt(), attributes.size())];
                for (int k = 0; k < set.length; k++) {
                    set[k] = in.readInt();
                }
                targetAttributes.add(set);
            }
            expect(in.readInt(), MAGIC, "end");
            if (in.read() >= 0) {
                throw bad("bytes after the end", null);
            }
            return new FittedSequence(maxLength, targets, kinds, attributes, targetAttributes);
        } catch (EOFException e) {
            throw bad("cut short", e);
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw bad("not what the extractor wrote", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, ENTRY, "entry '" + ENTRY + "' can't be read", e);
        }
    }

    private static List<String> names(DataInputStream in) throws IOException {
        int count = bounded(in.readInt(), MAX_COUNT);
        List<String> names = new ArrayList<>(Math.min(count, 1 << 16));
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[bounded(in.readInt(), MAX_TEXT)];
            in.readFully(bytes);
            names.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        }
        return names;
    }

    private static int bounded(int count, int max) {
        if (count < 0 || count > max) {
            throw bad("a count of " + count + ", expected 0 to " + max, null);
        }
        return count;
    }

    private static void expect(int got, int wanted, String what) {
        if (got != wanted) {
            throw bad("expected the " + what + " " + Integer.toHexString(wanted) + ", got " + Integer.toHexString(got), null);
        }
    }

    private static WhereforeException bad(String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, "entry '" + ENTRY + "' of the artifact: " + message, cause);
    }

    @Override
    public String toString() {
        return "sequence " + Arrays.asList(schema.targets().size(), schema.kinds().size(), schema.attributes().size());
    }
}
