package org.wherefore.cli.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.osgi.resource.CapReqBuilder;
import aQute.bnd.osgi.resource.ResourceBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.resource.Capability;
import org.wherefore.cli.plugin.internal.probe.ProbeConnector;

class VerifierTest {
    private static final String COMPONENT = "OSGI-INF/probe.xml";
    private static final String IMPORTS = "org.wherefore.api;version=\"[1.0,2)\",org.wherefore.api.data;version=\"[1.0,2)\","
            + "org.wherefore.api.data.spi;version=\"[1.0,2)\"";
    private static final String CLASS = ProbeConnector.class.getName().replace('.', '/') + ".class";
    @TempDir
    Path folder;
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of("Manifest-Version", "1.0", "Bundle-ManifestVersion", "2",
            "Bundle-SymbolicName", "com.example.probe", "Bundle-Version", "1.2.3", "Import-Package", IMPORTS, "Service-Component", COMPONENT,
            "Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\""));
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    VerifierTest() throws IOException {
        files.put(CLASS, bytes(ProbeConnector.class));
        files.put(COMPONENT, component("org.wherefore.api.data.spi.DataConnector", ProbeConnector.class.getName()));
    }

    @Test
    void aSoundPluginFitsAndIsDescribed() throws Exception {
        Verifier.Report report = verify();
        assertThat(report.problems()).isEmpty();
        assertThat(report.found()).anyMatch(f -> f.startsWith("com.example.probe 1.2.3, ")).contains("offers DataConnector, by " + ProbeConnector.class.getName());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "Bundle-SymbolicName | -                                          | it is no OSGi bundle",
        "Bundle-SymbolicName | org.wherefore.core                         | is that of a bundle of the platform",
        "Export-Package      | com.example.probe                          | it exports com.example.probe; a plugin offers services",
        "Require-Bundle      | org.wherefore.core                         | it requires the bundle org.wherefore.core",
        "Fragment-Host       | org.wherefore.core                         | it is a fragment of org.wherefore.core",
        "Service-Component   | -                                          | it has no service component of a plugin kind",
        "Service-Component   | OSGI-INF/other.xml                         | names the service component OSGI-INF/other.xml, which is not in the jar",
        "Import-Package      | -                                          | uses org.wherefore.api, which it neither contains nor imports",
        "Require-Capability  | osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\" | it needs another Java",
        "Require-Capability  | com.example.moon                           | it needs a capability that nobody on this platform provides: com.example.moon",
        "Private-Imports     | org.wherefore.core.internal                | it imports org.wherefore.core.internal, which is internal",
        "Private-Imports     | org.wherefore.tck;resolution:=optional     | keep testkit and tck in test scope",
        "Private-Imports     | org.wherefore.api.magic                    | it imports org.wherefore.api.magic, a package that the api does not have",
        "Private-Imports     | org.apache.commons.math3                   | embed the library that has it",
        "Private-Imports     | org.wherefore.api.explain;version=\"[2.0,3)\" | but this platform exports 1.0.0; build it against this platform's SDK"})
    void whatDoesNotFitIsSaidInWords(String header, String value, String words) throws Exception {
        if (header.equals("Private-Imports")) {
            headers.put("Import-Package", IMPORTS + "," + value);
        } else if (value == null) {
            headers.remove(header);
        } else {
            headers.put(header, value);
        }
        assertThat(verify().problems()).anyMatch(p -> p.contains(words));
    }

    @Test
    void aClassForANewerJavaIsNamed() throws Exception {
        byte[] patched = bytes(ProbeConnector.class);
        patched[7] = (byte) (44 + 99);
        files.put(CLASS, patched);
        assertThat(verify().problems()).anyMatch(p -> p.contains("ProbeConnector.class was compiled for Java 99"));
    }

    @Test
    void aComponentOfAnotherKindOrClassIsNamed() throws Exception {
        files.put(COMPONENT, component("java.lang.Runnable", "com.example.Gone"));
        assertThat(verify().problems()).anyMatch(p -> p.contains("is implemented by com.example.Gone, which is not in the jar"))
                .anyMatch(p -> p.contains("it has no service component of a plugin kind"));
    }

    @Test
    void aCopyOfTheApiIsRefused() throws Exception {
        files.put("org/wherefore/api/Support.class", bytes(org.wherefore.api.Support.class));
        assertThat(verify().problems()).anyMatch(p -> p.contains("contains org.wherefore.api, a copy of its own"));
    }

    @Test
    void aFileThatIsNoJarIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("x.jar"), "hello");
        assertThat(new Verifier(offers()).verify(file).problems()).singleElement().asString().contains("it");
    }

    private Verifier.Report verify() throws Exception {
        Path file = folder.resolve("probe.jar");
        Manifest manifest = new Manifest();
        headers.forEach((k, v) -> manifest.getMainAttributes().putValue(k, v));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            for (Map.Entry<String, byte[]> f : files.entrySet()) {
                out.putNextEntry(new JarEntry(f.getKey()));
                out.write(f.getValue());
            }
        }
        return new Verifier(offers()).verify(file);
    }

    private static Offers offers() throws Exception {
        ResourceBuilder api = new ResourceBuilder();
        api.addManifest(new Manifest(new ByteArrayInputStream(("Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: org.wherefore.api\n"
                + "Export-Package: org.wherefore.api;version=1.0.0,org.wherefore.api.data;version=1.0.0,\n org.wherefore.api.data.spi;version=1.0.0,"
                + "org.wherefore.api\n .explain;version=1.0.0\n").getBytes(StandardCharsets.UTF_8))));
        List<Capability> all = new ArrayList<>(api.build().getCapabilities(null));
        all.add(new CapReqBuilder("osgi.ee").addAttribute("osgi.ee", "JavaSE").addAttribute("version", List.of(new org.osgi.framework.Version("17")))
                .buildSyntheticCapability());
        return new Offers(all, Set.of("org.wherefore.api", "org.wherefore.core"));
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getClassLoader().getResourceAsStream(type.getName().replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }

    private static byte[] component(String service, String type) {
        return ("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"x\"><service><provide interface=\"" + service
                + "\"/></service><implementation class=\"" + type + "\"/></scr:component>").getBytes(StandardCharsets.UTF_8);
    }
}
