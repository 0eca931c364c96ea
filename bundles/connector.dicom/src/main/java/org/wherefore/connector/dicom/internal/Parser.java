package org.wherefore.connector.dicom.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.wherefore.connector.dicom.internal.DataElements.Element;

/**
 * DICOM files (PS3.10), also those without preamble, in the four plain encodings and the deflated one (PS3.5). Every length is checked
 * against what is left before it is used; what is inside sequences is gone over and not kept. One file, one thread.
 */
final class Parser {
    static final String IMPLICIT = "1.2.840.10008.1.2";
    static final String EXPLICIT = "1.2.840.10008.1.2.1";
    static final String DEFLATED = "1.2.840.10008.1.2.1.99";
    static final String BIG_ENDIAN = "1.2.840.10008.1.2.2";
    /** Most bytes of a file, and of what a deflated one becomes. */
    static final int MAX_BYTES = 256 << 20;
    private static final int PREAMBLE = 128;
    private static final int MAX_DEPTH = 32;
    private static final int UNDEFINED = -1;
    private static final Set<String> LONG = Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");
    private static final Set<String> SHORT = Set.of("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL",
            "SS", "ST", "TM", "UI", "UL", "US");
    /** Beginnings of programs and other files that have been hidden in the preamble, which means nothing in DICOM. */
    private static final List<byte[]> HIDDEN = List.of(new byte[] {'M', 'Z'}, new byte[] {0x7f, 'E', 'L', 'F'}, new byte[] {'P', 'K'},
            new byte[] {'%', 'P', 'D', 'F'}, new byte[] {'#', '!'}, new byte[] {'<'}, new byte[] {(byte) 0xca, (byte) 0xfe},
            new byte[] {(byte) 0xcf, (byte) 0xfa}, new byte[] {(byte) 0xfe, (byte) 0xed});

    private byte[] in;
    private int at;
    private boolean explicit;
    private boolean bigEndian;
    private final List<Element> fragments = new ArrayList<>();

    private Parser(byte[] in) {
        this.in = in;
    }

    /** Whether these first bytes are plainly DICOM's. */
    static boolean is(byte[] head) {
        return hasPreamble(head) || bare(head) != null;
    }

    static DataElements parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw Refusals.damaged("a file of " + bytes.length + " bytes; at most " + MAX_BYTES + " are read");
        }
        return new Parser(bytes).file();
    }

    private static boolean hasPreamble(byte[] b) {
        return b.length >= PREAMBLE + 4 && b[PREAMBLE] == 'D' && b[PREAMBLE + 1] == 'I' && b[PREAMBLE + 2] == 'C' && b[PREAMBLE + 3] == 'M';
    }

    /** The encoding that a file without preamble begins in, null when it is none: its first element has to be of a group that comes first. */
    private static String bare(byte[] b) {
        if (b.length < 12) {
            return null;
        }
        String vr = "" + (char) (b[4] & 0xff) + (char) (b[5] & 0xff);
        boolean known = LONG.contains(vr) || SHORT.contains(vr);
        if (b[1] == 0 && b[3] == 0 && (b[0] == 2 || b[0] == 8)) {
            int length = (b[4] & 0xff) | (b[5] & 0xff) << 8 | (b[6] & 0xff) << 16 | (b[7] & 0xff) << 24;
            return known ? EXPLICIT : b[0] == 8 && length > 0 && length <= 64 && length % 2 == 0 ? IMPLICIT : null;
        }
        return b[0] == 0 && b[1] == 8 && b[2] == 0 && known ? BIG_ENDIAN : null;
    }

    private DataElements file() {
        String syntax;
        if (hasPreamble(in)) {
            for (byte[] start : HIDDEN) {
                if (java.util.Arrays.equals(start, 0, start.length, in, 0, start.length)) {
                    throw Refusals.damaged("its preamble is the beginning of another kind of file, which could be run or opened as such");
                }
            }
            at = PREAMBLE + 4;
            syntax = meta();
        } else {
            syntax = bare(in);
            if (syntax == null) {
                throw Refusals.damaged("neither a preamble nor elements: it is another format");
            }
            if (in[0] == 2) {
                syntax = meta();
            }
        }
        if (syntax.equals(DEFLATED)) {
            in = inflate();
            at = 0;
        }
        explicit = !syntax.equals(IMPLICIT);
        bigEndian = syntax.equals(BIG_ENDIAN);
        Map<Integer, Element> elements = new HashMap<>();
        while (at < in.length) {
            int tag = tag();
            Element e = element(tag, 0);
            if (tag >>> 16 == 0xfffe) {
                throw Refusals.damaged("element " + Tags.text(tag) + " does not belong where it stands");
            }
            if (elements.put(tag, e) != null) {
                throw Refusals.damaged("element " + Tags.text(tag) + " stands twice");
            }
        }
        return new DataElements(in, bigEndian, syntax, elements, List.copyOf(fragments));
    }

    /** The group 0002, which is explicit little endian whatever follows. */
    private String meta() {
        explicit = true;
        Map<Integer, Element> meta = new HashMap<>();
        while (in.length - at >= 8 && (in[at] & 0xff) == 2 && in[at + 1] == 0) {
            int tag = tag();
            if (meta.put(tag, element(tag, 0)) != null) {
                throw Refusals.damaged("element " + Tags.text(tag) + " stands twice");
            }
        }
        String syntax = new DataElements(in, false, "", meta, List.of()).text(Tags.TRANSFER_SYNTAX);
        if (syntax.isEmpty()) {
            throw Refusals.damaged("its file meta information names no transfer syntax");
        }
        if (!syntax.matches("[0-9.]{5,64}")) {
            throw Refusals.damaged("its transfer syntax is no UID");
        }
        return syntax;
    }

    private byte[] inflate() {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(in, at, in.length - at);
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            byte[] buffer = new byte[1 << 16];
            while (!inflater.finished()) {
                int n = inflater.inflate(buffer);
                if (n == 0 && !inflater.finished()) {
                    throw Refusals.damaged("its deflated data are cut short");
                }
                if (out.size() + n > MAX_BYTES) {
                    throw Refusals.damaged("its deflated data become more than " + MAX_BYTES + " bytes");
                }
                out.write(buffer, 0, n);
            }
            if (inflater.getRemaining() > 1) {
                throw Refusals.damaged(inflater.getRemaining() + " bytes behind the end of its deflated data");
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            throw Refusals.damaged("its deflated data can't be decompressed");
        } finally {
            inflater.end();
        }
    }

    private int need(int bytes) {
        if (in.length - at < bytes) {
            throw Refusals.damaged("cut short: " + bytes + " bytes wanted at " + at + ", " + (in.length - at) + " left");
        }
        at += bytes;
        return at - bytes;
    }

    private int u16() {
        int i = need(2);
        int a = in[i] & 0xff;
        int b = in[i + 1] & 0xff;
        return bigEndian ? a << 8 | b : b << 8 | a;
    }

    private int i32() {
        int a = u16();
        int b = u16();
        return bigEndian ? a << 16 | b : b << 16 | a;
    }

    private int tag() {
        int group = u16();
        return group << 16 | u16();
    }

    private static boolean big(int length) {
        return length < 0;
    }

    /** The rest of an element whose tag has been read; goes behind it. */
    private Element element(int tag, int depth) {
        String vr = "??";
        int length;
        if (explicit) {
            int i = need(2);
            vr = "" + (char) (in[i] & 0xff) + (char) (in[i + 1] & 0xff);
            if (LONG.contains(vr)) {
                need(2);
                length = i32();
            } else if (SHORT.contains(vr)) {
                length = u16();
            } else {
                throw Refusals.damaged("element " + Tags.text(tag) + " at byte " + (i - 4) + " has no known kind of value");
            }
        } else {
            length = i32();
        }
        if (length == UNDEFINED) {
            int from = at;
            if (tag == Tags.PIXELS) {
                if (depth == 0) {
                    readFragments();
                } else {
                    skipFragments();
                }
                return new Element(vr, from, at - from);
            }
            if (explicit && !vr.equals("SQ") && !vr.equals("UN")) {
                throw Refusals.damaged("element " + Tags.text(tag) + " has no length, though it is no sequence");
            }
            boolean outer = explicit;
            explicit = explicit && !vr.equals("UN");
            items(depth + 1);
            explicit = outer;
            return new Element("SQ", from, at - from);
        }
        if (big(length) || length > in.length - at) {
            throw Refusals.damaged("element " + Tags.text(tag) + " claims " + Integer.toUnsignedString(length) + " bytes, "
                    + (in.length - at) + " are left");
        }
        return new Element(vr, need(length), length);
    }

    /** A sequence of undefined length. */
    private void items(int depth) {
        if (depth > MAX_DEPTH) {
            throw Refusals.damaged("sequences within sequences, more than " + MAX_DEPTH + " deep");
        }
        while (true) {
            int tag = tag();
            int length = i32();
            if (tag == Tags.SEQUENCE_END) {
                return;
            }
            if (tag != Tags.ITEM) {
                throw Refusals.damaged("element " + Tags.text(tag) + " where an item should begin");
            }
            if (length != UNDEFINED) {
                if (big(length)) {
                    throw Refusals.damaged("an item claims " + Integer.toUnsignedString(length) + " bytes");
                }
                need(length);
                continue;
            }
            for (int inner = tag(); inner != Tags.ITEM_END; inner = tag()) {
                if (inner >>> 16 == 0xfffe) {
                    throw Refusals.damaged("a delimiter " + Tags.text(inner) + " inside an item");
                }
                element(inner, depth);
            }
            i32();
        }
    }

    private void readFragments() {
        while (true) {
            int tag = tag();
            int length = i32();
            if (tag == Tags.SEQUENCE_END) {
                return;
            }
            if (tag != Tags.ITEM || big(length) || length > in.length - at) {
                throw Refusals.damaged("its compressed pixel data are cut short, or broken at byte " + (at - 8));
            }
            fragments.add(new Element("OB", need(length), length));
        }
    }

    private void skipFragments() {
        int kept = fragments.size();
        readFragments();
        fragments.subList(kept, fragments.size()).clear();
    }
}
