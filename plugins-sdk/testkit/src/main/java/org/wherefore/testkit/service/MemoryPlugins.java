package org.wherefore.testkit.service;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.predict.Plugins;

/** Installed plugins as a list that a test fills. The explainer added first is the default strategy. Thread-safe. */
public final class MemoryPlugins implements Plugins {
    private final List<Object> installed = new CopyOnWriteArrayList<>();

    /**
     * Installs plugins of any kind.
     *
     * @throws IllegalArgumentException when one implements no SPI
     */
    public MemoryPlugins install(Object... plugins) {
        for (Object p : plugins) {
            if (!(p instanceof DomainPack || p instanceof Engine || p instanceof Explainer || p instanceof FeatureExtractor
                    || p instanceof DataConnector)) {
                throw new IllegalArgumentException(p.getClass().getName() + " implements no plugin interface");
            }
            installed.add(p);
        }
        return this;
    }

    public MemoryPlugins uninstall(Object plugin) {
        installed.remove(plugin);
        return this;
    }

    @Override
    public List<DomainPack> domains() {
        return all(DomainPack.class);
    }

    @Override
    public List<Engine> engines() {
        return all(Engine.class);
    }

    @Override
    public List<Explainer> explainers() {
        return all(Explainer.class);
    }

    @Override
    public List<FeatureExtractor> extractors() {
        return all(FeatureExtractor.class);
    }

    @Override
    public List<DataConnector> connectors() {
        return all(DataConnector.class);
    }

    @Override
    public DomainPack domain(String id) {
        return find("domain", domains(), DomainPack::id, id);
    }

    @Override
    public Engine engine(String name) {
        return find("engine", engines(), Engine::name, name);
    }

    @Override
    public Explainer explainer(String name) {
        return name.isEmpty() && !explainers().isEmpty() ? explainers().get(0)
                : find("explanation strategy", explainers(), Explainer::name, name);
    }

    @Override
    public FeatureExtractor extractor(String name) {
        return find("extractor", extractors(), FeatureExtractor::name, name);
    }

    @Override
    public DataConnector connector(String name) {
        return find("connector", connectors(), DataConnector::name, name);
    }

    private <T> List<T> all(Class<T> type) {
        return installed.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static <T> T find(String what, List<T> all, Function<T, String> naming, String name) {
        return all.stream().filter(p -> naming.apply(p).equals(name)).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "no " + what + " '" + name + "'; installed: "
                        + all.stream().map(naming).sorted().toList()));
    }
}
