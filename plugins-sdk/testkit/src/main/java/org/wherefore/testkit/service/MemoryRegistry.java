package org.wherefore.testkit.service;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

/**
 * Models in memory: as the platform's registry, but nothing survives the JVM. A lease loads the model through the plugins
 * given and its last lease closes it, so a test sees at once what is used after closing. The time of everything is the epoch.
 * Thread-safe.
 */
public final class MemoryRegistry implements ModelRegistry {
    private static final class Stored {
        final ModelVersion version;
        final MemoryArtifact artifact;
        final Map<String, byte[]> notes = new TreeMap<>();
        int leases;
        boolean deleted;
        Model model;
        FittedExtractor extractor;

        Stored(ModelVersion version, MemoryArtifact artifact) {
            this.version = version;
            this.artifact = artifact;
        }
    }

    private final Plugins plugins;
    private final Map<String, List<Stored>> models = new TreeMap<>();
    private final Map<String, Map<String, Integer>> aliases = new TreeMap<>();
    private final Map<String, Traffic> traffic = new TreeMap<>();
    private final List<Transition> transitions = new ArrayList<>();

    /** @param plugins where leases find engine and extractor */
    public MemoryRegistry(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public synchronized List<String> names() {
        return List.copyOf(models.keySet());
    }

    @Override
    public synchronized List<ModelVersion> versions(String name) {
        return models.getOrDefault(name, List.of()).stream().filter(s -> !s.deleted).map(s -> s.version).toList();
    }

    @Override
    public synchronized Optional<ModelVersion> find(ModelRef ref) {
        return stored(ref).map(s -> s.version);
    }

    @Override
    public synchronized Map<String, Integer> aliases(String name) {
        return Map.copyOf(aliases.getOrDefault(name, Map.of()));
    }

    @Override
    public synchronized Traffic traffic(String name) {
        return traffic.getOrDefault(name, Traffic.NONE);
    }

    @Override
    public synchronized List<Transition> transitions(String name) {
        return transitions.stream().filter(t -> t.model().equals(name)).toList();
    }

    @Override
    public Staged stage(String name) {
        return new Stage(name);
    }

    @Override
    public synchronized ModelVersion commit(Staged staged, String engine, Map<String, String> provenance, Map<String, Double> metrics) {
        if (!(staged instanceof Stage stage) || stage.registry() != this || !stage.usable.compareAndSet(true, false)) {
            throw new WhereforeException(ErrorCode.CONFLICT, "only a model staged here, and only once, can be committed");
        }
        if (stage.artifact.unclosed() != null) {
            stage.usable.set(true);
            throw new WhereforeException(ErrorCode.CONFLICT, "entry '" + stage.artifact.unclosed() + "' is not closed");
        }
        List<Stored> all = models.computeIfAbsent(stage.name, n -> new ArrayList<>());
        ModelVersion made = new ModelVersion(new ModelInfo(stage.name, all.size() + 1, engine, stage.artifact.digest()),
                Instant.EPOCH, provenance, metrics);
        all.add(new Stored(made, stage.artifact));
        stage.removeFolder();
        return made;
    }

    @Override
    public synchronized Transition promote(String name, String alias, int version, String who, String why) {
        return move(Transition.PROMOTE, name, alias, version, who, why);
    }

    private Transition move(String kind, String name, String alias, int version, String who, String why) {
        there(name, version);
        Integer from = aliases.computeIfAbsent(name, n -> new TreeMap<>()).put(alias, version);
        if (alias.equals(ModelRef.CHAMPION)) {
            traffic.computeIfPresent(name, (n, t) -> t.without(version));
        }
        return add(name, kind, alias, from == null ? 0 : from, version, null, who, why);
    }

    private void there(String name, int version) {
        if (stored(ModelRef.version(name, Math.max(1, version))).isEmpty() || version < 1) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "model '" + name + "' has no version " + version + "; it has "
                    + versions(name).stream().map(v -> v.info().version()).toList());
        }
    }

    private Transition add(String name, String kind, String alias, int from, int to, Traffic split, String who, String why) {
        Transition t = new Transition(transitions(name).size() + 1L, name, kind, alias, from, to, split, who, why, Instant.EPOCH);
        transitions.add(t);
        return t;
    }

    @Override
    public synchronized Transition rollback(String name, String alias, String who, String why) {
        Deque<Integer> before = before(name, alias);
        if (before.isEmpty()) {
            throw new WhereforeException(ErrorCode.CONFLICT, "alias '" + name + "@" + alias + "' has no version before");
        }
        return move(Transition.ROLLBACK, name, alias, before.peek(), who, why);
    }

    /** Where an alias can go back to, the nearest first. */
    private Deque<Integer> before(String name, String alias) {
        Deque<Integer> before = new ArrayDeque<>();
        transitions(name).stream().filter(t -> t.alias().equals(alias)).forEach(t -> {
            if (t.kind().equals(Transition.ROLLBACK)) {
                before.poll();
            } else if (t.from() != 0 && t.from() != t.to()) {
                before.push(t.from());
            }
        });
        before.removeIf(v -> stored(ModelRef.version(name, v)).isEmpty());
        return before;
    }

    @Override
    public synchronized Transition split(String name, Traffic wanted, String who, String why) {
        int champion = aliases(name).getOrDefault(ModelRef.CHAMPION, 0);
        if (!wanted.equals(Traffic.NONE) && (champion == 0 || wanted.bears(champion))) {
            throw new WhereforeException(ErrorCode.CONFLICT, "model '" + name + "' has the champion " + champion + " (0: none); " + wanted
                    + " needs one, and another");
        }
        for (int v : new int[] {wanted.canary(), wanted.shadow()}) {
            if (v != 0) {
                there(name, v);
            }
        }
        Traffic before = traffic(name);
        traffic.put(name, wanted);
        return add(name, Transition.TRAFFIC, "", before.canary(), wanted.canary(), wanted, who, why);
    }

    @Override
    public synchronized List<Integer> prunable(String name, Retention retention) {
        List<Integer> all = versions(name).stream().map(v -> v.info().version()).toList();
        Map<String, Integer> pointed = aliases(name);
        return all.subList(0, Math.max(0, all.size() - retention.keep())).stream().filter(v -> !pointed.containsValue(v)
                && !traffic(name).bears(v) && models.get(name).get(v - 1).leases == 0
                && (retention.rollbackTargets() || pointed.keySet().stream().noneMatch(a -> before(name, a).contains(v)))).toList();
    }

    @Override
    public synchronized List<Transition> prune(String name, Retention retention, String who, String why) {
        List<Transition> out = new ArrayList<>();
        for (int v : prunable(name, retention)) {
            models.get(name).get(v - 1).deleted = true;
            out.add(add(name, Transition.DELETE, "", v, 0, null, who, why));
        }
        return out;
    }

    @Override
    public synchronized ArtifactReader open(ModelRef ref) {
        return stored(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "there is no model " + ref)).artifact;
    }

    @Override
    public synchronized void keep(ModelRef ref, String note, byte[] content) {
        check(note);
        stored(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "there is no model " + ref)).notes.put(note, content.clone());
    }

    @Override
    public synchronized Optional<byte[]> kept(ModelRef ref, String note) {
        check(note);
        return stored(ref).map(s -> s.notes.get(note)).map(byte[]::clone);
    }

    private static void check(String note) {
        if (!note.matches("[a-z0-9][a-z0-9.-]{0,99}") || note.contains("..")) {
            throw WhereforeException.invalid("/note", "note name '" + note
                    + "': 1 to 100 lower-case letters, digits, '-' and '.', beginning with a letter or digit, without '..'");
        }
    }

    @Override
    public synchronized Optional<Lease> lease(ModelRef ref) {
        Optional<Stored> found = stored(ref);
        found.ifPresent(s -> {
            if (s.model == null) {
                load(s);
            }
            s.leases++;
        });
        return found.map(s -> new Counted(s, s.model, s.extractor));
    }

    private void load(Stored s) {
        ModelInfo info = s.version.info();
        String extractor = s.version.provenance().getOrDefault("extractor", "");
        Engine engine;
        FeatureExtractor plugin;
        try {
            engine = plugins.engine(info.engine());
            plugin = plugins.extractor(extractor);
        } catch (WhereforeException e) {
            throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "model " + info.name() + ":" + info.version() + " needs engine '"
                    + info.engine() + "' and extractor '" + extractor + "': " + e.getMessage(), e);
        }
        FittedExtractor fitted = plugin.load(s.artifact);
        s.model = engine.load(info, fitted.schema(), s.artifact);
        s.extractor = fitted;
    }

    private Optional<Stored> stored(ModelRef ref) {
        List<Stored> all = models.getOrDefault(ref.name(), List.of());
        int version = ref.alias().isEmpty() ? ref.version() : aliases.getOrDefault(ref.name(), Map.of()).getOrDefault(ref.alias(), 0);
        return version >= 1 && version <= all.size() && !all.get(version - 1).deleted ? Optional.of(all.get(version - 1)) : Optional.empty();
    }

    private final class Stage implements Staged {
        final String name;
        final MemoryArtifact artifact = new MemoryArtifact();
        final AtomicBoolean usable = new AtomicBoolean(true);
        private Path folder;

        Stage(String name) {
            this.name = name;
        }

        MemoryRegistry registry() {
            return MemoryRegistry.this;
        }

        @Override
        public OutputStream create(String entry) {
            if (!usable.get()) {
                throw new IllegalStateException("this model is committed or closed");
            }
            return artifact.create(entry);
        }

        /** A temporary folder, made when first asked for. */
        @Override
        public synchronized Path folder() {
            try {
                if (folder == null) {
                    folder = Files.createTempDirectory("wherefore-testkit");
                }
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            usable.set(false);
            removeFolder();
        }

        private synchronized void removeFolder() {
            if (folder == null) {
                return;
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
                folder = null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Counted implements Lease {
        private final Stored stored;
        private final Model model;
        private final FittedExtractor extractor;
        private boolean closed;

        Counted(Stored stored, Model model, FittedExtractor extractor) {
            this.stored = stored;
            this.model = model;
            this.extractor = extractor;
        }

        @Override
        public ModelVersion version() {
            return stored.version;
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
            return open(stored.artifact);
        }

        private <T> T open(T value) {
            synchronized (MemoryRegistry.this) {
                if (closed) {
                    throw new IllegalStateException("the lease of " + stored.version.info() + " is closed");
                }
                return value;
            }
        }

        @Override
        public void close() {
            synchronized (MemoryRegistry.this) {
                if (closed) {
                    return;
                }
                closed = true;
                if (--stored.leases == 0) {
                    stored.model = null;
                    stored.extractor = null;
                    model.close();
                }
            }
        }
    }
}
