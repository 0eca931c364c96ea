package org.wherefore.benchmarks;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes contenders by name: ours with each {@code --backend} and number of {@code --threads}, then the peer. Their classes are
 * there in the profile {@code bench} only, hence the names.
 */
final class Contenders {
    private Contenders() {}

    /**
     * @param backends kernels that ours run with; {@code nd4j} has one thread, whose time is in its native operations
     * @param threads numbers of threads that ours run with
     * @throws IllegalArgumentException when none can be made; the message says what to do
     */
    static List<Contender> all(Options o, String backends, String threads) {
        // The peer's library neither downloads nor reports anything; read once, when it loads.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        int peerThreads = o.number("peer-threads", 0);
        if (peerThreads > 0) {
            System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(peerThreads));
        }
        List<Contender> found = new ArrayList<>();
        for (String backend : o.texts("backend", backends)) {
            for (int n : backend.equals("nd4j") ? new int[] {1} : o.numbers("threads", threads)) {
                found.add(make("WhereforeContender", new Class<?>[] {String.class, int.class}, backend, n));
            }
        }
        String peer = o.text("peer", "djl");
        switch (peer) {
            case "djl" -> found.add(make("DjlContender", new Class<?>[] {int.class}, peerThreads));
            case "none" -> { }
            default -> throw new IllegalArgumentException("unknown peer '" + peer + "'; known: djl, none");
        }
        return found;
    }

    private static Contender make(String type, Class<?>[] types, Object... arguments) {
        try {
            return (Contender) Class.forName("org.wherefore.benchmarks." + type).getConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException(type + " can't be made", e.getCause());
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no contender is on the class path; run './wherefore bench NAME' in a source"
                    + " checkout, or build with 'mvn -Pbench package'", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " can't be made", e);
        }
    }
}
