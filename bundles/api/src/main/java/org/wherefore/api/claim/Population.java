package org.wherefore.api.claim;

import org.osgi.annotation.versioning.ProviderType;

/** Counts over everybody's events, recounted from what is stored. Thread-safe. */
@ProviderType
public interface Population {
    /** How many people did something with this item. */
    int users(String item);

    /** How many did something with both. */
    int users(String item, String other);

    /** How many people there are. */
    int users();

    /** How many items are had by more people than this one, plus 1. */
    int popularityRank(String item);
}
