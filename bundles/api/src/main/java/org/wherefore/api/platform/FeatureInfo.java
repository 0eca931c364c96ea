package org.wherefore.api.platform;

import java.util.List;
import java.util.Objects;

/**
 * A feature, installed or not.
 *
 * @param name unique among installed features
 * @param id {@code group:artifact:version}
 * @param title for people
 * @param state {@code installed}, or {@code available} from the distribution or a repository folder
 * @param source {@code distribution}, {@code repository} or {@code archive}
 * @param change when it may be changed: {@code running}, {@code stopped} (while no server runs), {@code never}
 * @param requires names of features that it needs
 * @param bundles that it is made of
 */
public record FeatureInfo(String name, String id, String title, String state, String source, String change, List<String> requires,
        List<Bundle> bundles) {
    public FeatureInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(change, "change");
        requires = List.copyOf(requires);
        bundles = List.copyOf(bundles);
    }

    /**
     * A bundle of a feature.
     *
     * @param id {@code group:artifact:version}
     * @param owners installed features that it is there for; it leaves with the last
     * @param trust {@code core} when it came with the distribution, otherwise as
     *        {@link org.wherefore.api.plugin.Signature#state()} says
     */
    public record Bundle(String id, List<String> owners, String trust) {
        public Bundle {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(trust, "trust");
            owners = List.copyOf(owners);
        }
    }
}
