package org.wherefore.registry.internal;

import java.util.function.Function;

/**
 * How much an archive may ask for.
 *
 * @param entries most of them
 * @param bytes most that all may inflate to
 * @param ratio most that they may inflate to for each byte of the archive, beyond {@link #FREE}; what {@link ArchiveWriter} writes
 *        never reaches 250, even when it is all zeros
 */
record ArchiveLimits(int entries, long bytes, int ratio) {
    /** Bytes that any archive may inflate to. */
    static final long FREE = 16L << 20;
    private static final String MIB = "wherefore.models.archiveMiB";

    /** @param property gives null for what is not set; what is no positive whole number is left at its default */
    static ArchiveLimits of(Function<String, String> property) {
        long mib = 2_048;
        String given = property.apply(MIB);
        if (given != null && given.strip().matches("[1-9][0-9]{0,8}")) {
            mib = Long.parseLong(given.strip());
        } else if (given != null && !given.isBlank()) {
            DiskModelRegistry.LOG.log(System.Logger.Level.WARNING, "{0} is a positive whole number, got ''{1}''; {2} is used", MIB, given, mib);
        }
        return new ArchiveLimits(64, mib << 20, 250);
    }
}
