package org.wherefore.extractor.table.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * How this bundle writes bytes that it will read again: a magic number, a version, the content, and a CRC-32 of it all, big endian;
 * texts as length and UTF-8. Whatever is not that is refused as {@code BAD_DATA}. Stateless.
 */
final class Checked {
    private static final int MAX_COUNT = 100_000_000;
    private static final int MAX_TEXT = 1 << 20;

    private Checked() {}

    interface Writing {
        void to(DataOutputStream data) throws IOException;
    }

    interface Reading<T> {
        /** @throws IllegalArgumentException when what is read contradicts itself */
        T from(DataInputStream data) throws IOException;
    }

    /** Writes and flushes; the stream stays open. */
    static void write(OutputStream out, int magic, int version, Writing content) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32());
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(checked, 1 << 16));
        data.writeInt(magic);
        data.writeInt(version);
        content.to(data);
        data.flush();
        data.writeLong(checked.getChecksum().getValue());
        data.flush();
    }

    /** Reads to the end of the stream, which stays open. */
    static <T> T read(InputStream in, int magic, int version, String what, Reading<T> content) {
        CRC32 sum = new CRC32();
        // Unbuffered below the sum, so that it covers what was read and no byte more.
        DataInputStream data = new DataInputStream(new CheckedInputStream(new BufferedInputStream(in, 1 << 16), sum));
        try {
            if (data.readInt() != magic || data.readInt() != version) {
                throw bad(what, "they don't begin as what extractor 'table' writes in version " + version, null);
            }
            T read = content.from(data);
            long expected = sum.getValue();
            if (data.readLong() != expected || data.read() >= 0) {
                throw bad(what, "the sum at the end is another: bytes were changed, lost or added", null);
            }
            return read;
        } catch (EOFException e) {
            throw bad(what, "cut short", e);
        } catch (CharacterCodingException e) {
            throw bad(what, "a text is not UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw bad(what, e.getMessage(), e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, what + " can't be read", e);
        }
    }

    private static WhereforeException bad(String what, String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, null, what + ": " + message, cause);
    }

    static int count(int count) {
        if (count < 0 || count > MAX_COUNT) {
            throw new IllegalArgumentException("a count of " + count + ", expected 0 to " + MAX_COUNT);
        }
        return count;
    }

    static void text(DataOutputStream data, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        if (bytes.remaining() > MAX_TEXT) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "a text of " + bytes.remaining() + " bytes can't be stored; at most " + MAX_TEXT);
        }
        data.writeInt(bytes.remaining());
        data.write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
    }

    static String text(DataInputStream data) throws IOException {
        int length = data.readInt();
        if (length < 0 || length > MAX_TEXT) {
            throw new IllegalArgumentException("a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        data.readFully(bytes);
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    static void texts(DataOutputStream data, List<String> texts) throws IOException {
        data.writeInt(texts.size());
        for (String text : texts) {
            text(data, text);
        }
    }

    static List<String> texts(DataInputStream data) throws IOException {
        int count = count(data.readInt());
        List<String> texts = new ArrayList<>(Math.min(count, 1 << 16));
        for (int i = 0; i < count; i++) {
            texts.add(text(data));
        }
        return texts;
    }
}
