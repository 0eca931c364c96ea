package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * An OSGi feature (OSGi Compendium, chapter 159) as the launcher needs it.
 *
 * @param name the folder's name, for a feature from outside the distribution its artifact; other features require it by this name
 * @param id {@code group:artifact:version}
 * @param requires names of features that come first (extension {@code wherefore-requires})
 * @param configurations PID to properties
 * @param onDemand whether it starts only when asked for (extension {@code wherefore-start} with the text {@code on-demand})
 * @param change when it may come and go (extension {@code wherefore-change})
 * @param file that it was read from; null when it was made by a test
 * @param title for people
 */
record Feature(String name, String id, List<Artifact> bundles, List<String> requires,
        Map<String, Map<String, String>> configurations, boolean onDemand, Change change, Path file, String title) {
    static final String FILE = "feature.json";
    private static final List<String> STARTS = List.of("always", "on-demand");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9.-]{0,63}");
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /** When a feature may be installed, updated or removed. */
    enum Change {
        RUNNING, STOPPED, NEVER;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Feature(String name, String id, List<Artifact> bundles, List<String> requires, Map<String, Map<String, String>> configurations,
            boolean onDemand) {
        this(name, id, bundles, requires, configurations, onDemand, Change.RUNNING, null, name);
    }

    /**
     * @param sha256 {@code sha256:} and hexadecimal digits, empty when the feature was not sealed
     * @param jar null for one in the distribution's repository
     */
    record Artifact(String id, String sha256, Path jar) {
        Artifact(String id, String sha256) {
            this(id, sha256, null);
        }

        String path() {
            String[] p = id.split(":");
            return p[0].replace('.', '/') + "/" + p[1] + "/" + p[2] + "/" + file();
        }

        /** As the jar is called. */
        String file() {
            String[] p = id.split(":");
            return p[1] + "-" + p[2] + ".jar";
        }

        Path in(Path repository) {
            return jar == null ? repository.resolve(path()) : jar;
        }
    }

    /** A feature of the distribution. @throws LaunchException naming file and field when it is not a feature */
    static Feature read(Path file) {
        return read(file, file.getParent().getFileName().toString());
    }

    /**
     * A feature from outside the distribution, with its jars in {@code bundles} beside it, in the repository folder two levels up, or in the
     * distribution; each gets its checksum.
     *
     * @param repository of the distribution
     * @throws LaunchException as {@link #read}, and naming a jar that is nowhere or is not the one it was built with
     */
    static Feature foreign(Path file, Path repository) {
        Feature f = read(file, null);
        if (!NAME.matcher(f.name).matches()) {
            throw new LaunchException(file + ": a feature's artifact is small letters, digits, '.' and '-', at most 64 characters, got '" + f.name + "'");
        }
        List<Artifact> bundles = new ArrayList<>();
        for (Artifact a : f.bundles) {
            Path beside = file.resolveSibling("bundles").resolve(a.file());
            Path local = file.toAbsolutePath().getParent().resolve("../../repository").resolve(a.path()).normalize();
            Path shipped = repository.resolve(a.path());
            Path jar = Files.exists(beside) ? beside : Files.exists(local) ? local : shipped;
            if (!Files.exists(jar)) {
                throw new LaunchException("feature '" + f.name + "' names the bundle " + a.id() + ", which is neither with it nor in the distribution: put it at "
                        + "bundles/" + a.file() + " beside its feature.json");
            }
            String sha256 = FeatureRuntime.sha256(jar);
            if (!a.sha256().isEmpty() && !a.sha256().equals(sha256)) {
                throw new LaunchException("the bundle " + a.id() + " is not the one that feature '" + f.name + "' was built with: " + jar.getFileName()
                        + " has the checksum " + sha256 + ", not " + a.sha256());
            }
            bundles.add(new Artifact(a.id(), sha256, jar.equals(shipped) ? null : jar));
        }
        return new Feature(f.name, f.id, List.copyOf(bundles), f.requires, f.configurations, f.onDemand, f.change, file, f.title);
    }

    /** @param name null to take the artifact's */
    private static Feature read(Path file, String name) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new LaunchException(file + " is not a readable feature: " + e.getMessage(), e);
        }
        String id = id(root, file + ": 'id'");
        List<Artifact> bundles = new ArrayList<>();
        for (JsonNode b : root.path("bundles")) {
            bundles.add(new Artifact(id(b, file + ": a bundle's id"), b.path("hash").asText("")));
        }
        List<String> requires = new ArrayList<>();
        root.path("extensions").path("wherefore-requires").path("text").forEach(t -> requires.add(t.asText()));
        String start = root.path("extensions").path("wherefore-start").path("text").path(0).asText(STARTS.get(0));
        if (!STARTS.contains(start)) {
            throw new LaunchException(file + ": 'wherefore-start' is one of " + STARTS + ", got '" + start + "'");
        }
        String change = root.path("extensions").path("wherefore-change").path("text").path(0).asText(Change.RUNNING.text());
        Change when = List.of(Change.values()).stream().filter(c -> c.text().equals(change)).findFirst().orElseThrow(() -> new LaunchException(file
                + ": 'wherefore-change' is one of [running, stopped, never], got '" + change + "'"));
        Map<String, Map<String, String>> configurations = new LinkedHashMap<>();
        root.path("configurations").fields().forEachRemaining(c -> {
            Map<String, String> properties = new LinkedHashMap<>();
            c.getValue().fields().forEachRemaining(p -> properties.put(p.getKey(), p.getValue().asText()));
            configurations.put(c.getKey(), properties);
        });
        String called = name == null ? id.split(":")[1] : name;
        return new Feature(called, id, bundles, requires, configurations, start.equals("on-demand"), when, file, root.path("name").asText(called));
    }

    private static String id(JsonNode node, String what) {
        String id = node.path("id").asText();
        String[] parts = id.split(":", -1);
        if (parts.length != 3 || !List.of(parts).stream().allMatch(p -> PART.matcher(p).matches() && !p.contains(".."))) {
            throw new LaunchException(what + " is group:artifact:version, got '" + (id.length() > 200 ? id.substring(0, 200) + "…" : id) + "'");
        }
        return id;
    }

    String version() {
        return id.split(":")[2];
    }

    /** The same feature made to start by itself. */
    Feature always() {
        return new Feature(name, id, bundles, requires, configurations, false, change, file, title);
    }

    Feature requiring(List<String> others) {
        return new Feature(name, id, bundles, others, configurations, onDemand, change, file, title);
    }

    /** Changes with everything that matters of it: ids, bytes and configurations. */
    String digest() {
        StringBuilder text = new StringBuilder(id);
        bundles.forEach(b -> text.append('\n').append(b.id()).append(' ').append(b.sha256()));
        text.append('\n').append(requires);
        new TreeMap<>(configurations).forEach((pid, p) -> text.append('\n').append(pid).append(' ').append(new TreeMap<>(p)));
        return FeatureRuntime.sha256(text.toString());
    }
}
