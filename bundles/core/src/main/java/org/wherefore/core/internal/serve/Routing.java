package org.wherefore.core.internal.serve;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.Traffic;

/**
 * Which version of a model answers a request, and what its versions did. The lease given out keeps the time of the answer made on it, and
 * hands the answer to the shadow when it is closed. Thread-safe.
 */
@Component(service = Routing.class)
public class Routing {
    private static final System.Logger LOG = System.getLogger(Routing.class.getName());
    private final ModelRegistry registry;
    private final Clock clock;
    private final ShadowScoring shadows;
    private final Map<String, Plan> plans = new ConcurrentHashMap<>();

    @Activate
    public Routing(BundleContext context, @Reference ModelRegistry registry) {
        this(registry, Clock.systemUTC(), ServingLimits.of(context::getProperty).shadowQueue());
    }

    /** With the defaults; outside a framework. */
    public Routing(ModelRegistry registry) {
        this(registry, Clock.systemUTC(), ServingLimits.of(p -> null).shadowQueue());
    }

    Routing(ModelRegistry registry, Clock clock, int queue) {
        this.registry = registry;
        this.clock = clock;
        this.shadows = new ShadowScoring(registry, queue);
    }

    @Deactivate
    public void close() {
        shadows.close();
    }

    /**
     * Who a request is for: the person, or what is given instead of one. The same record has always the same key; a session has only its
     * history, and so another key when it grows.
     */
    static String key(PredictionRequest request) {
        return request.user() != null ? "user " + request.user()
                : request.record() != null ? "record " + request.record().hashCode() : "session " + request.history();
    }

    /**
     * Leases the version that answers a request: the canary for its part of the people, otherwise the champion; the champion, too, where
     * the canary can't be leased, which counts as an error of it.
     *
     * @return empty when the model has no champion
     * @throws org.wherefore.api.WhereforeException as {@link ModelRegistry#lease} of the champion
     */
    public Optional<Lease> lease(String model, PredictionRequest request) {
        return lease(model, () -> key(request));
    }

    /** @param key who it is for; asked only where that matters */
    Optional<Lease> lease(String model, Supplier<String> key) {
        Plan plan = plan(model);
        if (plan == null) {
            return Optional.empty();
        }
        if (plan.canary() != null && Sticky.within(plan.traffic().percent(), model, key.get())) {
            Optional<Lease> canary = canary(model, plan);
            if (canary.isPresent()) {
                return canary;
            }
        }
        return registry.lease(ModelRef.version(model, plan.champion().version)).or(() -> registry.lease(ModelRef.alias(model, ModelRef.CHAMPION)))
                .map(l -> new RoutedLease(l, plan.champion(), plan.shadow(), shadows));
    }

    private Optional<Lease> canary(String model, Plan plan) {
        try {
            Optional<Lease> lease = registry.lease(ModelRef.version(model, plan.canary().version));
            if (lease.isPresent()) {
                return lease.map(l -> new RoutedLease(l, plan.canary(), null, shadows));
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, "the canary {0}:{1} can''t be loaded: {2}", model, plan.canary().version, e.toString());
        }
        plan.canary().failed();
        return Optional.empty();
    }

    /** As champion and split are now; null without a champion. */
    Plan plan(String model) {
        int champion = registry.aliases(model).getOrDefault(ModelRef.CHAMPION, 0);
        if (champion == 0) {
            return null;
        }
        Traffic traffic = registry.traffic(model);
        Plan plan = plans.get(model);
        if (plan != null && plan.fits(champion, traffic)) {
            return plan;
        }
        return plans.compute(model, (m, p) -> p == null ? Plan.first(champion, traffic, clock.instant())
                : p.fits(champion, traffic) ? p : p.next(champion, traffic, clock.instant()));
    }
}
