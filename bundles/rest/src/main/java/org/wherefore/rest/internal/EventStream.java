package org.wherefore.rest.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;

/**
 * Server-sent events. A servlet of its own, because the JAX-RS whiteboard cuts streams whenever a resource comes or goes.
 * {@code Last-Event-ID} replays what is still kept. One writer thread; a client that went away is dropped at the next write.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=" + EventStream.PATTERN,
        "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true", "osgi.http.whiteboard.servlet.name=wherefore.events"})
public class EventStream extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int MAX_CLIENTS = 100;
    static final String PATTERN = "/api/v1/events";
    private final transient Role[] rule = rule();
    private final transient Feed feed;
    private final transient Guard guard;
    private final transient Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final transient ScheduledExecutorService writer;
    private final transient AtomicBoolean pending = new AtomicBoolean();
    private final transient Runnable listener = this::wake;

    private static final class Client {
        final AsyncContext context;
        long sent;

        Client(AsyncContext context, long sent) {
            this.context = context;
            this.sent = sent;
        }
    }

    @Activate
    public EventStream(@Reference Feed feed, @Reference Guard guard) {
        this.feed = feed;
        this.guard = guard;
        writer = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "wherefore-rest-events");
            t.setDaemon(true);
            return t;
        });
        writer.scheduleWithFixedDelay(() -> deliver(true), 15, 15, TimeUnit.SECONDS);
        feed.listen(listener);
    }

    @Deactivate
    public void stop() {
        feed.forget(listener);
        writer.shutdownNow();
        clients.forEach(c -> end(c));
    }

    private void wake() {
        if (pending.compareAndSet(false, true)) {
            writer.execute(() -> {
                pending.set(false);
                deliver(false);
            });
        }
    }

    @Override
    @Allow({Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            guard.admit(guard.caller(request::getHeader), rule);
        } catch (WhereforeException | Refused e) {
            refuse(response, e);
            return;
        }
        if (clients.size() >= MAX_CLIENTS) {
            response.setStatus(503);
            response.setContentType("application/problem+json");
            response.getOutputStream().write(Json.bytes(new Problem("model-unavailable", 503,
                    "there are already " + MAX_CLIENTS + " listeners", null, Trace.id((String) null))::write));
            return;
        }
        long sent = feed.latest();
        String last = request.getHeader("Last-Event-ID");
        if (last != null) {
            try {
                sent = Math.min(sent, Math.max(0, Long.parseLong(last.trim())));
            } catch (NumberFormatException e) {
                sent = 0;
            }
        }
        response.setContentType("text/event-stream;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
        response.getOutputStream().write(": wherefore\nretry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        Client client = new Client(context, sent);
        context.addListener(new AsyncListener() {
            @Override
            public void onComplete(AsyncEvent event) {
                clients.remove(client);
            }

            @Override
            public void onTimeout(AsyncEvent event) {
                clients.remove(client);
            }

            @Override
            public void onError(AsyncEvent event) {
                clients.remove(client);
            }

            @Override
            public void onStartAsync(AsyncEvent event) {
                // not restarted
            }
        });
        clients.add(client);
        wake();
    }

    private static Role[] rule() {
        try {
            return EventStream.class.getDeclaredMethod("doGet", HttpServletRequest.class, HttpServletResponse.class).getAnnotation(Allow.class).value();
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuse(HttpServletResponse response, RuntimeException why) throws IOException {
        String trace = Trace.id((String) null);
        Problem problem = why instanceof Refused r ? new Problem(r.code, r.status, r.getMessage(), r.pointer, trace)
                : Problem.of(((WhereforeException) why).code(), ProblemMapper.text(why), null, trace);
        response.setStatus(problem.status());
        response.setContentType("application/problem+json");
        if (problem.status() == 401) {
            response.setHeader("WWW-Authenticate", ProblemMapper.CHALLENGE);
        }
        if (why instanceof Refused r && r.retryAfter > 0) {
            response.setHeader("Retry-After", Long.toString(r.retryAfter));
        }
        response.getOutputStream().write(Json.bytes(problem::write));
    }

    private void deliver(boolean beat) {
        for (Client c : clients) {
            try {
                StringBuilder text = new StringBuilder();
                for (Feed.Happening h : feed.after(c.sent)) {
                    text.append("id: ").append(h.id()).append("\nevent: ").append(h.kind()).append("\ndata: ").append(h.data()).append("\n\n");
                    c.sent = h.id();
                }
                if (text.isEmpty() && beat) {
                    text.append(": \n\n");
                }
                if (!text.isEmpty()) {
                    c.context.getResponse().getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
                    c.context.getResponse().flushBuffer();
                }
            } catch (IOException | RuntimeException gone) {
                end(c);
            }
        }
    }

    private void end(Client c) {
        clients.remove(c);
        try {
            c.context.complete();
        } catch (RuntimeException alreadyOver) {
            // nothing left to end
        }
    }
}
