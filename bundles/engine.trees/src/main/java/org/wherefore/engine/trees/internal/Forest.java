package org.wherefore.engine.trees.internal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.Trees.Tree;

/**
 * What a model of trees learned, and its file form {@code trees.bin}: gzip, big-endian, closed by a CRC-32. Immutable.
 *
 * @param family name of the engine that wrote it
 * @param features how many values a row has
 * @param targets one for each target
 */
record Forest(String family, int features, List<Target> targets) {
    static final String ENTRY = "trees.bin";
    private static final int MAGIC = 0x5746_5452;
    private static final int FORMAT = 1;
    private static final int MOST_NODES = 1 << 24;
    private static final int LEAF = 0;
    private static final int NUMBER = 1;
    private static final int CATEGORY = 2;
    private static final int LEFT_WHEN_MISSING = 4;

    /**
     * @param base what the sum begins with @param prior share of the training cases that are positive, smoothed, between 0 and 1
     */
    record Target(double base, double prior, List<Tree> trees) {
        Target {
            trees = List.copyOf(trees);
        }

        double sum(double[] values) {
            double sum = base;
            for (Tree tree : trees) {
                sum += tree.value(tree.leafOf(values));
            }
            return sum;
        }
    }

    Forest {
        targets = List.copyOf(targets);
    }

    void write(OutputStream to) throws IOException {
        GZIPOutputStream zip = new GZIPOutputStream(to, 1 << 16);
        CheckedOutputStream checked = new CheckedOutputStream(zip, new CRC32());
        DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(checked, 1 << 16));
        out.writeInt(MAGIC);
        out.writeInt(FORMAT);
        out.writeUTF(family);
        out.writeInt(features);
        out.writeInt(targets.size());
        for (Target target : targets) {
            out.writeDouble(target.base);
            out.writeDouble(target.prior);
            out.writeInt(target.trees.size());
            for (Tree tree : target.trees) {
                write(out, tree);
            }
        }
        out.flush();
        out.writeLong(checked.getChecksum().getValue());
        out.flush();
        zip.finish();
    }

    private static void write(DataOutputStream out, Tree tree) throws IOException {
        out.writeInt(tree.nodes());
        for (int i = 0; i < tree.nodes(); i++) {
            if (tree.leaf(i)) {
                out.writeByte(LEAF);
                out.writeDouble(tree.value(i));
            } else {
                BitSet categories = tree.categories(i).orElse(null);
                out.writeByte((categories == null ? NUMBER : CATEGORY) | (tree.missingLeft(i) ? LEFT_WHEN_MISSING : 0));
                out.writeInt(tree.feature(i));
                out.writeInt(tree.left(i));
                out.writeInt(tree.right(i));
                if (categories == null) {
                    out.writeDouble(tree.threshold(i));
                } else {
                    byte[] bits = categories.toByteArray();
                    out.writeInt(bits.length);
                    out.write(bits);
                }
            }
            out.writeDouble(tree.cover(i));
        }
    }

    /** @throws WhereforeException {@code BAD_DATA} when it isn't a whole, sound file of this family for so many features and targets */
    static Forest read(InputStream from, String family, int features, int targets) {
        try {
            CheckedInputStream checked = new CheckedInputStream(new BufferedInputStream(new GZIPInputStream(from, 1 << 16), 1 << 16), new CRC32());
            DataInputStream in = new DataInputStream(checked);
            check(in.readInt() == MAGIC, "it is not a model of engine.trees");
            int format = in.readInt();
            check(format == FORMAT, "its format is " + format + ", this engine reads " + FORMAT);
            String wrote = in.readUTF();
            check(wrote.equals(family), "engine '" + wrote + "' wrote it, not '" + family + "'");
            int columns = in.readInt();
            check(columns == features, "it reads " + columns + " features, the feature schema has " + features);
            int count = in.readInt();
            check(count == targets, "it has " + count + " targets, the feature schema has " + targets);
            List<Target> out = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                double base = in.readDouble();
                double prior = in.readDouble();
                check(Double.isFinite(base) && prior > 0 && prior < 1, "target " + t + " has the base " + base + " and the prior " + prior);
                int size = in.readInt();
                check(size > 0, "target " + t + " has " + size + " trees");
                List<Tree> trees = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                    trees.add(tree(in, features));
                }
                out.add(new Target(base, prior, trees));
            }
            long sum = checked.getChecksum().getValue();
            check(in.readLong() == sum, "its checksum does not match");
            check(in.read() < 0, "bytes follow its end");
            return new Forest(family, features, out);
        } catch (EOFException | ZipException | java.io.UTFDataFormatException e) {
            throw damaged("it ends too early or is damaged (" + e.getMessage() + ")", e);
        } catch (IllegalArgumentException e) {
            throw damaged(e.getMessage(), e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY, "can't read " + ENTRY + ": " + e, e);
        }
    }

    private static Tree tree(DataInputStream in, int features) throws IOException {
        int n = in.readInt();
        check(n > 0 && n <= MOST_NODES, "a tree has " + n + " nodes");
        Nodes nodes = new Nodes();
        for (int i = 0; i < n; i++) {
            nodes.read(in, i, features);
        }
        return nodes.tree(n);
    }

    /** Grown while reading, so that a wrong count in a short file can't ask for gigabytes. */
    private static final class Nodes {
        private int[] feature = new int[64];
        private double[] threshold = new double[64];
        private BitSet[] categories = new BitSet[64];
        private boolean[] missingLeft = new boolean[64];
        private int[] left = new int[64];
        private int[] right = new int[64];
        private double[] value = new double[64];
        private double[] cover = new double[64];

        void read(DataInputStream in, int i, int features) throws IOException {
            if (i == left.length) {
                resize(2 * i);
            }
            int kind = in.readUnsignedByte();
            missingLeft[i] = (kind & LEFT_WHEN_MISSING) != 0;
            left[i] = -1;
            right[i] = -1;
            switch (kind & ~LEFT_WHEN_MISSING) {
                case LEAF -> value[i] = in.readDouble();
                case NUMBER, CATEGORY -> {
                    feature[i] = in.readInt();
                    check(feature[i] >= 0 && feature[i] < features, "a node asks for feature " + feature[i] + " of " + features);
                    left[i] = in.readInt();
                    right[i] = in.readInt();
                    if ((kind & CATEGORY) == 0) {
                        threshold[i] = in.readDouble();
                    } else {
                        int bytes = in.readInt();
                        check(bytes >= 0 && bytes <= 1 << 20, "a node has categories of " + bytes + " bytes");
                        byte[] bits = in.readNBytes(bytes);
                        check(bits.length == bytes, "it ends too early");
                        categories[i] = BitSet.valueOf(bits);
                    }
                }
                default -> check(false, "a node is of the kind " + kind);
            }
            cover[i] = in.readDouble();
        }

        private void resize(int n) {
            feature = java.util.Arrays.copyOf(feature, n);
            threshold = java.util.Arrays.copyOf(threshold, n);
            categories = java.util.Arrays.copyOf(categories, n);
            missingLeft = java.util.Arrays.copyOf(missingLeft, n);
            left = java.util.Arrays.copyOf(left, n);
            right = java.util.Arrays.copyOf(right, n);
            value = java.util.Arrays.copyOf(value, n);
            cover = java.util.Arrays.copyOf(cover, n);
        }

        Tree tree(int n) {
            resize(n);
            return new Tree(feature, threshold, categories, missingLeft, left, right, value, cover);
        }
    }

    private static void check(boolean sound, String otherwise) {
        if (!sound) {
            throw damaged(otherwise, null);
        }
    }

    private static WhereforeException damaged(String what, Exception cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + " is not usable: " + what + "; train the model again", cause);
    }
}
