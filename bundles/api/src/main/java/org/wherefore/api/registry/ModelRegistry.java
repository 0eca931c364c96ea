package org.wherefore.api.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelRef;

/**
 * Versions, aliases and the split of traffic, durable: when a call returned, its effect survives a kill; when it threw, nothing changed.
 * Thread-safe, also between processes on one home. Whoever serves changes aliases and traffic through {@link ModelServing}, which loads
 * and tries a version before it gets requests.
 */
@ProviderType
public interface ModelRegistry {
    List<String> names();

    List<ModelVersion> versions(String name);

    Optional<ModelVersion> find(ModelRef ref);

    /** Alias to version. Any name will do; {@link ModelRef#CHAMPION} serves. */
    Map<String, Integer> aliases(String name);

    /**
     * The split as it is now. A promotion of the canary or of the shadow to champion ends its part in it, without a transition of its
     * own.
     */
    Traffic traffic(String name);

    /** Everything that ever happened to aliases, traffic and versions, oldest first. */
    List<Transition> transitions(String name);

    /** Starts a new version. The version that the champion points to now becomes its parent. */
    Staged stage(String name);

    /**
     * Makes a staged model a version, in one atomic step. Numbers start at 1 and are never used again. The provenance key {@code parent}
     * ({@code name:version}) is added where it is missing and there was a champion when the model was staged.
     */
    ModelVersion commit(Staged staged, String engine, Map<String, String> provenance, Map<String, Double> metrics);

    /** Points an alias to a version, atomically. @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} */
    Transition promote(String name, String alias, int version, String who, String why);

    /**
     * Points an alias back to where it pointed before, going over versions that were deleted.
     *
     * @throws org.wherefore.api.WhereforeException {@code CONFLICT} when there is no before
     */
    Transition rollback(String name, String alias, String who, String why);

    /**
     * Splits the traffic, atomically.
     *
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} for a version that is not there; {@code CONFLICT} when there is no
     *         champion or a version is the champion itself
     */
    Transition split(String name, Traffic traffic, String who, String why);

    /** Versions that {@link #prune} would delete now, ascending. */
    List<Integer> prunable(String name, Retention retention);

    /**
     * Deletes versions, one transition each. A version with an open lease of this process stays.
     *
     * @return what was deleted, in order
     */
    List<Transition> prune(String name, Retention retention, String who, String why);

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
     * @throws org.wherefore.api.WhereforeException {@code MODEL_UNAVAILABLE} when its engine or extractor is not installed;
     *         {@code BAD_DATA} when its files are not those that were committed or hold serialised Java objects
     */
    Optional<Lease> lease(ModelRef ref);
}
