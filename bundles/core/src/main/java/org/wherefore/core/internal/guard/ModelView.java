package org.wherefore.core.internal.guard;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * What a strategy sees of a model during one call: the same answers, until the call is over; from then on every use fails, and
 * whoever ended it has waited until nobody is in the model any more. Knows which threads are in the model, so that no thread is
 * interrupted or stopped there, and what they allocated there, which is not the strategy's. Large requests go to the model in
 * parts, so that the end of a call never waits long. Thread-safe.
 */
public final class ModelView implements Model {
    /** Instances that the model gets at once. */
    private static final int PART = 64;
    private final ModelInfo info;
    private final int targets;
    private final Map<Thread, Integer> inside = new HashMap<>();
    private Model model;
    private long allocated;
    private Throwable failure;
    private Overspent overspent;
    private boolean refused;

    /** @param targets how many targets it has */
    public ModelView(Model model, int targets) {
        this.model = model;
        this.info = model.info();
        this.targets = targets;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        require(instance != null && excluded != null, "instance and excluded are not null");
        require(k >= 0, "k is not negative");
        return within(m -> m.predict(instance, k, excluded));
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] asked, BitSet excluded, boolean ranks) {
        require(instances != null && asked != null && excluded != null, "instances, targets and excluded are not null");
        List<? extends Instance> all = List.copyOf(instances);
        int[] of = asked.clone();
        for (int t : of) {
            require(t >= 0 && t < targets, "target " + t + " is not one of the model's " + targets);
        }
        if (all.size() <= PART) {
            return within(m -> m.score(all, of, excluded, ranks));
        }
        RankedScore[][] out = new RankedScore[all.size()][];
        for (int from = 0; from < out.length; from += PART) {
            List<? extends Instance> part = all.subList(from, Math.min(out.length, from + PART));
            RankedScore[][] scores = within(m -> m.score(part, of, excluded, ranks));
            System.arraycopy(scores, 0, out, from, part.size());
        }
        return out;
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        require(ability != null, "ability is not null");
        Optional<T> given = within(m -> m.adapt(ability));
        if (given.isEmpty() || !ability.isInterface()) {
            return Optional.empty();
        }
        T real = given.get();
        return Optional.of(ability.cast(Proxy.newProxyInstance(ability.getClassLoader(), new Class<?>[] {ability}, (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> ability.getSimpleName() + " of " + info.name() + ":" + info.version();
                };
            }
            return within(m -> {
                try {
                    return method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                    throw sneaky(e.getCause());
                }
            });
        })));
    }

    /** Does nothing: the model is closed when its lease ends. */
    @Override
    public void close() {
        // not the strategy's to close
    }

    private interface Use<T> {
        T of(Model m) throws Exception;
    }

    private <T> T within(Use<T> use) {
        Model m = enter();
        long before = Allocation.ofThisThread();
        try {
            return use.of(m);
        } catch (Overspent e) {
            synchronized (this) {
                overspent = e;
            }
            throw e;
        } catch (Throwable e) {
            synchronized (this) {
                failure = e;
            }
            throw sneaky(e);
        } finally {
            leave(Allocation.ofThisThread() - before);
        }
    }

    private synchronized Model enter() {
        if (model == null) {
            refused = true;
            throw new IllegalStateException("the call is over; a strategy keeps no model");
        }
        inside.merge(Thread.currentThread(), 1, Integer::sum);
        return model;
    }

    private synchronized void leave(long bytes) {
        allocated += bytes;
        inside.computeIfPresent(Thread.currentThread(), (t, n) -> n == 1 ? null : n - 1);
        notifyAll();
    }

    /** Ends the view, then waits until every thread has come out of the model. Uninterruptible: the model must outlive its use. */
    void end() {
        boolean interrupted = false;
        synchronized (this) {
            model = null;
            while (inside.keySet().stream().anyMatch(t -> t.isAlive() && t != Thread.currentThread())) {
                try {
                    wait(100);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does something to a thread while it can't enter the model; does nothing when it is in there. */
    synchronized void outside(Thread thread, Runnable deed) {
        if (!inside.containsKey(thread)) {
            deed.run();
        }
    }

    synchronized boolean isInside(Thread thread) {
        return inside.containsKey(thread);
    }

    /** What was allocated in the model, by all threads that have come out of it. */
    synchronized long allocatedInside() {
        return allocated;
    }

    /** What the model threw last, or null. */
    synchronized Throwable failure() {
        return failure;
    }

    /** Whether somebody used it after its end. */
    synchronized boolean refused() {
        return refused;
    }

    synchronized Overspent overspent() {
        return overspent;
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException("the model was asked wrongly: " + rule);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }
}
