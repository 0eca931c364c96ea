package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.wherefore.api.WhereforeException;

/**
 * How a zip from outside has to be put together before anything else looks at it. Reads every entry to its end, in constant memory, and
 * stops at the first rule that is broken: sizes that an archive claims are not believed.
 *
 * @param what it is, for messages
 * @param entries most of them
 * @param unpacked most bytes of all entries together
 * @param names what entries may be called, in words and as a pattern; null for anything harmless
 */
record JarRules(String what, int entries, long unpacked, String words, Pattern names) {
    /** A plugin, or a bundle of a feature. */
    static final JarRules BUNDLE = new JarRules("bundle", 4_096, 256L << 20, null, null);
    /** A feature with its bundles. */
    static final JarRules ARCHIVE = new JarRules("feature archive", 256, 512L << 20, "feature.json and bundles/NAME.jar",
            Pattern.compile("feature\\.json|bundles/|bundles/[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\\.jar"));
    /** Manifest and signatures are read into memory by those who verify them. */
    private static final long MANIFEST = 4L << 20;
    private static final long RATIO = 200;
    /** Below this an entry may be packed as tightly as it likes. */
    private static final long SMALL = 1L << 20;
    private static final int LONGEST = 512;

    /** @throws WhereforeException {@code INVALID_INPUT} naming the rule */
    void check(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.size() > entries) {
                throw broken("entry-count", "it has " + zip.size() + " entries, and a " + what + " at most " + entries);
            }
            Set<String> seen = new HashSet<>();
            long all = 0;
            byte[] buffer = new byte[1 << 16];
            for (Iterator<? extends ZipEntry> i = zip.entries().asIterator(); i.hasNext();) {
                ZipEntry e = i.next();
                name(e.getName());
                if (!seen.add(e.getName())) {
                    throw broken("duplicate-entry", "it has the entry '" + shown(e.getName()) + "' twice");
                }
                long size = 0;
                long most = e.getName().toUpperCase(Locale.ROOT).startsWith("META-INF/") && e.getName().indexOf('/', 9) < 0 ? MANIFEST : Long.MAX_VALUE;
                try (InputStream in = zip.getInputStream(e)) {
                    for (int n; (n = in.read(buffer)) >= 0;) {
                        size += n;
                        all += n;
                        if (all > unpacked) {
                            throw broken("unpacked-size", "its entries hold more than " + (unpacked >> 20) + " MiB");
                        }
                        if (size > most) {
                            throw broken("manifest-size", "'" + shown(e.getName()) + "' holds more than " + (MANIFEST >> 20) + " MiB");
                        }
                        if (size > SMALL && size > RATIO * Math.max(1, e.getCompressedSize())) {
                            throw broken("compression-ratio", "'" + shown(e.getName()) + "' unpacks to more than " + RATIO + " times its size");
                        }
                    }
                }
            }
        } catch (ZipException e) {
            throw broken("readable", "this is not a jar (" + e.getMessage() + ")");
        } catch (IOException | IllegalArgumentException e) {
            throw broken("readable", "this is not a jar that can be read to its end (" + e.getMessage() + ")");
        }
    }

    private void name(String name) {
        if (name.startsWith("/") || name.contains("\\") || name.matches("(?s)[A-Za-z]:.*") || ("/" + name + "/").contains("/../") || ("/" + name + "/").contains("/./")) {
            throw broken("zip-slip", "its entry '" + shown(name) + "' leads out of the folder it is unpacked to");
        }
        if (name.isEmpty() || name.length() > LONGEST || name.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw broken("entry-name", "its entry '" + shown(name) + "' has a name with control characters, or of more than " + LONGEST);
        }
        if (names != null && !names.matcher(name).matches()) {
            throw broken("entry-name", "it has the entry '" + shown(name) + "', and a " + what + " holds " + words + " only");
        }
    }

    private static String shown(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
    }

    private WhereforeException broken(String rule, String words) {
        return WhereforeException.invalid(null, words + " (rule '" + rule + "' of a " + what + ")");
    }
}
