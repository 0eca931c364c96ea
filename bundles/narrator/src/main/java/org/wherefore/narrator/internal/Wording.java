package org.wherefore.narrator.internal;

import com.ibm.icu.text.MessageFormat;
import com.ibm.icu.util.ULocale;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** The patterns of one domain in one language: its own over the generic ones. Immutable. */
final class Wording {
    private final Map<String, String> patterns = new HashMap<>();

    /** @param domain a domain's name; one without a file of its own, or that is no file name, has the generic wording */
    static Wording of(String domain, String language) {
        Wording wording = new Wording();
        wording.add("claims", language);
        if (hasOwn(domain)) {
            wording.add(domain, language);
        }
        return wording;
    }

    static boolean hasOwn(String domain) {
        return domain.matches("[a-z0-9][a-z0-9-]{0,63}") && Wording.class.getResource(file(domain, "en")) != null;
    }

    private static String file(String name, String language) {
        return "/messages/" + name + "_" + language + ".properties";
    }

    private void add(String name, String language) {
        try (InputStream in = Wording.class.getResourceAsStream(file(name, language))) {
            if (in != null) {
                Properties read = new Properties();
                read.load(new InputStreamReader(in, StandardCharsets.UTF_8));
                read.forEach((k, v) -> patterns.put((String) k, (String) v));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, String> patterns() {
        return patterns;
    }

    boolean has(String key) {
        return patterns.containsKey(key);
    }

    /** The pattern as it stands. */
    String text(String key) {
        return patterns.get(key);
    }

    /** Arguments are text or numbers; none of them is ever read as a pattern. */
    String format(String key, ULocale locale, Map<String, Object> arguments) {
        return new MessageFormat(patterns.get(key), locale).format(arguments);
    }
}
