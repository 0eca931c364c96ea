package org.wherefore.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rule 1 of who may import whom: what the compiled api refers to, as jdeps sees it. */
class ApiDependenciesTest {
    private static final Pattern REFERENCE = Pattern.compile("->\\s+(\\S+)");

    @Test
    void refersToTheJavaPlatformAndOsgiAnnotationsOnly() throws Exception {
        Path classes = Path.of(WhereforeException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int rc = java.util.spi.ToolProvider.findFirst("jdeps").orElseThrow(() -> new AssertionError("no jdeps: build with a JDK"))
                .run(new PrintWriter(out), new PrintWriter(err), "-verbose:package", "-filter:none", classes.toString());
        assertThat(rc).as("%s%s", out, err).isZero();
        Set<String> packages = new TreeSet<>();
        for (Matcher m = REFERENCE.matcher(out.toString()); m.find();) {
            packages.add(m.group(1));
        }
        packages.removeIf(p -> p.equals("java.base") || p.equals("not") || p.equals(classes.getFileName().toString()));
        assertThat(packages).as("packages that the api refers to").contains("java.util", "org.wherefore.api")
                .allMatch(p -> p.startsWith("java.") || p.equals("org.wherefore.api") || p.startsWith("org.wherefore.api.")
                        || p.startsWith("org.osgi.annotation."));
    }
}
