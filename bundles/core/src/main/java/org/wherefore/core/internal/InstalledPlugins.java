package org.wherefore.core.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.Strategies;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.guard.InstalledStrategy;

/** The one place that follows plugins as they come and go; everybody else asks it per call. */
@Component(service = {Plugins.class, Strategies.class}, immediate = true)
public class InstalledPlugins implements Plugins, Strategies {
    /** Used when a request names no strategy. */
    static final String DEFAULT_STRATEGY = "occlusion";
    /** Names another. */
    private static final String STRATEGY = "wherefore.explain.strategy";

    private final List<DomainPack> domains = new CopyOnWriteArrayList<>();
    private final List<Engine> engines = new CopyOnWriteArrayList<>();
    private final Bulkhead bulkhead;
    private final List<InstalledStrategy> explainers = new CopyOnWriteArrayList<>();
    private final List<FeatureExtractor> extractors = new CopyOnWriteArrayList<>();
    private final List<DataConnector> connectors = new CopyOnWriteArrayList<>();

    private final String defaultStrategy;

    @Activate
    public InstalledPlugins(BundleContext context, @Reference Bulkhead bulkhead) {
        this(bulkhead, context.getProperty(STRATEGY));
    }

    /** @param strategy the default one; null or blank for {@value #DEFAULT_STRATEGY} */
    InstalledPlugins(Bulkhead bulkhead, String strategy) {
        this.bulkhead = bulkhead;
        defaultStrategy = strategy == null || strategy.isBlank() ? DEFAULT_STRATEGY : strategy.trim();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addDomain(DomainPack p) {
        domains.add(p);
    }

    public void removeDomain(DomainPack p) {
        domains.remove(p);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addEngine(Engine p) {
        engines.add(p);
    }

    public void removeEngine(Engine p) {
        engines.remove(p);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addExplainer(Explainer p) {
        explainers.add(bulkhead.install(p));
    }

    /** Comes back when no call of it runs any more: its bundle stops then. */
    public void removeExplainer(Explainer p) {
        for (InstalledStrategy gone : explainers) {
            if (gone.plugin() == p) {
                explainers.remove(gone);
                if (!gone.withdraw(() -> explainers.stream().filter(e -> e.name().equals(gone.name())).findFirst().orElse(null))) {
                    System.getLogger(InstalledPlugins.class.getName()).log(System.Logger.Level.WARNING,
                            "strategy ''{0}'' {1} leaves while calls of it still run", gone.name(), gone.version());
                }
            }
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addExtractor(FeatureExtractor p) {
        extractors.add(p);
    }

    public void removeExtractor(FeatureExtractor p) {
        extractors.remove(p);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addConnector(DataConnector p) {
        connectors.add(p);
    }

    public void removeConnector(DataConnector p) {
        connectors.remove(p);
    }

    @Override
    public List<DomainPack> domains() {
        return List.copyOf(domains);
    }

    @Override
    public List<Engine> engines() {
        return List.copyOf(engines);
    }

    @Override
    public List<Explainer> explainers() {
        return List.copyOf(explainers);
    }

    @Override
    public List<FeatureExtractor> extractors() {
        return List.copyOf(extractors);
    }

    @Override
    public List<DataConnector> connectors() {
        return List.copyOf(connectors);
    }

    @Override
    public DomainPack domain(String id) {
        return find("domain", "/domain", domains, DomainPack::id, id);
    }

    @Override
    public Engine engine(String name) {
        return find("engine", "/engine", engines, Engine::name, name);
    }

    @Override
    public Explainer explainer(String name) {
        return strategy(name.isEmpty() ? defaultStrategy : name);
    }

    /** Of two of one name, such as the old and the new version of a bundle, one that is not quarantined. */
    private InstalledStrategy strategy(String name) {
        List<InstalledStrategy> all = new ArrayList<>(explainers);
        all.sort(Comparator.comparing(e -> e.state().quarantined()));
        return find("explanation strategy", "/explain/strategy", all, Explainer::name, name);
    }

    @Override
    public List<StrategyState> states() {
        return explainers.stream().map(InstalledStrategy::state).toList();
    }

    @Override
    public StrategyState release(String name) {
        InstalledStrategy s = explainers.stream().filter(e -> e.name().equals(name) && e.state().quarantined()).findFirst()
                .orElseGet(() -> strategy(name));
        if (s.isMute()) {
            throw new WhereforeException(ErrorCode.CONFLICT, "strategy '" + name + "' could not say what it is when it was installed ("
                    + s.state().reason() + "); install a version that can");
        }
        return s.release();
    }

    @Override
    public Runnable listen(Consumer<StrategyState> listener) {
        return bulkhead.listen(listener);
    }

    @Override
    public FeatureExtractor extractor(String name) {
        return find("extractor", "/extractor", extractors, FeatureExtractor::name, name);
    }

    @Override
    public DataConnector connector(String name) {
        return find("connector", "/connector", connectors, DataConnector::name, name);
    }

    private static <T> T find(String what, String pointer, List<T> installed, Function<T, String> name, String wanted) {
        for (T t : installed) {
            if (name.apply(t).equals(wanted)) {
                return t;
            }
        }
        String names = installed.stream().map(name).sorted().collect(Collectors.joining(", "));
        throw new WhereforeException(ErrorCode.NOT_FOUND, pointer, "there is no " + what + " '" + wanted + "'; installed: "
                + (names.isEmpty() ? "none" : names), null);
    }
}
