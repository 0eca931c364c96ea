package org.wherefore.connector.dicom.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;

/** DICOM files written for tests, in any of the plain encodings. */
final class TestFiles {
    static final String RLE = "1.2.840.10008.1.2.5";
    private final TreeMap<Long, Object[]> elements = new TreeMap<>();

    /** A grey image of 2 x 1 with the samples 0 and 100 of 8 bits, of a patient with a name. */
    static TestFiles small() {
        return new TestFiles().text(Tags.SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7").text(Tags.SOP_INSTANCE, "UI", "1.2.3.4").text(Tags.MODALITY, "CS", "CR")
                .text(0x00100010, "PN", "Secret^Name").text(0x00100020, "LO", "ID-77").text(0x00100030, "DA", "19500102")
                .text(Tags.PATIENT_SEX, "CS", "F").text(Tags.PATIENT_AGE, "AS", "061Y").text(0x00180015, "CS", "CHEST")
                .image(1, 2, 8, new byte[] {0, 100});
    }

    TestFiles image(int rows, int columns, int bits, byte[] pixels) {
        return word(Tags.SAMPLES_PER_PIXEL, 1).text(Tags.PHOTOMETRIC, "CS", "MONOCHROME2").word(Tags.ROWS, rows).word(Tags.COLUMNS, columns)
                .word(Tags.BITS_ALLOCATED, bits).word(Tags.BITS_STORED, bits).word(Tags.HIGH_BIT, bits - 1).word(Tags.PIXEL_REPRESENTATION, 0)
                .bytes(Tags.PIXELS, bits == 16 ? "OW" : "OB", pixels);
    }

    TestFiles text(int tag, String vr, String value) {
        return bytes(tag, vr, (value + (value.length() % 2 == 0 ? "" : vr.equals("UI") ? "\0" : " ")).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A word, in the order of bytes that the file gets. */
    TestFiles word(int tag, int... values) {
        elements.put(Integer.toUnsignedLong(tag), new Object[] {"US", values});
        return this;
    }

    TestFiles bytes(int tag, String vr, byte[] value) {
        elements.put(Integer.toUnsignedLong(tag), new Object[] {vr, value});
        return this;
    }

    TestFiles without(int tag) {
        elements.remove(Integer.toUnsignedLong(tag));
        return this;
    }

    byte[] explicit() {
        return file(Parser.EXPLICIT, content(true, false));
    }

    byte[] as(String syntax) {
        boolean big = syntax.equals(Parser.BIG_ENDIAN);
        byte[] content = content(!syntax.equals(Parser.IMPLICIT), big);
        if (syntax.equals(Parser.DEFLATED)) {
            Deflater deflater = new Deflater(9, true);
            deflater.setInput(content);
            deflater.finish();
            byte[] buffer = new byte[content.length + 100];
            content = java.util.Arrays.copyOf(buffer, deflater.deflate(buffer));
            System.arraycopy(buffer, 0, content, 0, content.length);
            deflater.end();
        }
        return file(syntax, content);
    }

    /** With pixel data in fragments, after an empty table. */
    byte[] fragments(String syntax, byte[]... fragments) {
        without(Tags.PIXELS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(content(true, false));
        out.writeBytes(new byte[] {(byte) 0xe0, 0x7f, 0x10, 0, 'O', 'B', 0, 0, -1, -1, -1, -1});
        item(out, new byte[0]);
        for (byte[] f : fragments) {
            item(out, f);
        }
        out.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, (byte) 0xdd, (byte) 0xe0, 0, 0, 0, 0});
        return file(syntax, out.toByteArray());
    }

    private static void item(ByteArrayOutputStream out, byte[] content) {
        out.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff, 0, (byte) 0xe0});
        number(out, content.length, 4, false);
        out.writeBytes(content);
    }

    static byte[] file(String syntax, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[128]);
        out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new TestFiles().text(Tags.TRANSFER_SYNTAX, "UI", syntax).content(true, false));
        out.writeBytes(content);
        return out.toByteArray();
    }

    byte[] content(boolean explicit, boolean big) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Map.Entry<Long, Object[]> e : elements.entrySet()) {
            String vr = (String) e.getValue()[0];
            byte[] value;
            if (e.getValue()[1] instanceof int[] words) {
                ByteArrayOutputStream w = new ByteArrayOutputStream();
                for (int v : words) {
                    number(w, v, 2, big);
                }
                value = w.toByteArray();
            } else {
                value = (byte[]) e.getValue()[1];
            }
            number(out, (int) (e.getKey() >> 16), 2, big);
            number(out, (int) (e.getKey() & 0xffff), 2, big);
            boolean wide = vr.equals("OB") || vr.equals("OW") || vr.equals("SQ") || vr.equals("UN");
            if (explicit) {
                out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
                if (wide) {
                    number(out, 0, 2, big);
                }
            }
            boolean open = vr.equals("SQ");
            number(out, open ? -1 : value.length, explicit && !wide ? 2 : 4, big);
            out.writeBytes(value);
        }
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int value, int bytes, boolean big) {
        for (int i = 0; i < bytes; i++) {
            out.write(value >> 8 * (big ? bytes - 1 - i : i));
        }
    }

    /** The folder of real files. */
    static Path data() {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : Path.of("../../../shared/data").toAbsolutePath().normalize();
        return data.resolve("dicom");
    }
}
