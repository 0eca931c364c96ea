package org.wherefore.core.internal.guard;

import java.util.List;

/**
 * The last resort against a thread that does not end: {@link Thread#stop}, where it still exists (before Java 20). It is used only
 * on threads of a strategy's call that is over, which can't enter the model any more, and not while they are where it could leave
 * something shared half done: loading or initialising classes, in locks and concurrent collections, logging, reading or writing.
 */
final class ThreadStop {
    private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");
    /** Parts of the JDK that share state between threads. */
    private static final List<String> SHARED = List.of("java.util.concurrent.", "java.util.logging.", "java.lang.invoke.", "java.lang.Class",
            "java.lang.System$", "java.io.", "java.net.", "java.nio.", "jdk.", "sun.", "com.sun.");

    private ThreadStop() {}

    /**
     * Stops the thread, or leaves it for now when it is in a place where that would harm others.
     *
     * @throws UnsupportedOperationException where threads can't be stopped
     */
    @SuppressWarnings("removal")
    static void tryOn(Thread thread) {
        if (!harmless(thread.getStackTrace())) {
            return;
        }
        try {
            thread.stop();
        } catch (NoSuchMethodError e) {
            throw new UnsupportedOperationException("this Java has no Thread.stop", e);
        }
    }

    /** @param stack innermost first */
    static boolean harmless(StackTraceElement... stack) {
        boolean jdk = true;
        for (StackTraceElement e : stack) {
            String name = e.getClassName();
            if (e.getMethodName().equals("<clinit>") || name.equals("java.lang.ClassLoader") || name.startsWith("org.apache.felix.framework.")) {
                return false;
            }
            jdk &= JDK.stream().anyMatch(name::startsWith);
            if (jdk && SHARED.stream().anyMatch(name::startsWith)) {
                return false;
            }
        }
        return true;
    }
}
