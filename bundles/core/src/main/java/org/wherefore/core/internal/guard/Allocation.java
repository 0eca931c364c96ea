package org.wherefore.core.internal.guard;

import java.lang.management.ManagementFactory;

/** What threads have allocated since they began, where this Java counts it; otherwise always 0. */
final class Allocation {
    private static final com.sun.management.ThreadMXBean COUNTER = counter();

    private Allocation() {}

    private static com.sun.management.ThreadMXBean counter() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean b && b.isThreadAllocatedMemorySupported()
                && b.isThreadAllocatedMemoryEnabled() ? b : null;
    }

    static long ofThisThread() {
        return COUNTER == null ? 0 : COUNTER.getCurrentThreadAllocatedBytes();
    }

    /** 0 for a thread that has ended. */
    static long of(Thread thread) {
        return COUNTER == null ? 0 : Math.max(0, COUNTER.getThreadAllocatedBytes(thread.getId()));
    }
}
