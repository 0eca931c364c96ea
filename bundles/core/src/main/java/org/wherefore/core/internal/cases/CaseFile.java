package org.wherefore.core.internal.cases;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;

/**
 * The entry {@value #ENTRY} of a model: some of what it was trained on, without a name of whose it was. Bytes: {@code WFCA}, the
 * format's version (2), then numbers of seven bits a byte, low ones first: how many cases, and for each its target plus 1 (0: none is right), its kind
 * and its content (1: events, each item and kind; 2: a row's doubles; 3: an image's channels, height, width and floats).
 */
public final class CaseFile {
    public static final String ENTRY = "cases";
    /** Most cases that a model keeps. */
    public static final int MOST = 1_000;
    private static final byte[] MAGIC = {'W', 'F', 'C', 'A'};
    /** Version 1 had no case without a target, and wrote the target as it is. */
    private static final int VERSION = 2;
    private static final String TOO_LARGE = "has a number that is too large";
    private static final int SEQUENCE = 1;
    private static final int TABLE = 2;
    private static final int IMAGE = 3;

    private CaseFile() {}

    /** At most {@link #MOST} of them in an order that depends on the seed alone. */
    public static List<Example> sample(List<Example> training, long seed) {
        List<Example> all = new ArrayList<>(training);
        Collections.shuffle(all, new Random(seed));
        return List.copyOf(all.subList(0, Math.min(MOST, all.size())));
    }

    /**
     * As {@link #sample}, but where one target or none at all is rare, the cases kept have up to half of it: what is looked for would
     * hardly be among them otherwise.
     */
    public static List<Example> balanced(List<Example> training, long seed) {
        List<Example> all = new ArrayList<>(training);
        Collections.shuffle(all, new Random(seed));
        List<Example> some = all.stream().filter(e -> e.target() != Example.NONE).limit(MOST / 2).toList();
        List<Example> out = new ArrayList<>(some);
        all.stream().filter(e -> e.target() == Example.NONE).limit(MOST - some.size()).forEach(out::add);
        Collections.shuffle(out, new Random(seed));
        return List.copyOf(out);
    }

    public static void write(List<Example> cases, ArtifactWriter artifact) {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(artifact.create(ENTRY)))) {
            out.write(MAGIC);
            out.write(VERSION);
            number(out, cases.size());
            for (Example e : cases) {
                number(out, e.target() + 1);
                instance(out, e.instance());
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write the cases of a model: " + e, e);
        }
    }

    private static void instance(DataOutputStream out, Instance instance) throws IOException {
        if (instance instanceof SequenceInstance s) {
            out.write(SEQUENCE);
            number(out, s.length());
            for (int p = 0; p < s.length(); p++) {
                number(out, s.item(p));
                number(out, s.kind(p));
            }
        } else if (instance instanceof TableInstance t) {
            out.write(TABLE);
            number(out, t.length());
            for (double v : t.values()) {
                out.writeDouble(v);
            }
        } else if (instance instanceof ImageInstance i) {
            out.write(IMAGE);
            number(out, i.channels());
            number(out, i.height());
            number(out, i.width());
            for (float v : i.values()) {
                out.writeFloat(v);
            }
        }
    }

    private static void number(OutputStream out, int value) throws IOException {
        int rest = value;
        while (rest >>> 7 != 0) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /**
     * The cases, in the order they were written; none when the model keeps none.
     *
     * @throws WhereforeException {@code BAD_DATA} when the entry is not of this format, or damaged
     */
    public static List<Example> read(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            return List.of();
        }
        try (InputStream entry = artifact.open(ENTRY); DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(entry, 1 << 16))) {
            byte[] magic = in.readNBytes(MAGIC.length);
            int version = in.read();
            if (!Arrays.equals(magic, MAGIC) || version != VERSION && version != 1) {
                throw damaged("starts with " + Arrays.toString(magic) + " and version " + version + "; versions 1 and " + VERSION + " can be read", null);
            }
            int count = number(in);
            if (count > MOST) {
                throw damaged("says it has " + count + " cases, at most " + MOST + " are kept", null);
            }
            List<Example> cases = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                int target = (int) (unsigned(in) - (version == 1 ? 0 : 1));
                cases.add(new Example(instance(in), target));
            }
            return List.copyOf(cases);
        } catch (EOFException e) {
            throw damaged("ends too early", e);
        } catch (IllegalArgumentException e) {
            throw damaged("holds what is no input: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't read the cases of a model: " + e, e);
        }
    }

    private static Instance instance(DataInputStream in) throws IOException {
        int kind = in.read();
        switch (kind) {
            case SEQUENCE -> {
                int length = bounded(in);
                int[] items = new int[length];
                int[] kinds = new int[length];
                for (int p = 0; p < length; p++) {
                    items[p] = number(in);
                    kinds[p] = number(in);
                }
                return new SequenceInstance(items, kinds);
            }
            case TABLE -> {
                double[] values = new double[bounded(in)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = in.readDouble();
                }
                return new TableInstance(values);
            }
            case IMAGE -> {
                int[] size = IntStream.of(bounded(in), bounded(in), bounded(in)).toArray();
                float[] values = new float[Math.toIntExact(limited((long) size[0] * size[1] * size[2]))];
                for (int i = 0; i < values.length; i++) {
                    values[i] = in.readFloat();
                }
                return new ImageInstance(size[0], size[1], size[2], values);
            }
            default -> throw damaged("has a case of the unknown kind " + kind, null);
        }
    }

    private static int bounded(InputStream in) throws IOException {
        return (int) limited(number(in));
    }

    /** What is damaged must not ask for more memory than there is. */
    private static long limited(long size) {
        if (size < 0 || size > 1 << 24) {
            throw damaged("has a case of size " + size, null);
        }
        return size;
    }

    private static int number(InputStream in) throws IOException {
        long value = unsigned(in);
        if (value > Integer.MAX_VALUE) {
            throw damaged(TOO_LARGE, null);
        }
        return (int) value;
    }

    private static long unsigned(InputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException();
            }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (value > 1L + Integer.MAX_VALUE) {
                    break;
                }
                return value;
            }
        }
        throw damaged(TOO_LARGE, null);
    }

    private static WhereforeException damaged(String what, Exception cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, "the entry '" + ENTRY + "' of the model " + what + "; train the model again", cause);
    }
}
