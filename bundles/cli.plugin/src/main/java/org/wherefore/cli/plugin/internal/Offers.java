package org.wherefore.cli.plugin.internal;

import aQute.bnd.osgi.resource.ResourceBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * What a server of this distribution offers to a plugin: the framework's capabilities and those of every bundle that starts by itself.
 * Read from manifests, nothing is started.
 *
 * @param names symbolic names of the platform's bundles
 */
record Offers(List<Capability> capabilities, Set<String> names) {
    /** @throws WhereforeException {@code INTERNAL} when the distribution is damaged */
    static Offers of(Path dist, BundleContext context) {
        List<Capability> capabilities = new ArrayList<>(context.getBundle(0).adapt(BundleRevision.class).getDeclaredCapabilities(null));
        Set<String> names = new TreeSet<>();
        try (Stream<Path> features = Files.list(dist.resolve("features"))) {
            for (Path f : features.map(n -> n.resolve("feature.json")).filter(Files::exists).sorted().toList()) {
                JsonNode feature = new ObjectMapper().readTree(Files.readAllBytes(f));
                String name = f.getParent().getFileName().toString();
                if (name.equals("tools") || feature.at("/extensions/wherefore-start/text/0").asText().equals("on-demand")) {
                    continue;
                }
                for (JsonNode b : feature.path("bundles")) {
                    String[] id = b.path("id").asText().split(":");
                    add(dist.resolve("repository").resolve(id[0].replace('.', '/')).resolve(id[1]).resolve(id[2])
                            .resolve(id[1] + "-" + id[2] + ".jar"), capabilities, names);
                }
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "the distribution " + dist + " can't be read: " + e, e);
        }
        return new Offers(List.copyOf(capabilities), Set.copyOf(names));
    }

    private static void add(Path jar, List<Capability> capabilities, Set<String> names) throws IOException {
        try (JarFile file = new JarFile(jar.toFile(), false)) {
            Manifest manifest = file.getManifest();
            ResourceBuilder builder = new ResourceBuilder();
            builder.addManifest(manifest);
            capabilities.addAll(builder.build().getCapabilities(null));
            names.add(manifest.getMainAttributes().getValue("Bundle-SymbolicName").split(";")[0].trim());
        }
    }
}
