package org.wherefore.core.internal.serve;

import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.Change;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.ServingState;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;
import org.wherefore.core.internal.predict.Predictor;
import org.wherefore.core.internal.serve.Judgement.Online;

/**
 * Promotes what was loaded and tried, splits traffic, imports, deletes, and looks every few seconds whether a canary or a fresh champion
 * fares worse than what it is to replace.
 */
@Component(service = ModelServing.class, immediate = true)
public class Serving implements ModelServing {
    private static final System.Logger LOG = System.getLogger(Serving.class.getName());
    /** Who takes back. */
    static final String WATCH = "watch";
    private static final String RETENTION = "retention";
    /** Who changes something without a request. */
    private static final Set<String> OWN = Set.of(WATCH, RETENTION, "training", "command line");
    /** How old counts of what people did may be. */
    private static final Duration ONLINE = Duration.ofSeconds(15);
    private static final String SEEN = "If-Match";

    private final ModelRegistry registry;
    private final ModelArchives archives;
    private final Plugins plugins;
    private final Journal journal;
    private final Routing routing;
    private final ServingLimits limits;
    private final Judgement judgement;
    private final Clock clock;
    private final List<Consumer<Transition>> listeners = new CopyOnWriteArrayList<>();
    private final Semaphore imports = new Semaphore(1);
    private record Counted(Instant when, Map<Integer, Online> online) {}

    /** What was last counted, by model: counting reads the journal. */
    private final Map<String, Counted> counted = new ConcurrentHashMap<>();
    private final ScheduledExecutorService watch;
    /** Where what nobody asked for over the net is written down; requests are by whoever takes them. Null where no trail is kept. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Audit audit;

    @Activate
    public Serving(BundleContext context, @Reference ModelRegistry registry, @Reference ModelArchives archives, @Reference Plugins plugins,
            @Reference Journal journal, @Reference Routing routing) {
        this(registry, archives, plugins, journal, routing, ServingLimits.of(context::getProperty), Clock.systemUTC(),
                "serve".equals(context.getProperty("wherefore.mode")));
    }

    /** @param watches whether it looks by itself */
    Serving(ModelRegistry registry, ModelArchives archives, Plugins plugins, Journal journal, Routing routing, ServingLimits limits, Clock clock,
            boolean watches) {
        this.registry = registry;
        this.archives = archives;
        this.plugins = plugins;
        this.journal = journal;
        this.routing = routing;
        this.limits = limits;
        this.judgement = new Judgement(limits);
        this.clock = clock;
        this.watch = watches ? Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "wherefore-serving-watch");
            t.setDaemon(true);
            return t;
        }) : null;
        if (watches) {
            watch.scheduleWithFixedDelay(this::look, limits.checkSeconds(), limits.checkSeconds(), TimeUnit.SECONDS);
        }
    }

    @Deactivate
    public void close() throws InterruptedException {
        if (watch != null) {
            watch.shutdownNow();
            watch.awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    // ---- changes

    @Override
    public synchronized Transition promote(String name, String alias, int version, long seen, String who, String why) {
        unmoved(name, alias, seen);
        Transition t = alias.equals(ModelRef.CHAMPION) ? ready(name, version, () -> registry.promote(name, alias, version, who, why))
                : registry.promote(name, alias, version, who, why);
        tell(t);
        if (limits.keep() > 0 && alias.equals(ModelRef.CHAMPION)) {
            try {
                prune(name, new Retention(limits.keep(), false), RETENTION, "the newest " + limits.keep() + " are kept");
            } catch (WhereforeException e) {
                LOG.log(System.Logger.Level.WARNING, "old versions of model {0} stay for now: {1}", name, e.getMessage());
            }
        }
        return t;
    }

    @Override
    public synchronized Transition rollback(String name, String alias, long seen, String who, String why) {
        unmoved(name, alias, seen);
        Optional<Integer> to = alias.equals(ModelRef.CHAMPION) ? before(name) : Optional.empty();
        Transition t = to.isPresent() ? ready(name, to.get(), () -> registry.rollback(name, alias, who, why)) : registry.rollback(name, alias, who, why);
        tell(t);
        return t;
    }

    /** Where the champion can be rolled back to; empty when it can't or the registry will say better why. */
    private Optional<Integer> before(String name) {
        List<Integer> stack = new ArrayList<>();
        for (Transition t : registry.transitions(name)) {
            if (t.alias().equals(ModelRef.CHAMPION)) {
                if (t.kind().equals(Transition.ROLLBACK)) {
                    stack.remove(stack.size() - 1);
                } else if (t.from() != 0 && t.from() != t.to()) {
                    stack.add(t.from());
                }
            } else if (t.kind().equals(Transition.DELETE)) {
                stack.removeIf(v -> v == t.from());
            }
        }
        return stack.isEmpty() ? Optional.empty() : Optional.of(stack.get(stack.size() - 1));
    }

    @Override
    public synchronized Transition split(String name, Traffic traffic, long seen, String who, String why) {
        if (seen != ANY && seen != split(name)) {
            throw new WhereforeException(ErrorCode.CONFLICT, SEEN, "the traffic of model '" + name + "' changed since you read it; read it again", null);
        }
        Transition t = ready(name, traffic.canary(), () -> ready(name, traffic.shadow(), () -> registry.split(name, traffic, who, why)));
        tell(t);
        return t;
    }

    private void unmoved(String name, String alias, long seen) {
        if (seen != ANY && seen != moved(name, alias)) {
            throw new WhereforeException(ErrorCode.CONFLICT, SEEN, "alias '" + alias + "' of model '" + name
                    + "' moved since you read it; read it again", null);
        }
    }

    private interface Step {
        Transition make();
    }

    /** Makes a change while a version is loaded that has shown that it answers. */
    private Transition ready(String name, int version, Step change) {
        if (version == 0 || registry.find(ModelRef.version(name, Math.max(1, version))).isEmpty()) {
            return change.make(); // none, or the registry says what there is
        }
        Optional<Lease> lease;
        try {
            lease = registry.lease(ModelRef.version(name, version));
        } catch (WhereforeException e) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "version " + version + " of model '" + name + "' can't be loaded, so nothing changed: "
                    + e.getMessage(), e);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "version " + version + " of model '" + name + "' can't be loaded, so nothing changed: "
                    + e, e);
        }
        if (lease.isEmpty()) {
            return change.make();
        }
        try (Lease l = lease.get()) {
            Trial trial = Trial.of(l.model(), l.extractor(), l.artifact());
            if (!trial.problem().isEmpty()) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "version " + version + " of model '" + name
                        + "' does not answer its own cases, so nothing changed: " + trial.problem());
            }
            return change.make();
        }
    }

    @Override
    public synchronized List<Transition> prune(String name, Retention retention, String who, String why) {
        List<Transition> deleted = registry.prune(name, retention, who, why);
        deleted.forEach(this::tell);
        return deleted;
    }

    @Override
    public ModelVersion importArchive(String name, InputStream archive, String who, String why) {
        if (!imports.tryAcquire()) {
            throw new WhereforeException(ErrorCode.CONFLICT, "another archive is being imported; import this one when it is done");
        }
        try (Import read = archives.read(name, archive)) {
            Trial trial = Trial.of(read.model(), read.extractor(), read.artifact());
            if (!trial.problem().isEmpty() || trial.tried() == 0) {
                throw new WhereforeException(ErrorCode.BAD_DATA, trial.problem().isEmpty()
                        ? "the archive holds no cases to try its model on; export it from a version that keeps some"
                        : "the archive's model does not answer its own cases: " + trial.problem() + "; nothing was imported");
            }
            return read.commit(who, why);
        } finally {
            imports.release();
        }
    }

    @Override
    public long moved(String name, String alias) {
        return last(name, t -> t.alias().equals(alias));
    }

    @Override
    public long split(String name) {
        return last(name, t -> t.kind().equals(Transition.TRAFFIC) || t.alias().equals(ModelRef.CHAMPION));
    }

    private long last(String name, java.util.function.Predicate<Transition> which) {
        return registry.transitions(name).stream().filter(which).mapToLong(Transition::sequence).max().orElse(0);
    }

    @Override
    public Runnable listen(Consumer<Transition> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tell(Transition t) {
        Audit trail = audit;
        if (trail != null && OWN.contains(t.who())) {
            try {
                trail.append(new Change(t.who(), "model " + t.kind(), t.alias().isEmpty() ? t.model() : t.model() + "@" + t.alias(),
                        t.from() == 0 ? "" : "version " + t.from(), (t.traffic() != null ? t.traffic().toString() : t.to() == 0 ? "" : "version " + t.to())
                                + (t.why().isEmpty() ? "" : ": " + t.why()), "done", ""));
            } catch (WhereforeException e) {
                LOG.log(System.Logger.Level.ERROR, "transition " + t + " is not in the audit trail", e);
            }
        }
        for (Consumer<Transition> l : listeners) {
            try {
                l.accept(t);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a listener failed", e);
            }
        }
    }

    // ---- figures

    @Override
    public ServingState state(String name) {
        Traffic traffic = registry.traffic(name);
        Plan plan = routing.plan(name);
        if (plan == null) {
            return new ServingState(name, 0, traffic, List.of(), null, 0, null);
        }
        Map<Integer, Online> online = online(name);
        List<ServingState.Version> versions = new ArrayList<>();
        versions.add(version("champion", plan.champion(), online));
        if (plan.canary() != null) {
            versions.add(version("canary", plan.canary(), online));
        }
        if (plan.previous() != null && !traffic.bears(plan.previous().version) && plan.previous().version != plan.champion().version) {
            versions.add(version("previous", plan.previous(), online));
        }
        Optional<Instant> until = fresh(name).map(t -> t.when().plus(Duration.ofMinutes(limits.watchMinutes())));
        boolean canary = plan.canary() != null;
        return new ServingState(name, plan.champion().version, plan.traffic(), versions, plan.shadow() == null ? null : plan.shadow().state(),
                canary ? plan.canary().version : until.isPresent() ? plan.champion().version : 0, canary ? null : until.orElse(null));
    }

    private ServingState.Version version(String role, Figures figures, Map<Integer, Online> online) {
        Figures.Seen seen = figures.seen();
        Online since = since(figures, online);
        Map<String, Double> rates = new HashMap<>();
        if (since.answers() > 0) {
            since.feedback().forEach((kind, n) -> rates.put(kind, since.rate(kind)));
        }
        return new ServingState.Version(figures.version, role, figures.since, seen.requests(), seen.errors(), seen.p50(), seen.p99(), since.answers(),
                rates);
    }

    /** What people did with the versions of a model, ever; empty for a model of no installed domain. */
    private Map<Integer, Online> online(String name) {
        Optional<String> domain = domain(name);
        if (domain.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Long> answers = new HashMap<>();
        journal.predictionCounts(domain.get()).forEach((key, count) -> {
            String[] parts = key.split("[: ]");
            if (parts[0].equals(name)) {
                answers.merge(Integer.valueOf(parts[1]), count, Long::sum);
            }
        });
        Map<Integer, Map<String, Long>> feedback = new HashMap<>();
        for (FeedbackCount c : journal.feedbackCounts(domain.get())) {
            if (c.model().equals(name)) {
                feedback.computeIfAbsent(c.version(), v -> new HashMap<>()).merge(c.kind(), c.count(), Long::sum);
            }
        }
        Map<Integer, Online> out = new HashMap<>();
        answers.forEach((v, n) -> out.put(v, new Online(n, feedback.getOrDefault(v, Map.of()))));
        return out;
    }

    /** Whose model it is. */
    private Optional<String> domain(String name) {
        return plugins.domains().stream().map(DomainPack::id).filter(d -> d.equals(name) || Predictor.classicModel(d).equals(name)).findFirst();
    }

    /** What people did since figures began, as far as it was looked at since. */
    private Online since(Figures figures, Map<Integer, Online> online) {
        Online now = online.getOrDefault(figures.version, new Online(0, Map.of()));
        Online then = figures.before;
        if (then == null) {
            figures.before = now;
            then = now;
        }
        Map<String, Long> feedback = new HashMap<>(now.feedback());
        then.feedback().forEach((kind, n) -> feedback.merge(kind, -n, Long::sum));
        feedback.values().removeIf(n -> n <= 0);
        return new Online(Math.max(0, now.answers() - then.answers()), feedback);
    }

    // ---- the watch

    /** The promotion that made the champion what it is, while it is watched. */
    private Optional<Transition> fresh(String name) {
        List<Transition> all = registry.transitions(name).stream().filter(t -> t.alias().equals(ModelRef.CHAMPION)).toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1)).filter(t -> t.kind().equals(Transition.PROMOTE) && t.from() != 0
                && t.from() != t.to() && t.when().plus(Duration.ofMinutes(limits.watchMinutes())).isAfter(clock.instant()));
    }

    /** Looks once at every model, and takes back what fares badly. */
    void look() {
        try {
            for (String name : registry.names()) {
                look(name);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the watch over new versions failed this time", e);
        }
    }

    /** What people did, not counted at every look; null where nobody said anything of a version yet, which needs no counting. */
    private Map<Integer, Online> onlineNow(String name) {
        Counted last = counted.get(name);
        Instant now = clock.instant();
        if (last == null || last.when().plus(ONLINE).isBefore(now)) {
            boolean any = domain(name).stream().flatMap(d -> journal.feedbackCounts(d).stream())
                    .anyMatch(c -> c.model().equals(name) && Judgement.WANTED.contains(c.kind()));
            last = new Counted(now, any ? online(name) : null);
            counted.put(name, last);
        }
        return last.online();
    }

    private void look(String name) {
        Optional<Transition> fresh = fresh(name);
        if (fresh.isEmpty() && registry.traffic(name).canary() == 0) {
            return;
        }
        long moved = moved(name, ModelRef.CHAMPION);
        long split = split(name);
        Plan plan = routing.plan(name);
        if (plan == null) {
            return;
        }
        Map<Integer, Online> online = onlineNow(name);
        Online champion = online == null ? null : since(plan.champion(), online);
        try {
            if (plan.canary() != null) {
                Optional<String> why = judgement.canary(plan.canary().seen(), plan.champion().seen(),
                        online == null ? null : since(plan.canary(), online), champion);
                if (why.isPresent()) {
                    LOG.log(System.Logger.Level.WARNING, "canary {0}:{1} is taken back: {2}", name, plan.canary().version, why.get());
                    split(name, plan.traffic().without(plan.canary().version), split, WATCH, "canary " + plan.canary().version + " taken back: " + why.get());
                    return;
                }
            }
            if (fresh.isPresent()) {
                Figures previous = plan.previous() != null && plan.previous().version == fresh.get().from() ? plan.previous() : null;
                Optional<String> why = judgement.champion(plan.champion().seen(), previous == null ? null : previous.seen(), champion,
                        online == null ? null : online.get(fresh.get().from()));
                if (why.isPresent()) {
                    LOG.log(System.Logger.Level.WARNING, "champion {0}:{1} is taken back: {2}", name, plan.champion().version, why.get());
                    rollback(name, ModelRef.CHAMPION, moved, WATCH, "version " + plan.champion().version + " taken back: " + why.get());
                }
            }
        } catch (WhereforeException e) {
            LOG.log(System.Logger.Level.WARNING, "a version of model {0} could not be taken back: {1}", name, e.getMessage());
        }
    }
}
