package org.wherefore.core.internal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;

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

/** The one place that follows plugins as they come and go; everybody else asks it per call. */
@Component(service = Plugins.class, immediate = true)
public class InstalledPlugins implements Plugins {
    /** Used when a request names no strategy. */
    static final String DEFAULT_STRATEGY = "occlusion";

    private final List<DomainPack> domains = new CopyOnWriteArrayList<>();
    private final List<Engine> engines = new CopyOnWriteArrayList<>();
    private final List<Explainer> explainers = new CopyOnWriteArrayList<>();
    private final List<FeatureExtractor> extractors = new CopyOnWriteArrayList<>();
    private final List<DataConnector> connectors = new CopyOnWriteArrayList<>();

    @Activate
    public InstalledPlugins() {
        // references bind afterwards
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
        explainers.add(p);
    }

    public void removeExplainer(Explainer p) {
        explainers.remove(p);
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
        return find("explanation strategy", "/explain/strategy", explainers, Explainer::name,
                name.isEmpty() ? DEFAULT_STRATEGY : name);
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
