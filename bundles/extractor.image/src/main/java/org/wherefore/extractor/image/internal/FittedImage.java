package org.wherefore.extractor.image.internal;

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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.Picture;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * The fitted figures, stored as the entry {@code features.bin}. Immutable, thread-safe.
 *
 * <p>Format, big endian: magic {@code WFIM}, version 1, size, pad, channels, mean and deviation of each channel, the field and the targets
 * (length and UTF-8 bytes of each), what training pictures look like, and the magic again.
 */
final class FittedImage implements FittedExtractor {
    static final String ENTRY = "features.bin";
    private static final int MAGIC = 0x5746494d;
    private static final int VERSION = 1;
    private static final int MAX_TARGETS = 1000;
    private static final int MAX_TEXT = 1 << 16;

    private final Shape shape;
    private final String field;
    private final float[] mean;
    private final float[] deviation;
    private final Looks looks;
    private final FeatureSchema schema;

    /** @throws IllegalArgumentException when the parts contradict each other */
    FittedImage(Shape shape, String field, float[] mean, float[] deviation, List<String> targets, Looks looks) {
        if (targets.isEmpty() || new LinkedHashSet<>(targets).size() != targets.size()) {
            throw new IllegalArgumentException("targets " + targets + ": at least one, each once");
        }
        for (int c = 0; c < shape.channels(); c++) {
            if (!Float.isFinite(mean[c]) || !Float.isFinite(deviation[c]) || deviation[c] <= 0) {
                throw new IllegalArgumentException("mean " + mean[c] + ", deviation " + deviation[c]);
            }
        }
        this.shape = shape;
        this.field = field;
        this.mean = mean;
        this.deviation = deviation;
        this.looks = looks;
        this.schema = FeatureSchema.of(List.of(new FeatureSpec(field, "image", "image", false, true, false, "Image")), targets);
    }

    @Override
    public FeatureSchema schema() {
        return schema;
    }

    @Override
    public OptionalInt target(String id) {
        int i = schema.targets().indexOf(id);
        return i < 0 ? OptionalInt.empty() : OptionalInt.of(i);
    }

    @Override
    public ImageInstance extract(Input input) {
        float[] values = shape.apply(picture(input));
        int plane = shape.size() * shape.size();
        for (int i = 0; i < values.length; i++) {
            values[i] = (values[i] - mean[i / plane]) / deviation[i / plane];
        }
        return new ImageInstance(shape.channels(), shape.size(), shape.size(), values);
    }

    @Override
    public Optional<String> check(Input input) {
        Picture picture = picture(input);
        return looks.strange(picture, new Shape(shape.size(), shape.pad(), 1).apply(picture), shape.size());
    }

    private Picture picture(Input input) {
        if (!(input instanceof DataRecord record)) {
            throw new IllegalArgumentException("a record with an image is needed, got " + input);
        }
        int i = record.schema().indexOf(field);
        if (i < 0 || record.schema().fields().get(i).type() != FieldType.IMAGE) {
            throw WhereforeException.invalid(field, "role '" + record.schema().role() + "' has no image called '" + field
                    + "', which this model was trained on");
        }
        return record.image(field).orElseThrow(() -> WhereforeException.invalid(field, "the image '" + field + "' is missing: send one"));
    }

    @Override
    public void save(ArtifactWriter artifact) {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(artifact.create(ENTRY)))) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeInt(shape.size());
            out.writeBoolean(shape.pad());
            out.writeInt(shape.channels());
            for (int c = 0; c < shape.channels(); c++) {
                out.writeFloat(mean[c]);
                out.writeFloat(deviation[c]);
            }
            text(out, field);
            out.writeInt(schema.targets().size());
            for (String target : schema.targets()) {
                text(out, target);
            }
            looks.write(out);
            out.writeInt(MAGIC);
        } catch (CharacterCodingException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "a label is not Unicode text and can't be stored", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "entry '" + ENTRY + "' can't be written", e);
        }
    }

    static FittedImage load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry; it has " + artifact.entries().stream().sorted().toList(), null);
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(artifact.open(ENTRY)))) {
            expect(in.readInt(), MAGIC, "magic");
            expect(in.readInt(), VERSION, "version");
            int size = in.readInt();
            boolean pad = in.readBoolean();
            Shape shape = new Shape(size, pad, in.readInt());
            float[] mean = new float[shape.channels()];
            float[] deviation = new float[shape.channels()];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = in.readFloat();
                deviation[c] = in.readFloat();
            }
            String field = text(in);
            int count = bounded(in.readInt(), MAX_TARGETS);
            List<String> targets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                targets.add(text(in));
            }
            Looks looks = Looks.read(in);
            expect(in.readInt(), MAGIC, "end");
            if (in.read() >= 0) {
                throw bad("bytes after the end", null);
            }
            return new FittedImage(shape, field, mean, deviation, targets, looks);
        } catch (EOFException e) {
            throw bad("cut short", e);
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw bad("not what the extractor wrote", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, ENTRY, "entry '" + ENTRY + "' can't be read", e);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        out.writeInt(bytes.remaining());
        out.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[bounded(in.readInt(), MAX_TEXT)];
        in.readFully(bytes);
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
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
}
