package org.wherefore.api.access;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/** The keys of this home. On disk when a call returns; other processes of the home see changes. Thread-safe. */
@ProviderType
public interface ApiKeys {
    /**
     * A new key.
     *
     * @param secret the whole key, known here and now only
     */
    record Created(ApiKey key, String secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Created[" + key + "]";
        }
    }

    /** All, revoked ones too, oldest first. */
    List<ApiKey> list();

    /**
     * Makes a key.
     *
     * @param limits null for the home's usual ones
     * @param expires null for never
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for an empty or over-long name, no roles, or a time that is past;
     *         {@code STORAGE}
     */
    Created create(String name, Set<Role> roles, Limits limits, Instant expires, String createdBy);

    /**
     * Ends a key at once and for ever; one that is revoked stays as it is.
     *
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}; {@code STORAGE}
     */
    ApiKey revoke(String id);
}
