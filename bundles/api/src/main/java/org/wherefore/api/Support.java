package org.wherefore.api;

/** Whether a plugin can do something and, when it can't, why in words. */
public record Support(boolean supported, String reason) {
    public Support {
        java.util.Objects.requireNonNull(reason, "reason");
    }

    public static Support yes() {
        return new Support(true, "");
    }

    public static Support no(String reason) {
        return new Support(false, reason);
    }
}
