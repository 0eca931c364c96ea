package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * An OSGi feature (OSGi Compendium, chapter 159) as the launcher needs it.
 *
 * @param name the folder's name; other features require it by this name
 * @param id {@code group:artifact:version}
 * @param requires names of features that come first (extension {@code wherefore-requires})
 * @param configurations PID to properties
 * @param onDemand whether it starts only when asked for (extension {@code wherefore-start} with the text {@code on-demand})
 */
record Feature(String name, String id, List<Artifact> bundles, List<String> requires,
        Map<String, Map<String, String>> configurations, boolean onDemand) {
    private static final List<String> STARTS = List.of("always", "on-demand");

    /** @param sha256 hexadecimal, empty when the feature was not sealed */
    record Artifact(String id, String sha256) {
        String path() {
            String[] p = id.split(":");
            return p[0].replace('.', '/') + "/" + p[1] + "/" + p[2] + "/" + p[1] + "-" + p[2] + ".jar";
        }
    }

    /** @throws LaunchException naming file and field when it is not a feature */
    static Feature read(Path file) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new LaunchException(file + " is not a readable feature: " + e.getMessage(), e);
        }
        String id = root.path("id").asText();
        if (id.split(":").length != 3) {
            throw new LaunchException(file + ": 'id' is group:artifact:version, got '" + id + "'");
        }
        List<Artifact> bundles = new ArrayList<>();
        for (JsonNode b : root.path("bundles")) {
            String bundle = b.path("id").asText();
            if (bundle.split(":").length != 3 || bundle.contains("${")) {
                throw new LaunchException(file + ": a bundle's id is group:artifact:version, got '" + bundle + "'");
            }
            bundles.add(new Artifact(bundle, b.path("hash").asText("")));
        }
        List<String> requires = new ArrayList<>();
        root.path("extensions").path("wherefore-requires").path("text").forEach(t -> requires.add(t.asText()));
        String start = root.path("extensions").path("wherefore-start").path("text").path(0).asText(STARTS.get(0));
        if (!STARTS.contains(start)) {
            throw new LaunchException(file + ": 'wherefore-start' is one of " + STARTS + ", got '" + start + "'");
        }
        Map<String, Map<String, String>> configurations = new LinkedHashMap<>();
        root.path("configurations").fields().forEachRemaining(c -> {
            Map<String, String> properties = new LinkedHashMap<>();
            c.getValue().fields().forEachRemaining(p -> properties.put(p.getKey(), p.getValue().asText()));
            configurations.put(c.getKey(), properties);
        });
        return new Feature(file.getParent().getFileName().toString(), id, bundles, requires, configurations, start.equals("on-demand"));
    }
}
