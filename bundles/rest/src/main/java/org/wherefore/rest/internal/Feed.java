package org.wherefore.rest.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The last 1,000 things that happened, numbered, for {@code GET /api/v1/events}. Publishing never blocks. Thread-safe. */
@Component(service = Feed.class)
public class Feed {
    private static final int KEPT = 1_000;

    /** One happening. @param data JSON, on one line */
    record Happening(long id, String kind, String data) {}

    private final ArrayDeque<Happening> last = new ArrayDeque<>();
    private final Set<Runnable> listeners = new CopyOnWriteArraySet<>();
    /** Begins with the time, so that a listener of the last server goes on with what this one has to say. */
    private long next = System.currentTimeMillis() * 1_000;

    @Activate
    public Feed() {}

    void publish(String kind, Json.Body data) {
        String text = new String(Json.bytes(data), StandardCharsets.UTF_8);
        synchronized (this) {
            last.addLast(new Happening(next++, kind, text));
            if (last.size() > KEPT) {
                last.removeFirst();
            }
        }
        listeners.forEach(Runnable::run);
    }

    /** What happened after {@code id}, oldest first. */
    synchronized List<Happening> after(long id) {
        List<Happening> out = new ArrayList<>();
        for (Happening h : last) {
            if (h.id() > id) {
                out.add(h);
            }
        }
        return out;
    }

    synchronized long latest() {
        return next - 1;
    }

    /** @param listener told that there is something new; must return fast */
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }
}
