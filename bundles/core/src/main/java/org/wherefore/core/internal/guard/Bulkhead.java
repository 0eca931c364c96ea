package org.wherefore.core.internal.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.predict.StrategyState;

/**
 * Runs the code of strategies so that a bad one costs its own answer only: on threads of their own, few of them, each call with a
 * deadline that the caller is held to, a bound on what it allocates, and a {@link ModelView} that ends with it. What can and what
 * can't be stopped is in {@code docs/decisions/0005-bad-strategies.md}. Thread-safe.
 */
@Component(service = Bulkhead.class)
public class Bulkhead {
    /** The group that all calls' groups are in. */
    static final ThreadGroup GROUP = new ThreadGroup("explain");
    /** Part of the deadline after which a strategy is asked to come to an end. */
    private static final double SOFT = 0.9;
    /** What a caller waits beyond a deadline, for a strategy that is just answering with what it knows. */
    private static final long SLACK_MILLIS = 20;
    /** Shortest deadline that a strategy is blamed for ignoring while it still asks the model. */
    private static final long FAIR_MILLIS = 1_000;
    private static final long DESCRIBE_MILLIS = 2_000;

    private final Limits limits;
    private final Semaphore threads;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Watchdog watchdog = new Watchdog();
    private final List<Consumer<StrategyState>> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public Bulkhead(BundleContext context) {
        this(Limits.of(context::getProperty));
    }

    /** With the defaults and system properties; outside a framework. */
    public Bulkhead() {
        this(Limits.of(System::getProperty));
    }

    Bulkhead(Limits limits) {
        this.limits = limits;
        this.threads = new Semaphore(limits.threads(), true);
    }

    @Deactivate
    public void close() {
        watchdog.close();
    }

    /** Tells of strategies that enter or leave quarantine until what comes back is run. */
    public Runnable listen(Consumer<StrategyState> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tell(StrategyState state) {
        for (Consumer<StrategyState> l : listeners) {
            try {
                l.accept(state);
            } catch (RuntimeException e) {
                System.getLogger(Bulkhead.class.getName()).log(System.Logger.Level.WARNING, "a listener failed", e);
            }
        }
    }

    private record Description(String name, String version, List<Parameter> parameters) {}

    /** Asks a strategy what it is; one that does not say is installed in quarantine, under the name of its class. */
    public InstalledStrategy install(Explainer plugin) {
        if (plugin instanceof InstalledStrategy s) {
            return s;
        }
        InstalledStrategy unknown = InstalledStrategy.mute(plugin, "", limits, s -> { });
        unknown.enter(DESCRIBE_MILLIS);
        Outcome<Description> said = run(unknown, null, DESCRIBE_MILLIS, over -> {
            String name = plugin.name();
            if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
                throw new Rubbish("a strategy's name has letters, digits, dots, dashes and underscores, 100 at most");
            }
            String version = plugin.version();
            if (version == null || version.length() > 100) {
                throw new Rubbish("a strategy's version is a text of at most 100 characters");
            }
            List<Parameter> parameters = plugin.parameters();
            if (parameters == null) {
                throw new Rubbish("a strategy's parameters are a list, not null");
            }
            return new Description(name, version, List.copyOf(new ArrayList<>(parameters)));
        });
        if (said instanceof Outcome.Done<Description> d) {
            return InstalledStrategy.of(plugin, d.value().name(), d.value().version(), d.value().parameters(), limits, this::tell);
        }
        return InstalledStrategy.mute(plugin, said.why(), limits, this::tell);
    }

    /** Work that is told when it should come to an end. */
    public interface Work<T> {
        /** @param over asked between steps; true when what is known is the answer. Everything plugin-made is looked at in here */
        T call(BooleanSupplier over) throws Exception;
    }

    /** Work with a strategy. */
    public interface StrategyWork<T> {
        /** @param strategy the one to ask, which has taken the asked one's place when that has been withdrawn @param over as for {@link Work} */
        T call(InstalledStrategy strategy, BooleanSupplier over) throws Exception;
    }

    /**
     * Runs a strategy's code and waits for it until the deadline, no longer. The view is over when this returns.
     *
     * @param view null for a call without a model
     */
    public <T> Outcome<T> call(InstalledStrategy strategy, ModelView view, long deadlineMillis, Work<T> work) {
        return call(strategy, view, deadlineMillis, (s, over) -> work.call(over));
    }

    /** As the other; a strategy that has been withdrawn since it was looked up is not asked, but the one that has its name now. */
    public <T> Outcome<T> call(InstalledStrategy asked, ModelView view, long deadlineMillis, StrategyWork<T> work) {
        InstalledStrategy strategy = asked;
        while (!strategy.enter(deadlineMillis)) {
            strategy = strategy.successor();
            if (strategy == null) {
                return new Outcome.Failed<>("strategy '" + asked.name() + "' was removed");
            }
        }
        InstalledStrategy entered = strategy;
        StrategyState state = strategy.state();
        if (state.quarantined()) {
            strategy.left();
            return new Outcome.Failed<>("strategy '" + strategy.name() + "' is quarantined since " + state.since().truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                    + ": " + state.reason());
        }
        return run(strategy, view, deadlineMillis, over -> work.call(entered, over));
    }

    /** The strategy has been entered; it is left when no thread of the call is there any more. */
    private <T> Outcome<T> run(InstalledStrategy strategy, ModelView view, long deadlineMillis, Work<T> work) {
        long start = System.nanoTime();
        long deadline = TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
        Call<T> call = null;
        try {
            if (!acquire(strategy, Math.min(deadlineMillis, limits.patienceMillis()))) {
                strategy.left();
                return new Outcome.Failed<>("all threads for explanations by '" + strategy.name() + "' are busy; ask again");
            }
            long soft = (long) (deadline * SOFT);
            BooleanSupplier over = () -> System.nanoTime() - start > soft;
            Callable<T> task = () -> work.call(over);
            Runnable release = () -> {
                threads.release();
                strategy.threads.release();
                strategy.left();
            };
            call = new Call<>(strategy, view, task, limits, deadlineMillis >= FAIR_MILLIS, release);
            watchdog.watch(call);
            try {
                call.start();
            } catch (OutOfMemoryError e) {
                watchdog.forget(call);
                release.run();
                return new Outcome.Failed<>("no thread could be started");
            }
            Outcome<T> outcome = call.await(start + deadline + TimeUnit.MILLISECONDS.toNanos(SLACK_MILLIS) - System.nanoTime());
            return outcome != null ? outcome : call.giveUp("no answer within " + deadlineMillis + " ms");
        } catch (InterruptedException e) {
            if (call == null) {
                strategy.left();
            } else {
                call.giveUp("the caller was interrupted");
            }
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted while an explanation was made", e);
        } finally {
            if (view != null) {
                view.end();
            }
        }
    }

    private boolean acquire(InstalledStrategy strategy, long millis) throws InterruptedException {
        if (strategy.threads.tryAcquire()) {
            if (threads.tryAcquire()) {
                return true;
            }
            strategy.threads.release();
        }
        if (waiting.incrementAndGet() > limits.waiting()) {
            waiting.decrementAndGet();
            return false;
        }
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            if (!strategy.threads.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                return false;
            }
            if (threads.tryAcquire(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return true;
            }
            strategy.threads.release();
            return false;
        } finally {
            waiting.decrementAndGet();
        }
    }
}
