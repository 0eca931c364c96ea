package org.wherefore.api.platform;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.wherefore.api.WhereforeException;

/**
 * What somebody wants to change.
 *
 * @param install features to install or update: a name ({@code fraud}), a name and version ({@code fraud:1.2.0}), or what
 *        {@link Features#stage} gave
 * @param remove names of installed features
 */
public record FeatureOrder(List<String> install, List<String> remove) {
    /** Most entries of an order. */
    public static final int MAX = 50;

    /** @throws WhereforeException {@code INVALID_INPUT} when it orders nothing, too much, or one thing twice */
    public FeatureOrder {
        install = List.copyOf(install);
        remove = List.copyOf(remove);
        if (install.isEmpty() && remove.isEmpty()) {
            throw WhereforeException.invalid("/install", "the order is empty; name features to install or to remove");
        }
        if (install.size() + remove.size() > MAX) {
            throw WhereforeException.invalid("/install", "an order names at most " + MAX + " features, got " + (install.size() + remove.size()));
        }
        Set<String> seen = new LinkedHashSet<>();
        for (String name : install) {
            if (!seen.add(name)) {
                throw WhereforeException.invalid("/install", "'" + name + "' is named twice");
            }
        }
        for (String name : remove) {
            if (!seen.add(name)) {
                throw WhereforeException.invalid("/remove", "'" + name + "' is named twice");
            }
        }
    }
}
