package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One numpy array (NEP 1, versions 1 to 3) as a stream of rows along its first axis: booleans, integers, floats and fixed texts, little or
 * big endian, C order. Pickled objects are refused unread.
 *
 * @param shape of one row
 * @param kind as numpy names it: b, u, i, f, U or S
 * @param size bytes of one value
 */
record Npy(String name, InputStream in, long rows, int[] shape, char kind, int size, ByteOrder order) {
    private static final int MAX_HEADER = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=])([a-zA-Z])(\\d{0,6})'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

    /** @param bytes of the whole entry, -1 when unknown */
    static Npy open(String name, long bytes, InputStream in) throws IOException, Unsound {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || start[0] != (byte) 0x93 || !new String(start, 1, 5, StandardCharsets.ISO_8859_1).equals("NUMPY")
                || start[6] < 1 || start[6] > 3) {
            throw new Unsound("is no numpy array of version 1 to 3");
        }
        byte[] length = in.readNBytes(start[6] == 1 ? 2 : 4);
        ByteBuffer size = ByteBuffer.wrap(Arrays.copyOf(length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = size.getInt(0);
        if (headerBytes < 0 || headerBytes > MAX_HEADER) {
            throw new Unsound("has a header of " + Integer.toUnsignedString(headerBytes) + " bytes; at most " + MAX_HEADER);
        }
        byte[] raw = in.readNBytes(headerBytes);
        if (raw.length < headerBytes) {
            throw new Unsound("ends within its header");
        }
        String header = new String(raw, StandardCharsets.UTF_8);
        Matcher descr = DESCR.matcher(header);
        Matcher fortran = ORDER.matcher(header);
        Matcher shape = SHAPE.matcher(header);
        if (!descr.find() || !fortran.find() || !shape.find()) {
            throw new Unsound("has a header that is not read: plain arrays of numbers or texts are");
        }
        char kind = descr.group(2).charAt(0);
        int width = descr.group(3).isEmpty() ? 0 : Integer.parseInt(descr.group(3));
        boolean known = switch (kind) {
            case 'b' -> width == 1;
            case 'u', 'i' -> width == 1 || width == 2 || width == 4 || width == 8;
            case 'f' -> width == 4 || width == 8;
            case 'U', 'S' -> width >= 1 && width <= 4096;
            default -> false;
        };
        if (!known) {
            throw new Unsound("holds values of type '" + kind + width + "'; booleans, integers, floats of 4 and 8 bytes and texts are read");
        }
        if (fortran.group(1).equals("True")) {
            throw new Unsound("is in Fortran order; save it in C order (numpy.ascontiguousarray)");
        }
        int[] dimensions;
        try {
            dimensions = Arrays.stream(shape.group(1).split(",")).map(s -> s.strip().replace("L", "")).filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            throw new Unsound("has a dimension that is no 32-bit number");
        }
        if (dimensions.length < 1 || dimensions.length > 5) {
            throw new Unsound("has " + dimensions.length + " dimensions; 1 to 5 are read");
        }
        int valueBytes = kind == 'U' ? 4 * width : width;
        long rowBytes = valueBytes;
        for (int i = 1; i < dimensions.length; i++) {
            rowBytes *= dimensions[i];
            if (rowBytes <= 0 || rowBytes > 8L * PictureDecoder.MAX_SAMPLES) {
                throw new Unsound("has rows of " + Arrays.toString(Arrays.copyOfRange(dimensions, 1, dimensions.length))
                        + " values; at most " + PictureDecoder.MAX_SAMPLES + ", and at least one");
            }
        }
        long wanted = rowBytes * dimensions[0];
        long left = bytes - 8 - length.length - headerBytes;
        if (bytes >= 0 && wanted != left) {
            throw new Unsound("claims " + wanted + " bytes of data but has " + left);
        }
        return new Npy(name, in, dimensions[0], Arrays.copyOfRange(dimensions, 1, dimensions.length), kind, valueBytes,
                descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    int values() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    int rowBytes() {
        return values() * size;
    }

    boolean isText() {
        return kind == 'U' || kind == 'S';
    }

    /** Channels, height, width, and 1 when the channels come last; null when a row is no image. */
    int[] imageShape() {
        if (shape.length == 2) {
            return new int[] {1, shape[0], shape[1], 0};
        }
        if (shape.length == 3 && (shape[2] == 1 || shape[2] == 3)) {
            return new int[] {shape[2], shape[0], shape[1], 1};
        }
        return shape.length == 3 && (shape[0] == 1 || shape[0] == 3) ? new int[] {shape[0], shape[1], shape[2], 0} : null;
    }

    /** The value of white where nothing else is said. */
    double white() {
        return kind == 'u' && size == 1 ? 255 : kind == 'u' && size == 2 ? 65_535 : 1;
    }

    double number(byte[] row, int index) {
        ByteBuffer in = ByteBuffer.wrap(row).order(order);
        int at = index * size;
        return switch (kind) {
            case 'f' -> size == 4 ? in.getFloat(at) : in.getDouble(at);
            case 'b' -> row[at] == 0 ? 0 : 1;
            default -> integer(in, at);
        };
    }

    private double integer(ByteBuffer in, int at) {
        boolean unsigned = kind == 'u';
        return switch (size) {
            case 1 -> unsigned ? in.get(at) & 0xff : in.get(at);
            case 2 -> unsigned ? in.getShort(at) & 0xffff : in.getShort(at);
            case 4 -> unsigned ? in.getInt(at) & 0xffffffffL : in.getInt(at);
            default -> unsigned && in.getLong(at) < 0 ? in.getLong(at) + 0x1p64 : in.getLong(at);
        };
    }

    /** The first value of a row, whole numbers without a point. */
    String text(byte[] row) {
        if (kind == 'S') {
            return new String(row, 0, size, StandardCharsets.UTF_8).replace("\0", "");
        }
        if (kind == 'U') {
            StringBuilder text = new StringBuilder();
            ByteBuffer in = ByteBuffer.wrap(row).order(order);
            for (int i = 0; i < size && in.getInt(i) != 0; i += 4) {
                text.appendCodePoint(Character.isValidCodePoint(in.getInt(i)) ? in.getInt(i) : 0xfffd);
            }
            return text.toString();
        }
        double v = number(row, 0);
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }

    /** Why an array is not read; the text follows its name. */
    static final class Unsound extends Exception {
        private static final long serialVersionUID = 1L;

        Unsound(String message) {
            super(message, null, false, false);
        }
    }
}
