package org.wherefore.core.internal.guard;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.predict.StrategyState;

/**
 * One registration of a strategy: what it said of itself, once, and how it fares. Whoever lists strategies never runs their code.
 * {@link #supports} and {@link #explain} go straight to the plugin and are for the {@link Bulkhead} to call. Thread-safe.
 */
public final class InstalledStrategy implements Explainer {
    private final Explainer plugin;
    private final String name;
    private final String version;
    private final List<Parameter> parameters;
    private final Limits limits;
    private final Consumer<StrategyState> listener;
    private final boolean mute;
    /** Bounds its calls at the same time. */
    final Semaphore threads;
    private int faults;
    private int abandoned;
    private String reason = "";
    private boolean quarantined;
    private Instant since = Instant.now();
    /** Calls whose threads may still run its code. */
    private int inFlight;
    /** When the last caller that waits for one goes on without it, in nanoseconds. */
    private long callersUntil;
    /** Finds the one to ask instead; null while this one is there. */
    private Supplier<InstalledStrategy> successor;

    private InstalledStrategy(Explainer plugin, String name, String version, List<Parameter> parameters, Limits limits,
            Consumer<StrategyState> listener, boolean mute) {
        this.plugin = Objects.requireNonNull(plugin, "plugin");
        this.name = name;
        this.version = version;
        this.parameters = parameters;
        this.limits = limits;
        this.listener = listener;
        this.threads = new Semaphore(limits.each());
        this.mute = mute;
    }

    static InstalledStrategy of(Explainer plugin, String name, String version, List<Parameter> parameters, Limits limits,
            Consumer<StrategyState> listener) {
        return new InstalledStrategy(plugin, name, version, List.copyOf(parameters), limits, listener, false);
    }

    /** One that could not say what it is; it stays in quarantine. */
    static InstalledStrategy mute(Explainer plugin, String reason, Limits limits, Consumer<StrategyState> listener) {
        InstalledStrategy s = new InstalledStrategy(plugin, plugin.getClass().getName(), "", List.of(), limits, listener, true);
        s.quarantined = true;
        s.faults = 1;
        s.reason = reason;
        return s;
    }

    public Explainer plugin() {
        return plugin;
    }

    /** Whether it could not even say its name. */
    public boolean isMute() {
        return mute;
    }

    public synchronized StrategyState state() {
        return new StrategyState(name, version, quarantined ? StrategyState.QUARANTINED : StrategyState.ACTIVE, reason, faults, abandoned,
                since);
    }

    /** Begins a call, unless it has been withdrawn; {@link #left} has to follow. */
    synchronized boolean enter(long deadlineMillis) {
        if (successor != null) {
            return false;
        }
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
        callersUntil = inFlight == 0 || until - callersUntil > 0 ? until : callersUntil;
        inFlight++;
        return true;
    }

    synchronized void left() {
        inFlight--;
        notifyAll();
    }

    /** The one that has its name now, when this one was withdrawn. @return null when there is none */
    InstalledStrategy successor() {
        Supplier<InstalledStrategy> s;
        synchronized (this) {
            s = successor;
        }
        return s == null ? null : s.get();
    }

    /**
     * Lets no call in any more and waits for those that are in: until they answered, or were cut at their deadlines and their threads ended
     * or were given up. Its bundle may stop then.
     *
     * @param other finds the one to ask instead, or null
     * @return whether nothing runs any more
     */
    public boolean withdraw(Supplier<InstalledStrategy> other) {
        boolean interrupted = false;
        synchronized (this) {
            successor = other;
            while (inFlight > 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(callersUntil - System.nanoTime()) + limits.giveUpMillis();
                if (left <= 0) {
                    break;
                }
                try {
                    wait(Math.min(left, 1_000));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return inFlight == 0;
        }
    }

    void succeeded() {
        synchronized (this) {
            faults = 0;
        }
    }

    void failed(String why) {
        boolean now;
        synchronized (this) {
            reason = why;
            faults++;
            now = !quarantined && faults >= limits.faults();
            if (now) {
                quarantined = true;
                since = Instant.now();
            }
        }
        System.getLogger(InstalledStrategy.class.getName()).log(System.Logger.Level.WARNING, "strategy ''{0}'' {1} failed: {2}{3}", name, version,
                why, now ? "; it is quarantined" : "");
        if (now) {
            listener.accept(state());
        }
    }

    void abandon(int threadsLeft, String names) {
        synchronized (this) {
            abandoned += threadsLeft;
        }
        System.getLogger(InstalledStrategy.class.getName()).log(System.Logger.Level.ERROR,
                "strategy ''{0}'' {1} left {2} thread(s) that can''t be ended: {3}; only a restart ends them", name, version, threadsLeft, names);
    }

    /** Forgives. @return the new state */
    public StrategyState release() {
        boolean changed;
        synchronized (this) {
            changed = quarantined;
            quarantined = false;
            faults = 0;
            reason = "";
            if (changed) {
                since = Instant.now();
            }
        }
        StrategyState state = state();
        if (changed) {
            listener.accept(state);
        }
        return state;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return plugin.supports(model, instance);
    }

    @Override
    public List<? extends Finding> explain(ExplanationContext context) {
        return plugin.explain(context);
    }
}
