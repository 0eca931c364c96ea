package org.wherefore.connector.csv.internal;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.wherefore.api.data.Location;

/**
 * Text of a plain or gzipped file that refuses malformed bytes with file and line instead of replacing them, drops a byte
 * order mark, and gives lines of bounded length. One thread.
 *
 * <p>Failures are {@code WhereforeException} with {@code BAD_DATA}.
 */
final class StrictReader extends Reader {
    /** Longest line or record, in characters. */
    static final int MAX_LINE = 16 * 1024 * 1024;

    private final String file;
    private final InputStream in;
    private final Charset charset;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(64 * 1024).flip();
    private final CharBuffer chars = CharBuffer.allocate(64 * 1024).flip();
    private boolean end;
    private boolean flushed;
    private boolean started;
    private long decodedLine = 1;
    private long line;

    private StrictReader(String file, InputStream in, Charset charset) {
        this.file = file;
        this.in = in;
        this.charset = charset;
        this.decoder = charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    static StrictReader open(Path path, Charset charset) {
        return new StrictReader(path.toString(), openBytes(path), charset);
    }

    /** The file's bytes, unzipped when it starts like a gzip file. */
    static InputStream openBytes(Path path) {
        Location at = new Location(path.toString(), 0);
        if (!Files.isRegularFile(path)) {
            throw Failures.badData(at, Files.exists(path) ? "is not a regular file" : "no such file", null);
        }
        InputStream raw = null;
        try {
            raw = new BufferedInputStream(Files.newInputStream(path), 64 * 1024);
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            if (!gzip && path.getFileName().toString().endsWith(".gz")) {
                raw.close();
                throw Failures.badData(at, "is named .gz but is not a gzip file", null);
            }
            return gzip ? new GZIPInputStream(raw, 64 * 1024) : raw;
        } catch (IOException e) {
            if (raw != null) {
                try {
                    raw.close();
                } catch (IOException suppressed) {
                    e.addSuppressed(suppressed);
                }
            }
            throw Failures.badData(at, "can't be read: expected a readable plain or gzip file", e);
        }
    }

    @Override
    public int read(char[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!chars.hasRemaining() && !fill()) {
            return -1;
        }
        int n = Math.min(length, chars.remaining());
        chars.get(target, offset, n);
        return n;
    }

    private boolean fill() {
        while (!flushed) {
            chars.clear();
            CoderResult result = decoder.decode(bytes, chars, end);
            if (result.isUnderflow() && end) {
                result = decoder.flush(chars);
                flushed = result.isUnderflow();
            }
            chars.flip();
            for (int i = chars.position(); i < chars.limit(); i++) {
                if (chars.get(i) == '\n') {
                    decodedLine++;
                }
            }
            if (chars.hasRemaining()) {
                if (!started) {
                    started = true;
                    if (chars.get(chars.position()) == '\uFEFF') {
                        chars.get();
                    }
                }
                if (chars.hasRemaining()) {
                    return true;
                }
            }
            if (result.isError()) {
                StringBuilder hex = new StringBuilder();
                for (int i = 0; i < result.length(); i++) {
                    hex.append(String.format("%02X ", bytes.get(bytes.position() + i)));
                }
                throw Failures.badData(new Location(file, decodedLine), "expected " + charset.name() + " text, got the bytes "
                        + hex.toString().trim() + "; set the option 'encoding', such as ISO-8859-1", null);
            }
            if (result.isUnderflow() && !end) {
                bytes.compact();
                try {
                    int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
                    if (n < 0) {
                        end = true;
                    } else {
                        bytes.position(bytes.position() + n);
                    }
                } catch (ZipException | EOFException e) {
                    throw Failures.badData(new Location(file, decodedLine), "damaged or cut gzip file", e);
                } catch (IOException e) {
                    throw Failures.badData(new Location(file, decodedLine), "can't be read further", e);
                }
                bytes.flip();
            }
        }
        return false;
    }

    /** The next line without its end, null at the end of the file. Don't mix with {@link #read}. */
    String readLine() {
        StringBuilder text = null;
        while (true) {
            if (!chars.hasRemaining() && !fill()) {
                if (text == null) {
                    return null;
                }
                line++;
                return strip(text);
            }
            if (text == null) {
                text = new StringBuilder(128);
            }
            int from = chars.position();
            int at = from;
            while (at < chars.limit() && chars.get(at) != '\n') {
                at++;
            }
            text.append(chars.array(), chars.arrayOffset() + from, at - from);
            if (text.length() > MAX_LINE) {
                throw Failures.badData(new Location(file, line + 1), "expected lines of at most " + MAX_LINE + " characters", null);
            }
            boolean complete = at < chars.limit();
            chars.position(complete ? at + 1 : at);
            if (complete) {
                line++;
                return strip(text);
            }
        }
    }

    private static String strip(StringBuilder text) {
        int n = text.length();
        return text.substring(0, n > 0 && text.charAt(n - 1) == '\r' ? n - 1 : n);
    }

    /** Number of the line that {@link #readLine} gave last. */
    long line() {
        return line;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // Read only: nothing is lost.
        }
    }
}
