package org.wherefore.api.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelRef;

/**
 * Versions and aliases, durable: when a call returned, its effect survives a kill; when it threw, nothing changed. Thread-safe,
 * also between processes on one home.
 */
@ProviderType
public interface ModelRegistry {
    List<String> names();

    List<ModelVersion> versions(String name);

    Optional<ModelVersion> find(ModelRef ref);

    Map<String, Integer> aliases(String name);

    List<Transition> transitions(String name);

    /** Starts a new version. */
    Staged stage(String name);

    /** Makes a staged model a version (numbered from 1), in one atomic step. */
    ModelVersion commit(Staged staged, String engine, Map<String, String> provenance, Map<String, Double> metrics);

    /** Points an alias to a version, atomically. @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} */
    Transition promote(String name, String alias, int version, String who, String why);

    /** Points an alias back to where it pointed before. @throws org.wherefore.api.WhereforeException {@code CONFLICT} when there is no before */
    Transition rollback(String name, String alias, String who, String why);

    ArtifactReader open(ModelRef ref);

    /**
     * Keeps beside a version what was found out about it later, such as figures. A note is no part of the version: its digest and its
     * entries stay as they are. Replaces the note of that name in one step.
     *
     * @param note its name: 1 to 100 lower-case letters, digits, '-' and '.'
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} when there is no such version or alias; {@code INVALID_INPUT} for
     *         another name
     */
    void keep(ModelRef ref, String note, byte[] content);

    /**
     * The note of that name, a copy; empty when none was kept, or there is no such version or alias.
     *
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for what can't be a name, as above
     */
    Optional<byte[]> kept(ModelRef ref, String note);

    /**
     * Loads (when it is not yet) and leases a model.
     *
     * @return empty when there is no such version or alias
     * @throws org.wherefore.api.WhereforeException {@code MODEL_UNAVAILABLE} when its engine or extractor is not installed
     */
    Optional<Lease> lease(ModelRef ref);
}
