package org.wherefore.registry.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * Models in memory, counted: aliased and leased ones stay, of the others the two used last. A model whose engine or extractor
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

    Lease lease(ModelVersion version) {
        String key = version.info().name() + ":" + version.info().version();
        Slot slot;
        synchronized (slots) {
            if (down) {
                throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "the model registry is stopped");
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
        return new Counted(slot);
    }

    private void load(String key, Slot slot) {
        synchronized (slot) {
            if (slot.model != null) {
                return;
            }
            boolean done = false;
            try {
                ModelInfo info = slot.version.info();
                Engine engine = engines.stream().filter(e -> named(e::name, info.engine())).findFirst().orElseThrow(
                        () -> unavailable(key, "engine", info.engine(), engines.stream().map(Engine::name).sorted().toList()));
                String name = slot.version.provenance().getOrDefault("extractor", "");
                FeatureExtractor plugin = extractors.stream().filter(e -> named(e::name, name)).findFirst().orElseThrow(
                        () -> unavailable(key, "extractor", name, extractors.stream().map(FeatureExtractor::name).sorted().toList()));
                synchronized (slots) {
                    slot.engine = engine;
                    slot.plugin = plugin;
                }
                if (!registry.intact(info)) {
                    throw new WhereforeException(ErrorCode.BAD_DATA, "the stored files of model " + key
                            + " are not those that were committed (digest differs); roll back to another version");
                }
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

    /** Closes idle versions that no alias points to, but the two used last. */
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
        idle.removeIf(s -> registry.aliased(s.version.info()));
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
