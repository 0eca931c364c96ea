package org.wherefore.api.registry;

import org.wherefore.api.WhereforeException;

/**
 * Which versions of a model get a part of its requests beside the champion.
 *
 * @param canary version that answers some of them, 0 for none
 * @param percent of the requests, by a hash of whom they are for: more than 0 and at most 100 with a canary, otherwise 0
 * @param shadow version that is asked what the champion was asked and never shown, 0 for none
 */
public record Traffic(int canary, double percent, int shadow) {
    /** All requests to the champion, no shadow. */
    public static final Traffic NONE = new Traffic(0, 0, 0);

    /** @throws WhereforeException {@code INVALID_INPUT} naming what does not fit */
    public Traffic {
        if (canary < 0 || shadow < 0) {
            throw WhereforeException.invalid(canary < 0 ? "/canary/version" : "/shadow/version", "a version is 1 or more, got "
                    + Math.min(canary, shadow));
        }
        if (canary == 0 ? percent != 0 : !(percent > 0 && percent <= 100)) {
            throw WhereforeException.invalid("/canary/percent", canary == 0 ? "there is no canary to get " + percent + " % of the requests"
                    : "a canary gets more than 0 and at most 100 percent of the requests, got " + percent);
        }
        if (canary != 0 && canary == shadow) {
            throw WhereforeException.invalid("/shadow/version", "version " + shadow + " is the canary; a shadow is another version");
        }
    }

    /** Whether a version gets requests, shown or not. */
    public boolean bears(int version) {
        return version != 0 && (version == canary || version == shadow);
    }

    /** The same without a version. */
    public Traffic without(int version) {
        return new Traffic(version == canary ? 0 : canary, version == canary ? 0 : percent, version == shadow ? 0 : shadow);
    }

    /** In words: {@code canary 5 at 10.0 %, shadow 6}. */
    @Override
    public String toString() {
        String c = canary == 0 ? "no canary" : "canary " + canary + " at " + percent + " %";
        return c + (shadow == 0 ? ", no shadow" : ", shadow " + shadow);
    }
}
