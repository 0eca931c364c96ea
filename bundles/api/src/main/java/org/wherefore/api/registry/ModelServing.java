package org.wherefore.api.registry;

import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Changes what answers requests while requests come. A version is loaded and tried on cases of its own before it gets the first one; the
 * version before it is closed when its last request is over. Canaries and fresh champions are watched, and taken back when they fail
 * more often, take longer or are liked less than what they replace. Thread-safe; changes of one process come one after the other.
 */
@ProviderType
public interface ModelServing {
    /** For {@code seen}: whatever the state is. */
    long ANY = -1;

    /**
     * Loads, tries and promotes a version.
     *
     * @param seen sequence of the last transition of this alias that the caller knows of (0 for none), or {@link #ANY}
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}; {@code CONFLICT} with the pointer {@code If-Match} when the alias
     *         moved since {@code seen}; {@code UNSUPPORTED} when the version can't be loaded or fails on its cases: the alias stays
     */
    Transition promote(String name, String alias, int version, long seen, String who, String why);

    /** Loads, tries and goes back to where an alias pointed before. As {@link #promote}; {@code CONFLICT} when there is no before. */
    Transition rollback(String name, String alias, long seen, String who, String why);

    /** Loads and tries the versions that are new in a split, and splits. As {@link #promote} and {@link ModelRegistry#split}. */
    Transition split(String name, Traffic traffic, long seen, String who, String why);

    /** As {@link ModelRegistry#prune}, telling listeners. */
    List<Transition> prune(String name, Retention retention, String who, String why);

    /**
     * Imports an archive as a new version. No alias moves.
     *
     * @throws org.wherefore.api.WhereforeException as {@link ModelArchives#read}; {@code CONFLICT} while another import runs
     */
    ModelVersion importArchive(String name, InputStream archive, String who, String why);

    /** How the versions of a model fare that get requests now or got some lately. */
    ServingState state(String name);

    /** Sequence of the last transition that moved an alias; 0 for none. */
    long moved(String name, String alias);

    /** Sequence of the last transition that changed the split, be it by moving the champion; 0 for none. */
    long split(String name);

    /**
     * Tells of every transition made here, those of the watch among them, until what comes back is run.
     *
     * @param listener must return fast and not throw
     */
    Runnable listen(Consumer<Transition> listener);
}
