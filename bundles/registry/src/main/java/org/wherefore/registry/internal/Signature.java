package org.wherefore.registry.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;

/**
 * What a model reads and can answer, so that an archive says it and can be held to it.
 *
 * @param features names with their kinds, {@code amount: number}, in order
 * @param targets, kinds, attributes how many there are
 * @param digest of all of them by name
 */
record Signature(List<String> features, int targets, int kinds, int attributes, String digest) {
    Signature {
        features = List.copyOf(features);
    }

    static Signature of(FeatureSchema schema) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (FeatureSpec f : schema.features()) {
                add(sha, List.of(f.name(), f.kind(), f.modality()));
                add(sha, f.categories());
            }
            add(sha, schema.targets());
            add(sha, schema.kinds());
            add(sha, schema.attributes());
            for (int[] a : schema.targetAttributes()) {
                add(sha, List.of(Arrays.toString(a)));
            }
            return new Signature(schema.features().stream().map(f -> f.name() + ": " + f.kind()).toList(), schema.targets().size(),
                    schema.kinds().size(), schema.attributes().size(), "sha256:" + HexFormat.of().formatHex(sha.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
        }
    }

    private static void add(MessageDigest sha, List<String> texts) {
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha.update(bytes);
        }
        sha.update((byte) ';');
    }
}
