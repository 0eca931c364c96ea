package org.wherefore.connector.dicom.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The elements of a file's outermost level. Values are read from the file's bytes when asked for. Immutable.
 *
 * @param bytes what the elements' places are in
 * @param transferSyntax how pixel data are encoded
 * @param fragments of encapsulated pixel data, the first being the table of offsets; empty when they are not encapsulated
 */
record DataElements(byte[] bytes, boolean bigEndian, String transferSyntax, Map<Integer, Element> elements, List<Element> fragments) {
    /** @param vr two letters, or {@code ??} where the file does not say */
    record Element(String vr, int at, int length) {}

    boolean has(int tag) {
        return elements.containsKey(tag);
    }

    Element element(int tag) {
        return elements.get(tag);
    }

    /** Its first value as an unsigned word, empty when it is not there. */
    OptionalInt word(int tag) {
        Element e = elements.get(tag);
        if (e == null || e.length == 0) {
            return OptionalInt.empty();
        }
        if (e.length < 2) {
            throw Refusals.damaged("element " + Tags.text(tag) + " has " + e.length + " byte, expected 2");
        }
        return OptionalInt.of(u16(e.at));
    }

    int u16(int at) {
        int a = bytes[at] & 0xff;
        int b = bytes[at + 1] & 0xff;
        return bigEndian ? a << 8 | b : b << 8 | a;
    }

    /** Its value without the padding, empty when it is not there. */
    String text(int tag) {
        Element e = elements.get(tag);
        if (e == null) {
            return "";
        }
        String text = new String(bytes, e.at, Math.min(e.length, 4096), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).strip();
    }

    /** The first of its numbers written in digits; {@code other} when it is not there, or empty. */
    double decimal(int tag, double other) {
        String text = text(tag);
        int end = text.indexOf('\\');
        String first = (end < 0 ? text : text.substring(0, end)).strip();
        if (first.isEmpty()) {
            return other;
        }
        try {
            double v = Double.parseDouble(first);
            if (first.length() <= 16 && Double.isFinite(v)) {
                return v;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw Refusals.damaged("element " + Tags.text(tag) + " is no decimal number");
    }
}
