package org.wherefore.core.internal.serve;

import java.time.Instant;

import org.wherefore.api.registry.Traffic;

/**
 * Who answers and what they did, as long as champion and split stay. Immutable; the figures fill.
 *
 * @param champion never null
 * @param canary null without a canary
 * @param shadow null without a shadow
 * @param previous of the version that the champion replaced, as they were when it did; null when there was none in this process
 */
record Plan(Traffic traffic, Figures champion, Figures canary, ShadowFigures shadow, Figures previous) {
    static Plan first(int champion, Traffic traffic, Instant now) {
        return new Plan(traffic, new Figures(champion, now), canary(traffic, now), shadow(traffic, now), null);
    }

    boolean fits(int champion, Traffic now) {
        return this.champion.version == champion && traffic.equals(now);
    }

    /** The plan after a change. Whoever's part begins starts with new figures; so does a champion that gets a canary to be compared with. */
    Plan next(int version, Traffic now, Instant time) {
        boolean promoted = champion.version != version;
        boolean sameCanary = now.canary() == traffic.canary() && !promoted;
        Figures c = promoted || !sameCanary && now.canary() != 0 ? new Figures(version, time) : champion;
        return new Plan(now, c, sameCanary ? canary : canary(now, time),
                shadow != null && shadow.version == now.shadow() && !promoted ? shadow : shadow(now, time),
                promoted ? champion.version == 0 ? null : champion : previous);
    }

    private static Figures canary(Traffic traffic, Instant now) {
        return traffic.canary() == 0 ? null : new Figures(traffic.canary(), now);
    }

    private static ShadowFigures shadow(Traffic traffic, Instant now) {
        return traffic.shadow() == 0 ? null : new ShadowFigures(traffic.shadow(), now);
    }
}
