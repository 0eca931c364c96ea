package org.wherefore.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes small bundles and feature archives to install, update and remove. */
public final class ProbeBundles {
    private ProbeBundles() {}

    /** A bundle that offers a strategy. @param name of the strategy @param version of bundle and strategy */
    public static byte[] explainer(String symbolicName, String name, String version) throws IOException {
        return bundle(symbolicName, version, "ProbeExplainer", "org.wherefore.api.explain.spi.Explainer", "org.wherefore.api,org.wherefore.api.explain,"
                + "org.wherefore.api.explain.spi,org.wherefore.api.feature,org.wherefore.api.model,org.wherefore.api.model.spi",
                "name=" + name + "\nversion=" + version + "\n");
    }

    /** A bundle that offers the domain {@code probe}. */
    public static byte[] pack(String symbolicName, String version) throws IOException {
        return bundle(symbolicName, version, "ProbePack", "org.wherefore.api.domain.spi.DomainPack",
                "org.wherefore.api,org.wherefore.api.data,org.wherefore.api.domain.spi", "version=" + version + "\n");
    }

    private static byte[] bundle(String symbolicName, String version, String implementation, String service, String imports, String properties) throws IOException {
        Manifest m = new Manifest();
        Map<String, String> headers = new TreeMap<>(Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", symbolicName, "Bundle-Version", version,
                "Service-Component", "OSGI-INF/probe.xml", "Import-Package", imports));
        m.getMainAttributes().putValue("Manifest-Version", "1.0");
        headers.forEach(m.getMainAttributes()::putValue);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // By name: the probes implement what is not on this class path.
        String path = ProbeBundles.class.getPackageName().replace('.', '/') + "/probe/" + implementation + ".class";
        try (JarOutputStream out = new JarOutputStream(bytes, m); InputStream in = ProbeBundles.class.getClassLoader().getResourceAsStream(path)) {
            out.putNextEntry(new JarEntry(path));
            in.transferTo(out);
            out.putNextEntry(new JarEntry("probe.properties"));
            out.write(properties.getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("OSGI-INF/probe.xml"));
            out.write(("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.4.0\" name=\"" + symbolicName + "\" immediate=\"true\"><implementation class=\""
                    + ProbeBundles.class.getPackageName() + ".probe." + implementation + "\"/><service><provide interface=\"" + service + "\"/></service></scr:component>")
                    .getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** An archive of a feature. @param bundles artifact to jar; all have the feature's version */
    public static byte[] feature(String name, String version, Map<String, byte[]> bundles, String... requires) throws IOException {
        StringBuilder json = new StringBuilder("{\"feature-resource-version\":\"1.0\",\"id\":\"com.example:" + name + ":" + version + "\",\"bundles\":[");
        String comma = "";
        for (String b : bundles.keySet()) {
            json.append(comma).append("{\"id\":\"com.example:").append(b).append(':').append(version).append("\"}");
            comma = ",";
        }
        json.append("],\"extensions\":{\"wherefore-requires\":{\"type\":\"text\",\"text\":[");
        comma = "";
        for (String r : requires) {
            json.append(comma).append('"').append(r).append('"');
            comma = ",";
        }
        json.append("]}}}");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("feature.json"));
            zip.write(json.toString().getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> b : bundles.entrySet()) {
                zip.putNextEntry(new ZipEntry("bundles/" + b.getKey() + "-" + version + ".jar"));
                zip.write(b.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
