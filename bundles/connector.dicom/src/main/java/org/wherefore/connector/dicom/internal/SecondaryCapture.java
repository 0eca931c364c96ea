package org.wherefore.connector.dicom.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.spi.ImageEncoder;

/**
 * Writes a picture, such as a heat map over an image, as a DICOM Secondary Capture image (PS3.3 A.8.1): 8 bits, grey or colour, explicit little
 * endian. Who the patient is, it does not say: the elements that must be there are empty. Thread-safe.
 *
 * <p>Tags: {@code time} (ISO-8601 instant, default now), {@code study}, {@code series} and {@code image} (UIDs, default new ones), {@code title}
 * (series description, at most 64 characters of ASCII), {@code comment} (derivation description, at most 1,024 of ASCII), {@code number}
 * (in the series, default 1), {@code orientation} (rows and columns, such as {@code L\F}).
 */
@Component(service = ImageEncoder.class)
public final class SecondaryCapture implements ImageEncoder {
    private static final String SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7";
    private static final String IMPLEMENTATION = "2.25.183412938467103948571203984756102938";
    private static final List<String> NAMES = List.of("time", "study", "series", "image", "title", "comment", "number", "orientation");
    private static final SecureRandom RANDOM = new SecureRandom();

    @Activate
    public SecondaryCapture() {
        // Stateless.
    }

    @Override
    public String name() {
        return "dicom";
    }

    @Override
    public byte[] encode(Picture picture, Map<String, String> tags) {
        for (String name : new TreeSet<>(tags.keySet())) {
            if (!NAMES.contains(name)) {
                throw WhereforeException.invalid("/tags/" + name, "a secondary capture has no tag '" + name + "'; it has " + NAMES);
            }
        }
        if (picture.height() > 65_535 || picture.width() > 65_535) {
            throw WhereforeException.invalid("/picture", picture + ": at most 65,535 rows and columns fit into DICOM; make it smaller");
        }
        ZonedDateTime time = time(tags.get("time"));
        String date = DateTimeFormatter.ofPattern("yyyyMMdd").format(time);
        String clock = DateTimeFormatter.ofPattern("HHmmss").format(time);
        String image = uid(tags, "image");
        Elements e = new Elements();
        e.text(0x00080005, "CS", "ISO_IR 100");
        e.text(0x00080008, "CS", "DERIVED\\SECONDARY");
        e.text(Tags.SOP_CLASS, "UI", SOP_CLASS);
        e.text(Tags.SOP_INSTANCE, "UI", image);
        e.text(0x00080020, "DA", date);
        e.text(0x00080023, "DA", date);
        e.text(0x00080030, "TM", clock);
        e.text(0x00080033, "TM", clock);
        e.text(0x00080050, "SH", "");
        e.text(Tags.MODALITY, "CS", "OT");
        e.text(0x00080064, "CS", "WSD");
        e.text(0x00080070, "LO", "Wherefore");
        e.text(0x00080090, "PN", "");
        e.text(0x0008103e, "LO", ascii(tags, "title", 64));
        e.text(0x00082111, "ST", ascii(tags, "comment", 1024));
        e.text(0x00100010, "PN", "");
        e.text(0x00100020, "LO", "");
        e.text(0x00100030, "DA", "");
        e.text(Tags.PATIENT_SEX, "CS", "");
        e.text(0x00120062, "CS", "YES");
        e.text(0x00120063, "LO", "Basic Application Confidentiality Profile");
        e.text(0x0020000d, "UI", uid(tags, "study"));
        e.text(0x0020000e, "UI", uid(tags, "series"));
        e.text(0x00200010, "SH", "");
        e.text(0x00200011, "IS", "1");
        e.text(0x00200013, "IS", number(tags.getOrDefault("number", "1")));
        e.text(0x00200020, "CS", orientation(tags.getOrDefault("orientation", "")));
        e.text(0x00200060, "CS", "");
        boolean grey = picture.channels() == 1;
        e.word(Tags.SAMPLES_PER_PIXEL, picture.channels());
        e.text(Tags.PHOTOMETRIC, "CS", grey ? "MONOCHROME2" : "RGB");
        if (!grey) {
            e.word(Tags.PLANAR, 0);
        }
        e.word(Tags.ROWS, picture.height());
        e.word(Tags.COLUMNS, picture.width());
        e.word(Tags.BITS_ALLOCATED, 8);
        e.word(Tags.BITS_STORED, 8);
        e.word(Tags.HIGH_BIT, 7);
        e.word(Tags.PIXEL_REPRESENTATION, 0);
        e.text(Tags.BURNED_IN, "CS", "NO");
        e.bytes(Tags.PIXELS, "OB", pixels(picture));

        Elements meta = new Elements();
        meta.bytes(0x00020001, "OB", new byte[] {0, 1});
        meta.text(0x00020002, "UI", SOP_CLASS);
        meta.text(0x00020003, "UI", image);
        meta.text(Tags.TRANSFER_SYNTAX, "UI", Parser.EXPLICIT);
        meta.text(0x00020012, "UI", IMPLEMENTATION);
        meta.text(0x00020013, "SH", "WHEREFORE_1");
        byte[] header = meta.toBytes();
        Elements length = new Elements();
        length.put(Tags.META_LENGTH, "UL", new byte[] {(byte) header.length, (byte) (header.length >> 8), 0, 0});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[128]);
        out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(length.toBytes());
        out.writeBytes(header);
        out.writeBytes(e.toBytes());
        return out.toByteArray();
    }

    private static byte[] pixels(Picture p) {
        int plane = p.height() * p.width();
        float[] samples = p.samples();
        byte[] out = new byte[samples.length];
        for (int c = 0; c < p.channels(); c++) {
            for (int i = 0; i < plane; i++) {
                out[i * p.channels() + c] = (byte) Math.round(samples[c * plane + i] * 255);
            }
        }
        return out;
    }

    private static ZonedDateTime time(String text) {
        try {
            return (text == null ? Instant.now() : Instant.parse(text)).atZone(ZoneOffset.UTC);
        } catch (java.time.DateTimeException e) {
            throw WhereforeException.invalid("/tags/time", "the tag time is an ISO-8601 instant, such as 2026-01-31T08:00:00Z, got '" + text + "'");
        }
    }

    private static String uid(Map<String, String> tags, String name) {
        String uid = tags.get(name);
        if (uid == null) {
            return "2.25." + new BigInteger(127, RANDOM);
        }
        if (!uid.matches("(0|[1-9]\\d*)(\\.(0|[1-9]\\d*))+") || uid.length() > 64) {
            throw WhereforeException.invalid("/tags/" + name, "the tag " + name + " is a UID, digits and dots, at most 64 of them");
        }
        return uid;
    }

    private static String ascii(Map<String, String> tags, String name, int max) {
        String text = tags.getOrDefault(name, "");
        if (text.length() > max || !text.matches("[ -~&&[^\\\\]]*")) {
            throw WhereforeException.invalid("/tags/" + name, "the tag " + name + " has at most " + max + " characters of ASCII without backslash");
        }
        return text;
    }

    private static String number(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw WhereforeException.invalid("/tags/number", "the tag number is a whole number, got '" + text + "'");
        }
        return text;
    }

    private static String orientation(String text) {
        if (!text.matches("([ALRPHF]{1,3}\\\\[ALRPHF]{1,3})?")) {
            throw WhereforeException.invalid("/tags/orientation", "the tag orientation is like L\\F, got '" + text + "'");
        }
        return text;
    }

    /** Elements in the order of their tags, each with an even number of bytes. */
    static final class Elements {
        private final TreeMap<Long, byte[]> all = new TreeMap<>();

        void text(int tag, String vr, String value) {
            byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
            byte[] even = java.util.Arrays.copyOf(bytes, bytes.length + (bytes.length & 1));
            if (even.length > bytes.length) {
                even[bytes.length] = (byte) (vr.equals("UI") ? 0 : ' ');
            }
            put(tag, vr, even);
        }

        void word(int tag, int value) {
            put(tag, "US", new byte[] {(byte) value, (byte) (value >> 8)});
        }

        void bytes(int tag, String vr, byte[] value) {
            put(tag, vr, java.util.Arrays.copyOf(value, value.length + (value.length & 1)));
        }

        void put(int tag, String vr, byte[] value) {
            boolean wide = vr.equals("OB") || vr.equals("OW");
            byte[] out = new byte[(wide ? 12 : 8) + value.length];
            int[] head = {tag >>> 16, tag >>> 24, tag, tag >>> 8, vr.charAt(0), vr.charAt(1)};
            for (int i = 0; i < head.length; i++) {
                out[i] = (byte) head[i];
            }
            int at = wide ? 8 : 6;
            for (int i = 0; i < (wide ? 4 : 2); i++) {
                out[at + i] = (byte) (value.length >>> 8 * i);
            }
            System.arraycopy(value, 0, out, wide ? 12 : 8, value.length);
            all.put(Integer.toUnsignedLong(tag), out);
        }

        byte[] toBytes() {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            all.values().forEach(out::writeBytes);
            return out.toByteArray();
        }
    }
}
