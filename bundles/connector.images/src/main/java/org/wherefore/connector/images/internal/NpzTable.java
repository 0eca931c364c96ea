package org.wherefore.connector.images.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;

/**
 * The arrays of a numpy archive ({@code .npz}, entries stored or deflated), row by row: each array that is asked for is read as a stream
 * of its own, so that memory is one row whatever the archive holds. The virtual column {@code id} is the archive's split, or its name,
 * with the row's number from 1. One thread.
 */
final class NpzTable implements Table {
    private static final int ID = Integer.MAX_VALUE;
    private final Path path;
    private final ZipFile zip;
    private final TreeSet<String> keys = new TreeSet<>();
    private final String images;
    private final String labels;
    private final String prefix;
    private final double[] range;
    private final List<Npy> arrays = new ArrayList<>();
    private final List<byte[]> rows = new ArrayList<>();
    private long index;

    NpzTable(Path path, Parameters options) {
        this.path = path;
        this.images = options.text("images");
        this.labels = options.text("labels");
        this.range = range(options.text("range"));
        String name = path.getFileName().toString();
        this.prefix = options.text("split").isEmpty() ? name.substring(0, name.length() - 4) : options.text("split");
        try {
            zip = new ZipFile(path.toFile());
        } catch (IOException e) {
            throw Failures.badData(at(), "it is no sound .npz archive (a zip of .npy files)", e);
        }
        zip.stream().map(ZipEntry::getName).filter(n -> n.endsWith(".npy")).forEach(n -> keys.add(n.substring(0, n.length() - 4)));
    }

    private static double[] range(String text) {
        if (text.isBlank()) {
            return null;
        }
        int dots = text.indexOf("..");
        try {
            double low = Double.parseDouble(text.substring(0, Math.max(0, dots)));
            double high = Double.parseDouble(text.substring(dots + 2));
            if (dots > 0 && low != high && Double.isFinite(high - low)) {
                return new double[] {low, high};
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw WhereforeException.invalid("/options/range", "/options/range: expected BLACK..WHITE, such as 0..255, got '" + text + "'");
    }

    @Override
    public String usual(String field, boolean image) {
        return image ? images : field.equals("label") ? labels : field;
    }

    @Override
    public int column(String name) {
        if (!keys.contains(name)) {
            return name.equals("id") ? ID : -1;
        }
        for (int i = 0; i < arrays.size(); i++) {
            if (arrays.get(i).name().equals(name)) {
                return i;
            }
        }
        ZipEntry entry = zip.getEntry(name + ".npy");
        try {
            Npy array = Npy.open(name, entry.getSize(), new BufferedInputStream(zip.getInputStream(entry), 1 << 16));
            arrays.add(array);
            rows.add(new byte[array.rowBytes()]);
            if (array.rows() != arrays.get(0).rows()) {
                throw new Npy.Unsound("has " + array.rows() + " rows, but array '" + arrays.get(0).name() + "' has " + arrays.get(0).rows());
            }
            return arrays.size() - 1;
        } catch (Npy.Unsound e) {
            throw Failures.badData(at(), "array '" + name + "' " + e.getMessage(), null);
        } catch (IOException e) {
            throw Failures.badData(at(), "array '" + name + "' can't be read", e);
        }
    }

    @Override
    public String columns() {
        return keys.isEmpty() ? "no arrays in this archive" : "the arrays " + keys;
    }

    @Override
    public boolean next() {
        if (arrays.isEmpty() || index >= arrays.get(0).rows()) {
            return false;
        }
        index++;
        for (int i = 0; i < arrays.size(); i++) {
            byte[] row = rows.get(i);
            try {
                if (arrays.get(i).in().readNBytes(row, 0, row.length) < row.length) {
                    throw Failures.badData(at(), "array '" + arrays.get(i).name() + "' ends before row " + index + " of "
                            + arrays.get(i).rows(), null);
                }
            } catch (IOException e) {
                throw Failures.badData(at(), "array '" + arrays.get(i).name() + "' can't be read further", e);
            }
        }
        return true;
    }

    @Override
    public Location at() {
        return new Location(path.toString(), Math.max(1, index));
    }

    @Override
    public String text(int column) throws BadValue {
        if (column == ID) {
            return prefix + "-" + index;
        }
        Npy array = arrays.get(column);
        if (array.values() != 1) {
            throw new BadValue("array '" + array.name() + "' of " + array.values() + " values a row", "one value a row");
        }
        return array.text(rows.get(column));
    }

    @Override
    public Picture picture(int column) throws BadValue {
        if (column == ID) {
            throw new BadValue("id", "an array of images");
        }
        Npy array = arrays.get(column);
        int[] shape = array.imageShape();
        if (shape == null || array.isText()) {
            throw new BadValue("array '" + array.name() + "' with rows of " + Arrays.toString(array.shape()),
                    "images of H x W, with 1 or 3 channels last or first");
        }
        double low = range != null ? range[0] : 0;
        double high = range != null ? range[1] : array.white();
        float[] samples = new float[array.values()];
        int channels = shape[0];
        int plane = shape[1] * shape[2];
        boolean last = shape[3] == 1;
        byte[] row = rows.get(column);
        for (int i = 0; i < samples.length; i++) {
            double v = (array.number(row, i) - low) / (high - low);
            if (!(v >= 0 && v <= 1)) {
                throw new BadValue(Double.toString(array.number(row, i)), "samples from " + low + " (black) to " + high
                        + " (white); say another range by the option 'range'");
            }
            samples[last ? i % channels * plane + i / channels : i] = (float) v;
        }
        return new PictureDecoder.Samples(channels, shape[1], shape[2], 0, samples).picture();
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            // Nothing was written; there is nothing to lose.
        }
    }
}
