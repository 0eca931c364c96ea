package org.wherefore.access.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * Token buckets by name: each fills at its rate up to its size. The least recently used of more than {@value #MOST} are forgotten, which fills
 * them; whoever can make names (an issuer of tokens) is trusted not to. Thread-safe.
 */
final class Buckets {
    private static final int MOST = 10_000;
    private final LongSupplier nanos;
    private final Map<String, Bucket> all = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST;
        }
    };

    private static final class Bucket {
        double level;
        long at;
    }

    Buckets(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * @param perSecond how fast it fills
     * @param size how much it holds
     * @return 0 when taken, else seconds until there is enough
     * @throws WhereforeException {@code FORBIDDEN} when it never holds that much
     */
    synchronized long take(String name, double perSecond, double size, double amount) {
        if (amount > size) {
            throw new WhereforeException(ErrorCode.FORBIDDEN, "this asks for " + Math.round(amount) + " at once, this caller has "
                    + Math.round(size) + " at most; ask for less, or for a key with more");
        }
        Bucket b = filled(name, perSecond, size);
        if (b.level >= amount) {
            b.level -= amount;
            return 0;
        }
        return Math.max(1, (long) Math.ceil((amount - b.level) / perSecond));
    }

    synchronized void settle(String name, double perSecond, double size, double amount) {
        Bucket b = filled(name, perSecond, size);
        b.level = Math.min(size, b.level - amount);
    }

    private Bucket filled(String name, double perSecond, double size) {
        long now = nanos.getAsLong();
        Bucket b = all.computeIfAbsent(name, n -> {
            Bucket fresh = new Bucket();
            fresh.level = size;
            fresh.at = now;
            return fresh;
        });
        b.level = Math.min(size, b.level + (now - b.at) / 1e9 * perSecond);
        b.at = now;
        return b;
    }
}
