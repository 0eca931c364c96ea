package org.wherefore.engine.classic.internal;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * What a classical model learned, and its file form {@code classic.bin}: events per target and, in compressed rows, one
 * weight per kept pair of targets. Columns ascend within a row. Immutable by convention; big-endian, closed by a CRC-32.
 *
 * @param family name of the engine that wrote it
 * @param events for each target how many training events it has
 * @param setting item-to-item: half-life of a history event in events, 0 for none; Markov: weight of the back-off, in events
 * @param starts row {@code i} is {@code starts[i]} (inclusive) to {@code starts[i + 1]} (exclusive) of columns and weights
 */
record ClassicData(String family, int[] events, double setting, int[] starts, int[] columns, float[] weights) {
    static final String ENTRY = "classic.bin";
    private static final int MAGIC = 0x5743_4c53;
    private static final int FORMAT = 1;

    void write(OutputStream to) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(new java.io.BufferedOutputStream(to, 1 << 16), new CRC32());
        DataOutputStream out = new DataOutputStream(checked);
        out.writeInt(MAGIC);
        out.writeInt(FORMAT);
        out.writeUTF(family);
        out.writeDouble(setting);
        out.writeInt(events.length);
        out.writeInt(columns.length);
        for (int e : events) {
            out.writeInt(e);
        }
        for (int i = 0; i < events.length; i++) {
            out.writeInt(starts[i + 1] - starts[i]);
        }
        for (int c : columns) {
            out.writeInt(c);
        }
        for (float w : weights) {
            out.writeFloat(w);
        }
        out.flush();
        out.writeLong(checked.getChecksum().getValue());
        out.flush();
    }

    /** @throws WhereforeException {@code BAD_DATA} when it isn't a whole, sound file of this family for this many targets */
    static ClassicData read(InputStream from, String family, int targets) {
        try {
            CheckedInputStream checked = new CheckedInputStream(new java.io.BufferedInputStream(from, 1 << 16), new CRC32());
            DataInputStream in = new DataInputStream(checked);
            check(in.readInt() == MAGIC, "it is not a model of engine.classic");
            int format = in.readInt();
            check(format == FORMAT, "its format is " + format + ", this engine reads " + FORMAT);
            String wrote = in.readUTF();
            check(wrote.equals(family), "engine '" + wrote + "' wrote it, not '" + family + "'");
            double setting = in.readDouble();
            check(Double.isFinite(setting) && setting >= 0, "setting " + setting + " is out of range");
            int count = in.readInt();
            check(count == targets, "it has " + count + " targets, the feature schema has " + targets);
            int pairs = in.readInt();
            check(pairs >= 0 && pairs <= (long) count * count, pairs + " pairs are impossible for " + count + " targets");
            int[] events = new int[count];
            for (int i = 0; i < count; i++) {
                events[i] = in.readInt();
                check(events[i] >= 0, "target " + i + " has " + events[i] + " events");
            }
            int[] starts = new int[count + 1];
            for (int i = 0; i < count; i++) {
                int size = in.readInt();
                check(size >= 0 && size <= pairs - starts[i], "row " + i + " has size " + size);
                starts[i + 1] = starts[i] + size;
            }
            check(starts[count] == pairs, "its rows hold " + starts[count] + " pairs, not " + pairs);
            // Grown while reading, so that a wrong count in a short file can't ask for gigabytes.
            int[] columns = new int[Math.min(pairs, 1 << 20)];
            for (int i = 0, row = 0; i < pairs; i++) {
                if (i == columns.length) {
                    columns = java.util.Arrays.copyOf(columns, (int) Math.min(pairs, 2L * i));
                }
                columns[i] = in.readInt();
                while (starts[row + 1] <= i) {
                    row++;
                }
                check(columns[i] >= (i == starts[row] ? 0 : columns[i - 1] + 1) && columns[i] < count,
                        "row " + row + " has column " + columns[i] + " out of order or range");
            }
            float[] weights = new float[pairs];
            for (int i = 0; i < pairs; i++) {
                weights[i] = in.readFloat();
                check(Float.isFinite(weights[i]) && weights[i] >= 0, "weight " + weights[i] + " is out of range");
            }
            long sum = checked.getChecksum().getValue();
            check(in.readLong() == sum, "its checksum does not match");
            check(in.read() < 0, "bytes follow its end");
            return new ClassicData(family, events, setting, starts, columns, weights);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY,
                    ENTRY + " of the model can't be read to its end; train the model again", e);
        }
    }

    private static void check(boolean sound, String otherwise) {
        if (!sound) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY,
                    ENTRY + " is not usable: " + otherwise + "; train the model again", null);
        }
    }

    /** Weight of a pair, 0 when it was not kept. */
    double weight(int row, int column) {
        int at = java.util.Arrays.binarySearch(columns, starts[row], starts[row + 1], column);
        return at < 0 ? 0 : weights[at];
    }
}
