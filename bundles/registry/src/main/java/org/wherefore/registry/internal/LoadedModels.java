package org.wherefore.registry.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelVersion;

/**
 * Models in memory, counted: aliased, traffic-bearing and leased ones stay, of the others the two used last. A model whose engine or extractor
 * goes away is closed when its last lease ends. Plugin code is never called under the lock. Thread-safe.
 */
final class LoadedModels {
    private static final int IDLE = 2;

    /** One version being loaded or loaded; it is in {@link #slots} until it is retired. */
    private static final class Slot {
        final ModelVersion version;
        int leases;
        long used;
        boolean retired;
        Engine engine;
        FeatureExtractor plugin;
        volatile Model model;
        volatile FittedExtractor extractor;

        Slot(ModelVersion version) {
            this.version = version;
        }
    }

    private final DiskModelRegistry registry;
    private final List<Engine> engines = new CopyOnWriteArrayList<>();
    private final List<FeatureExtractor> extractors = new CopyOnWriteArrayList<>();
    private final Map<String, Slot> slots = new HashMap<>();
    /** Versions that are deleted or just being deleted; their numbers never come again. Guarded by {@link #slots}. */
    private final Set<String> condemned = new HashSet<>();
    private long clock;
    private boolean down;

    LoadedModels(DiskModelRegistry registry) {
        this.registry = registry;
    }

    void add(Engine engine) {
        engines.add(engine);
    }

    void add(FeatureExtractor extractor) {
        extractors.add(extractor);
    }

    void remove(Engine engine) {
        engines.remove(engine);
        retire(s -> s.engine == engine);
    }

    void remove(FeatureExtractor extractor) {
        extractors.remove(extractor);
        retire(s -> s.plugin == extractor);
    }

    void shutDown() {
        synchronized (slots) {
            down = true;
        }
        retire(s -> true);
    }

    /** Empty for a version that is being deleted. */
    Optional<Lease> lease(ModelVersion version) {
        String key = key(version.info().name(), version.info().version());
        Slot slot;
        synchronized (slots) {
            if (down) {
                throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "the model registry is stopped");
            }
            if (condemned.contains(key)) {
                return Optional.empty();
            }
            slot = slots.computeIfAbsent(key, k -> new Slot(version));
            slot.leases++;
            slot.used = ++clock;
        }
        boolean ready = false;
        try {
            if (slot.model == null) {
                load(key, slot);
            }
            ready = true;
        } finally {
            if (!ready) {
                release(slot);
            }
        }
        return Optional.of(new Counted(slot));
    }

    private static String key(String name, int version) {
        return name + ":" + version;
    }

    /** Whether a lease is open on a version. */
    boolean leased(String name, int version) {
        synchronized (slots) {
            Slot s = slots.get(key(name, version));
            return s != null && s.leases > 0;
        }
    }

    /** Gives out no more leases of these versions. @return those of them that no lease is open on; the others are not condemned */
    List<Integer> condemn(String name, List<Integer> versions) {
        synchronized (slots) {
            List<Integer> free = versions.stream().filter(v -> !leased(name, v)).toList();
            free.forEach(v -> condemned.add(key(name, v)));
            return free;
        }
    }

    void pardon(String name, List<Integer> versions) {
        synchronized (slots) {
            versions.forEach(v -> condemned.remove(key(name, v)));
        }
    }

    /** Closes what is loaded of deleted versions. */
    void forget(String name, List<Integer> versions) {
        retire(s -> s.version.info().name().equals(name) && versions.contains(s.version.info().version()));
    }

    private void load(String key, Slot slot) {
        synchronized (slot) {
            if (slot.model != null) {
                return;
            }
            boolean done = false;
            try {
                ModelInfo info = slot.version.info();
                Engine engine = engine(key, info.engine());
                FeatureExtractor plugin = extractor(key, slot.version.provenance().getOrDefault("extractor", ""));
                synchronized (slots) {
                    slot.engine = engine;
                    slot.plugin = plugin;
                }
                registry.check(info);
                ArtifactReader artifact = registry.open(ModelRef.version(info.name(), info.version()));
                FittedExtractor extractor = plugin.load(artifact);
                Model model = engine.load(info, extractor.schema(), artifact);
                slot.extractor = extractor;
                slot.model = model;
                done = true;
                if (!engines.contains(engine) || !extractors.contains(plugin)) {
                    retire(s -> s == slot); // went away while it loaded: this lease still works, the next one asks again
                }
            } finally {
                if (!done) {
                    retire(s -> s == slot);
                }
            }
        }
    }

    /** @throws WhereforeException {@code MODEL_UNAVAILABLE} */
    Engine engine(String what, String name) {
        return engines.stream().filter(e -> named(e::name, name)).findFirst().orElseThrow(
                () -> unavailable(what, "engine", name, engines.stream().map(Engine::name).sorted().toList()));
    }

    /** @throws WhereforeException {@code MODEL_UNAVAILABLE} */
    FeatureExtractor extractor(String what, String name) {
        return extractors.stream().filter(e -> named(e::name, name)).findFirst().orElseThrow(
                () -> unavailable(what, "extractor", name, extractors.stream().map(FeatureExtractor::name).sorted().toList()));
    }

    private static boolean named(java.util.function.Supplier<String> plugin, String name) {
        try {
            return name.equals(plugin.get());
        } catch (RuntimeException e) {
            return false; // a broken plugin is not the one asked for
        }
    }

    private static WhereforeException unavailable(String key, String what, String name, List<String> installed) {
        return new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "model " + key + " needs " + what + " '" + name
                + "', which is not installed; installed: " + installed);
    }

    private void release(Slot slot) {
        boolean close;
        synchronized (slots) {
            slot.leases--;
            close = slot.retired && slot.leases == 0;
        }
        if (close) {
            close(slot);
        } else {
            trim();
        }
    }

    /** Closes idle versions that no alias points to and that bear no traffic, but the two used last. */
    void trim() {
        List<Slot> idle = new ArrayList<>();
        synchronized (slots) {
            if (slots.size() <= IDLE) {
                return;
            }
            for (Slot s : slots.values()) {
                if (s.leases == 0) {
                    idle.add(s);
                }
            }
        }
        if (idle.size() <= IDLE) {
            return;
        }
        idle.removeIf(s -> registry.serves(s.version.info()));
        List<Slot> close = new ArrayList<>();
        synchronized (slots) {
            idle.removeIf(s -> s.leases > 0 || s.retired);
            idle.sort(Comparator.comparingLong((Slot s) -> s.used).reversed());
            for (Slot s : idle.subList(Math.min(IDLE, idle.size()), idle.size())) {
                s.retired = true;
                slots.values().remove(s);
                close.add(s);
            }
        }
        close.forEach(LoadedModels::close);
    }

    private void retire(java.util.function.Predicate<Slot> which) {
        List<Slot> close = new ArrayList<>();
        synchronized (slots) {
            slots.values().removeIf(s -> {
                if (!which.test(s)) {
                    return false;
                }
                s.retired = true;
                if (s.leases == 0) {
                    close.add(s);
                }
                return true;
            });
        }
        close.forEach(LoadedModels::close);
    }

    private static void close(Slot slot) {
        Model model;
        synchronized (slot) {
            model = slot.model;
            slot.model = null;
            slot.extractor = null;
        }
        if (model != null) {
            try {
                model.close();
            } catch (RuntimeException | LinkageError e) {
                DiskModelRegistry.LOG.log(System.Logger.Level.WARNING, "model {0} did not close: {1}", slot.version.info(), e.toString());
            }
        }
    }

    /** One lease; closing it twice counts once. */
    private final class Counted implements Lease {
        private final Slot slot;
        private final Model model;
        private final FittedExtractor extractor;
        private final AtomicBoolean closed = new AtomicBoolean();

        Counted(Slot slot) {
            this.slot = slot;
            this.model = slot.model;
            this.extractor = slot.extractor;
        }

        @Override
        public ModelVersion version() {
            return slot.version;
        }

        @Override
        public Model model() {
            return open(model);
        }

        @Override
        public FittedExtractor extractor() {
            return open(extractor);
        }

        @Override
        public ArtifactReader artifact() {
            return open(registry.open(ModelRef.version(slot.version.info().name(), slot.version.info().version())));
        }

        private <T> T open(T value) {
            if (closed.get()) {
                throw new IllegalStateException("the lease of " + slot.version.info() + " is closed");
            }
            return value;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release(slot);
            }
        }
    }
}
