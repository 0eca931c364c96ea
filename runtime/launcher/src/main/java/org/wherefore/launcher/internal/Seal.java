package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Build step: writes each bundle's checksum into the features of a distribution, and makes its repository of the SDK. */
public final class Seal {
    private Seal() {}

    /** @param args the distribution's folder and, where it has an SDK, the folder that the SDK's artifacts were copied to */
    public static void main(String[] args) throws IOException {
        Path dist = Path.of(args[0]);
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        for (Feature f : FeatureRuntime.readAll(dist.resolve("features")).values()) {
            Path file = dist.resolve("features").resolve(f.name()).resolve("feature.json");
            JsonNode root = mapper.readTree(Files.readAllBytes(file));
            for (JsonNode b : root.path("bundles")) {
                Path jar = dist.resolve("repository").resolve(new Feature.Artifact(b.path("id").asText(), "").path());
                if (!Files.exists(jar)) {
                    throw new LaunchException("feature '" + f.name() + "' names " + b.path("id").asText()
                            + ", which is not in the repository: is it a dependency of runtime/distribution?");
                }
                ((ObjectNode) b).put("hash", FeatureRuntime.sha256(jar));
            }
            mapper.writeValue(file.toFile(), root);
        }
        if (args.length > 1) {
            SdkRepository.publish(Path.of(args[1]), dist.resolve("sdk").resolve("repository"), Instant.now());
        }
    }
}
