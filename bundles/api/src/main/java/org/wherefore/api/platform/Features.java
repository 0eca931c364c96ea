package org.wherefore.api.platform;

import java.io.InputStream;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The features of this home. In a running server a change is applied at once; for a home that nothing serves, at its next start. Changes
 * come one after the other, and each is durable as a whole: after a crash at any moment the next start has the old set or the new one.
 * Thread-safe; every method may block on the disk.
 */
@ProviderType
public interface Features {
    /** Largest archive, in bytes. */
    long MAX_BYTES = 256L << 20;

    /** What is installed, and what could be. */
    FeatureSet list();

    /**
     * Checks an archive, a zip of {@code feature.json} and {@code bundles/NAME.jar}, and keeps it aside until it is installed or the server
     * ends. Nothing is installed.
     *
     * @param archive read to its end, not closed
     * @return what {@link FeatureOrder#install()} names it by
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} naming the rule that it breaks, {@code UNSUPPORTED} when a bundle
     *         in it is not trusted, {@code STORAGE}
     */
    String stage(InputStream archive);

    /**
     * What {@link #apply} would do. Changes nothing.
     *
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} for an unknown feature, {@code CONFLICT} when it is installed already or
     *         another needs it, {@code UNSUPPORTED} when what would be there can't be resolved or a feature is touched that can't change now;
     *         the message says which requirement of whom nobody meets
     */
    FeaturePlan plan(FeatureOrder order);

    /**
     * Makes the plan anew and does what it says. When anything fails before the new set is kept, the old one goes on and nothing is left
     * behind.
     *
     * @param tag of the plan that was agreed to
     * @throws org.wherefore.api.WhereforeException as {@link #plan}; {@code CONFLICT} when the set changed since; {@code STORAGE}
     */
    FeatureReport apply(FeatureOrder order, String tag);
}
