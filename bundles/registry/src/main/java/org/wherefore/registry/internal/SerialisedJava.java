package org.wherefore.registry.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** Finds entries that are Java objects (they begin with AC ED 00 05), be it inside gzip: whoever reads such a thing runs its code. */
final class SerialisedJava {
    private static final int MOST_LAYERS = 4;

    private SerialisedJava() {}

    /** @throws WhereforeException {@code BAD_DATA} naming the entry */
    static void refuse(DiskModelRegistry owner, String what, Path folder, Set<String> entries) {
        for (String entry : entries) {
            try (InputStream in = Files.newInputStream(folder.resolve(entry))) {
                String found = found(in, 0);
                if (found != null) {
                    throw new WhereforeException(ErrorCode.BAD_DATA, "entry '" + entry + "' of " + what + " " + found
                            + "; such entries are never loaded, train the model with an engine that writes data");
                }
            } catch (IOException e) {
                throw owner.storage("reading '" + entry + "' of " + what, e);
            }
        }
    }

    /** What is wrong, or null. */
    private static String found(InputStream in, int layers) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 512);
        buffered.mark(4);
        byte[] head = buffered.readNBytes(4);
        if (head.length == 4 && head[0] == (byte) 0xAC && head[1] == (byte) 0xED && head[2] == 0 && head[3] == 5) {
            return "is a serialised Java object" + (layers == 0 ? "" : " inside gzip");
        }
        if (head.length < 2 || head[0] != (byte) 0x1F || head[1] != (byte) 0x8B) {
            return null;
        }
        if (layers == MOST_LAYERS) {
            return "is compressed more than " + MOST_LAYERS + " times, so that nobody can say what it is";
        }
        buffered.reset();
        try {
            return found(new GZIPInputStream(buffered), layers + 1);
        } catch (IOException noGzip) {
            return null;
        }
    }
}
