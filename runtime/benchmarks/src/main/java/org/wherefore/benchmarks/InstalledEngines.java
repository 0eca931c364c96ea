package org.wherefore.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.wherefore.api.model.spi.Engine;

/**
 * The engines of a distribution's bundles without a framework: those whose component needs nothing else. Each bundle has a class
 * loader of its own with the libraries inside it and all of the repository that is not the platform's.
 */
final class InstalledEngines {
    private static final Pattern IMPLEMENTATION = Pattern.compile("implementation class=\"([^\"]+)\"");

    private InstalledEngines() {}

    /**
     * By name.
     *
     * @param distribution the folder that has the folder {@code repository}
     * @throws IllegalArgumentException when there is none
     */
    static Map<String, Engine> find(Path distribution) throws IOException {
        Path repository = distribution.resolve("repository");
        if (!Files.isDirectory(repository)) {
            throw new IllegalArgumentException("no bundles in " + repository + "; run './wherefore bench fraud' in a source checkout");
        }
        List<Path> jars;
        try (Stream<Path> all = Files.walk(repository)) {
            jars = all.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        }
        List<URL> libraries = new ArrayList<>();
        for (Path jar : jars) {
            if (!jar.startsWith(repository.resolve("org/wherefore"))) {
                libraries.add(jar.toUri().toURL());
            }
        }
        Map<String, Engine> out = new TreeMap<>();
        for (Path jar : jars) {
            for (Engine engine : of(jar, libraries)) {
                out.put(engine.name(), engine);
            }
        }
        return out;
    }

    private static List<Engine> of(Path bundle, List<URL> libraries) throws IOException {
        List<String> implementations = new ArrayList<>();
        List<URL> urls = new ArrayList<>();
        urls.add(bundle.toUri().toURL());
        try (JarFile jar = new JarFile(bundle.toFile())) {
            for (String component : header(jar, "Service-Component")) {
                ZipEntry entry = jar.getEntry(component);
                String xml = entry == null ? "" : new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                Matcher m = IMPLEMENTATION.matcher(xml);
                if (xml.contains("interface=\"" + Engine.class.getName() + "\"") && !xml.contains("<reference ") && m.find()) {
                    implementations.add(m.group(1));
                }
            }
            for (String inner : implementations.isEmpty() ? List.<String>of() : header(jar, "Bundle-ClassPath")) {
                ZipEntry entry = inner.endsWith(".jar") ? jar.getEntry(inner) : null;
                if (entry != null) {
                    Path file = Files.createTempFile("wherefore-bench", ".jar");
                    file.toFile().deleteOnExit();
                    try (InputStream in = jar.getInputStream(entry)) {
                        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                    }
                    urls.add(file.toUri().toURL());
                }
            }
        }
        urls.addAll(libraries);
        List<Engine> out = new ArrayList<>();
        if (!implementations.isEmpty()) {
            // Open as long as the process: engines load classes when they train.
            ClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), InstalledEngines.class.getClassLoader());
            for (String implementation : implementations) {
                try {
                    out.add((Engine) Class.forName(implementation, true, loader).getConstructor().newInstance());
                } catch (ReflectiveOperationException | LinkageError e) {
                    throw new IllegalStateException(implementation + " of " + bundle + " can't be made: " + e, e);
                }
            }
        }
        return out;
    }

    private static List<String> header(JarFile jar, String name) throws IOException {
        String value = jar.getManifest() == null ? null : jar.getManifest().getMainAttributes().getValue(name);
        return value == null ? List.of() : List.of(value.split("\\s*,\\s*"));
    }
}
