package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingResult;

/**
 * The table of long work and the one thread that does it. Kept in {@code <home>/jobs}: work that a server left behind is shown as
 * failed by the next one. Thread-safe.
 */
@Component(service = Jobs.class)
public class Jobs {
    private static final System.Logger LOG = System.getLogger(Jobs.class.getName());
    private static final int QUEUE = 16;
    private static final int STOP_SECONDS = 15;
    private static final int KEPT = 200;
    private static final long QUIET_NANOS = 5_000_000_000L;
    private final Services services;
    private final Feed feed;
    private final List<Path> roots;
    private final JobFiles files;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final ThreadPoolExecutor worker;
    private volatile boolean stopping;

    @Activate
    public Jobs(BundleContext context, @Reference Services services, @Reference Feed feed) {
        this(roots(context.getProperty("wherefore.datasets"), context.getProperty("wherefore.home"),
                System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"))),
                Path.of(context.getProperty("wherefore.home")).resolve("jobs"), services, feed);
    }

    /** @param roots the folders that data set descriptions may be read from @param folder where jobs are kept */
    Jobs(List<Path> roots, Path folder, Services services, Feed feed) {
        this.roots = roots;
        this.files = new JobFiles(folder);
        this.services = services;
        this.feed = feed;
        worker = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), r -> {
            Thread t = new Thread(r, "wherefore-rest-jobs");
            t.setDaemon(true);
            return t;
        });
        worker.allowCoreThreadTimeOut(true);
        for (Job job : files.load()) {
            jobs.put(job.id, job);
            if (!job.over()) {
                job.end("failed", stopped(job, job.started == null ? "before it began" : "while it ran"));
                keep(job);
                feed.publish("job", job::write);
            }
        }
        forget();
    }

    @Deactivate
    public void stop() {
        stopping = true;
        worker.shutdownNow();
        try {
            // the work tidies up while the services it uses are still there
            worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Problem stopped(Job job, String when) {
        return Problem.of(ErrorCode.INTERNAL, "the server stopped " + when + "; nothing was registered, start it again", null, job.trace());
    }

    /** Drops the oldest that are over while there are too many. */
    private void forget() {
        synchronized (jobs) {
            jobs.values().removeIf(j -> {
                boolean drop = jobs.size() > KEPT && j.over();
                if (drop) {
                    files.delete(j.id);
                }
                return drop;
            });
        }
    }

    /** Once a job is accepted, a full disk must not end it. */
    private void keep(Job job) {
        try {
            files.save(job);
        } catch (WhereforeException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage());
        }
    }

    private static List<Path> roots(String datasets, String... others) {
        List<Path> out = new ArrayList<>();
        if (datasets != null) {
            for (String d : datasets.split(java.io.File.pathSeparator)) {
                if (!d.isBlank()) {
                    out.add(Path.of(d));
                }
            }
        }
        for (String o : others) {
            if (o != null && !o.isBlank()) {
                out.add(Path.of(o));
            }
        }
        return List.copyOf(out);
    }

    /** Queues a training. @throws WhereforeException {@code INVALID_INPUT} (/data), {@code CONFLICT} when the queue is full */
    Job train(String domain, String data, String engine, Map<String, String> parameters, long seed, int threads) {
        Job job = new Job("training", domain);
        TrainingOrder order = new TrainingOrder(domain, description(data), engine, parameters, seed, threads);
        files.save(job);
        // the job's lock keeps it from beginning before it is known and announced
        synchronized (job) {
            try {
                worker.execute(() -> run(job, order));
            } catch (RejectedExecutionException e) {
                files.delete(job.id);
                throw new WhereforeException(ErrorCode.CONFLICT, "there are " + QUEUE + " jobs waiting; cancel one or try later");
            }
            synchronized (jobs) {
                jobs.put(job.id, job);
            }
            feed.publish("job", job::write);
        }
        forget();
        return job;
    }

    Job get(String id) {
        synchronized (jobs) {
            Job job = jobs.get(id);
            if (job == null) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no job '" + Input.shorten(id) + "'");
            }
            return job;
        }
    }

    List<Job> all() {
        synchronized (jobs) {
            return List.copyOf(jobs.values());
        }
    }

    Job cancel(String id) {
        Job job = get(id);
        job.cancelled = true;
        boolean waiting;
        synchronized (job) {
            waiting = job.state.equals("queued");
            if (waiting) {
                job.end("cancelled", null);
            }
        }
        if (waiting) {
            keep(job);
            feed.publish("job", job::write);
        }
        return job;
    }

    private void run(Job job, TrainingOrder order) {
        synchronized (job) {
            if (!job.state.equals("queued")) {
                return;
            }
            job.state = "running";
            job.started = Instant.now();
        }
        keep(job);
        feed.publish("job", job::write);
        try {
            TrainingResult result = services.training().train(order, new TrainingProgress() {
                private double told;
                private long when = System.nanoTime();

                @Override
                public void update(double done, Map<String, Double> figures) {
                    synchronized (job) {
                        job.progress = done;
                        job.figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
                    }
                    if (done - told >= 0.01 || System.nanoTime() - when > QUIET_NANOS) {
                        told = done;
                        when = System.nanoTime();
                        feed.publish("job", job::write);
                    }
                }

                @Override
                public boolean cancelled() {
                    return job.cancelled || stopping;
                }
            });
            services.forgetTitles();
            synchronized (job) {
                job.result = new String(Json.bytes(json -> write(json, result)), StandardCharsets.UTF_8);
                job.progress = 1;
                job.end("done", null);
            }
        } catch (WhereforeException e) {
            if (e.code() == ErrorCode.CANCELLED && !job.cancelled) {
                // nobody asked for it: the server is told to end
                job.end("failed", stopped(job, "while it ran"));
            } else {
                job.end(e.code() == ErrorCode.CANCELLED ? "cancelled" : "failed",
                        Problem.of(e.code(), ProblemMapper.text(e), e.pointer().orElse(null), job.trace()));
            }
        } catch (RuntimeException | Error e) {
            String trace = job.trace();
            LOG.log(System.Logger.Level.ERROR, "traceId " + trace + ": a training failed", e);
            job.end("failed", new Problem("internal", 500, "an unexpected error; the log has it under traceId " + trace, null, trace));
        }
        keep(job);
        feed.publish("job", job::write);
    }

    private static void write(JsonGenerator json, TrainingResult result) throws IOException {
        json.writeStartObject();
        json.writeFieldName("model");
        Render.model(json, result.model().info());
        Json.numbers(json, "metrics", result.metrics());
        json.writeObjectFieldStart("baselines");
        for (var b : result.baselines().entrySet()) {
            Json.numbers(json, b.getKey(), b.getValue());
        }
        json.writeEndObject();
        Json.number(json, "trainSeconds", result.trainSeconds());
        json.writeEndObject();
    }

    /** Only files in the operator's folders are read, so that a caller can't probe the disk. */
    private Path description(String data) {
        try {
            Path given = Path.of(data);
            for (Path root : roots) {
                Path real = root.resolve(given);
                if (Files.isRegularFile(real) && Files.isDirectory(root) && data.endsWith(".json")) {
                    real = real.toRealPath();
                    if (real.startsWith(root.toRealPath())) {
                        return real;
                    }
                }
            }
        } catch (IOException | java.nio.file.InvalidPathException e) {
            // told below, like any other path
        }
        throw WhereforeException.invalid("/data", "'" + Input.shorten(data)
                + "' is no data set description (.json) under the folders of wherefore.datasets, wherefore.home or WHEREFORE_DATA");
    }

    /** One piece of long work. Fields are guarded by the job itself. */
    static final class Job {
        private final String id;
        private final String kind;
        private final String domain;
        private final Instant created;
        private volatile boolean cancelled;
        private String state = "queued";
        private double progress;
        private Map<String, Double> figures = Map.of();
        private Instant started;
        private volatile Instant finished;
        /** JSON, or null. */
        private String result;
        private Problem problem;

        Job(String kind, String domain) {
            this.id = UUID.randomUUID().toString();
            this.kind = kind;
            this.domain = domain;
            this.created = Instant.now();
        }

        /** As {@link #write} wrote it. @throws RuntimeException when it is something else */
        Job(JsonNode node) {
            id = UUID.fromString(node.get("id").textValue()).toString();
            kind = node.get("kind").textValue();
            domain = node.get("domain").textValue();
            created = Instant.parse(node.get("created").textValue());
            state = node.get("state").textValue();
            progress = node.get("progress").asDouble();
            Map<String, Double> read = new LinkedHashMap<>();
            node.get("figures").fields().forEachRemaining(f -> read.put(f.getKey(), f.getValue().isNull() ? Double.NaN : f.getValue().asDouble()));
            figures = read;
            started = node.get("started").isNull() ? null : Instant.parse(node.get("started").textValue());
            finished = node.get("finished").isNull() ? null : Instant.parse(node.get("finished").textValue());
            result = node.has("result") ? node.get("result").toString() : null;
            problem = node.has("problem") ? Problem.read(node.get("problem")) : null;
        }

        String id() {
            return id;
        }

        Instant created() {
            return created;
        }

        boolean over() {
            return finished != null;
        }

        String trace() {
            return id.replace("-", "");
        }

        private synchronized void end(String how, Problem why) {
            state = how;
            problem = why;
            finished = Instant.now();
        }

        synchronized void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField("kind", kind);
            json.writeStringField("domain", domain);
            json.writeStringField("state", state);
            Json.number(json, "progress", progress);
            Json.numbers(json, "figures", figures);
            json.writeStringField("created", created.toString());
            json.writeStringField("started", started == null ? null : started.toString());
            json.writeStringField("finished", finished == null ? null : finished.toString());
            if (result != null) {
                json.writeFieldName("result");
                json.writeRawValue(result);
            }
            if (problem != null) {
                json.writeFieldName("problem");
                problem.write(json);
            }
            json.writeEndObject();
        }
    }
}
