package org.wherefore.registry.internal;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

/**
 * Models in the folder {@code models} of the home folder: immutable version folders, an append-only log of transitions per
 * model, one lock file for writers of all processes. Thread-safe; readers take no lock. Every failure of the disk is a
 * {@code STORAGE} error and leaves the registry as it was.
 */
@Component(service = {ModelRegistry.class, ModelArchives.class})
public final class DiskModelRegistry implements ModelRegistry, ModelArchives {
    static final System.Logger LOG = System.getLogger(DiskModelRegistry.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Path, ReentrantLock> IN_JVM = new ConcurrentHashMap<>();

    /** What version.json holds. */
    record VersionFile(String name, int version, String engine, String digest, String created, Map<String, String> provenance,
            Map<String, Double> metrics) {}

    final Disk disk;
    private final Path models;
    private final Path staging;
    private final Map<String, Log> logs = new ConcurrentHashMap<>();
    private final Map<String, ModelVersion> known = new ConcurrentHashMap<>();
    final LoadedModels loaded = new LoadedModels(this);
    private final ArchiveLimits limits;

    @Activate
    public DiskModelRegistry(BundleContext context) {
        this(home(context), new Disk(), ArchiveLimits.of(context::getProperty));
    }

    DiskModelRegistry(Path home, Disk disk) {
        this(home, disk, ArchiveLimits.of(p -> null));
    }

    DiskModelRegistry(Path home, Disk disk, ArchiveLimits limits) {
        this.disk = disk;
        this.limits = limits;
        models = home.toAbsolutePath().normalize().resolve("models");
        staging = models.resolve(".staging");
        removeLeftovers();
        removeDeleted();
    }

    private static Path home(BundleContext context) {
        String home = context.getProperty("wherefore.home");
        if (home == null || home.isBlank()) {
            throw new WhereforeException(ErrorCode.STORAGE, "the property 'wherefore.home' is not set; set it to the home folder");
        }
        return Path.of(home);
    }

    @Deactivate
    public void deactivate() {
        loaded.shutDown();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addEngine(Engine engine) {
        loaded.add(engine);
    }

    public void removeEngine(Engine engine) {
        loaded.remove(engine);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addExtractor(FeatureExtractor extractor) {
        loaded.add(extractor);
    }

    public void removeExtractor(FeatureExtractor extractor) {
        loaded.remove(extractor);
    }

    // ---- reading

    @Override
    public List<String> names() {
        return list(models).stream().filter(Names::valid).filter(n -> !numbers(n).isEmpty()).sorted().toList();
    }

    @Override
    public List<ModelVersion> versions(String name) {
        Names.model(name);
        return numbers(name).stream().map(n -> version(name, n)).flatMap(Optional::stream).toList();
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        if (!Names.valid(ref.name())) {
            return Optional.empty();
        }
        int number = ref.alias().isEmpty() ? ref.version() : aliases(ref.name()).getOrDefault(ref.alias(), 0);
        return number == 0 ? Optional.empty() : version(ref.name(), number);
    }

    @Override
    public Map<String, Integer> aliases(String name) {
        return log(name).state().aliases();
    }

    @Override
    public List<Transition> transitions(String name) {
        return log(name).state().transitions();
    }

    @Override
    public Traffic traffic(String name) {
        return log(name).state().traffic();
    }

    @Override
    public ArtifactReader open(ModelRef ref) {
        Path folder = folder(find(ref).orElseThrow(() -> notFound(ref)).info());
        return new FolderReader(this, "model " + ref, folder, entries(folder));
    }

    @Override
    public Optional<byte[]> kept(ModelRef ref, String note) {
        Names.note(note);
        return find(ref).flatMap(v -> {
            try {
                return new Notes(folder(v.info())).read(note);
            } catch (IOException e) {
                throw storage("reading the note '" + note + "' of model " + ref, e);
            }
        });
    }

    @Override
    public Optional<Lease> lease(ModelRef ref) {
        return find(ref).flatMap(loaded::lease);
    }

    /** Whether an alias points to it or it bears traffic. */
    boolean serves(ModelInfo info) {
        Log.State state = log(info.name()).state();
        return state.aliases().containsValue(info.version()) || state.traffic().bears(info.version());
    }

    Set<String> entries(Path folder) {
        Set<String> entries = new TreeSet<>(list(folder));
        entries.remove(Names.VERSION_FILE);
        return Collections.unmodifiableSet(entries);
    }

    Path folder(ModelInfo info) {
        return models.resolve(info.name()).resolve(Integer.toString(info.version()));
    }

    private WhereforeException notFound(ModelRef ref) {
        return new WhereforeException(ErrorCode.NOT_FOUND, "there is no model " + ref + "; there are " + names());
    }

    private Log log(String name) {
        Names.model(name);
        return logs.computeIfAbsent(name, n -> new Log(models.resolve(n).resolve("transitions.jsonl")));
    }

    private List<Integer> numbers(String name) {
        Set<Integer> deleted = log(name).state().deleted();
        return folders(name).stream().filter(n -> !deleted.contains(n)).toList();
    }

    /** Versions whose folders are there, deleted or not. */
    private List<Integer> folders(String name) {
        return list(models.resolve(name)).stream().filter(s -> s.matches("[1-9][0-9]{0,8}")).map(Integer::valueOf).sorted().toList();
    }

    private List<String> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString()).toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw storage("listing " + folder, e);
        }
    }

    private Optional<ModelVersion> version(String name, int number) {
        if (log(name).state().deleted().contains(number)) {
            return Optional.empty();
        }
        String key = name + ":" + number;
        ModelVersion version = known.get(key);
        if (version == null) {
            Path file = models.resolve(name).resolve(Integer.toString(number)).resolve(Names.VERSION_FILE);
            try {
                VersionFile v = JSON.readValue(Files.readAllBytes(file), VersionFile.class);
                version = new ModelVersion(new ModelInfo(name, number, v.engine, v.digest), Instant.parse(v.created), v.provenance,
                        v.metrics);
                known.put(key, version);
            } catch (NoSuchFileException e) {
                return Optional.empty();
            } catch (IOException | RuntimeException e) {
                throw new WhereforeException(ErrorCode.STORAGE, file + " could not be read: " + e, e);
            }
        }
        return Optional.of(version);
    }

    /** @throws WhereforeException {@code BAD_DATA} for stored bytes that must not be loaded */
    void check(ModelInfo info) {
        String key = info.name() + ":" + info.version();
        if (!intact(info)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the stored files of model " + key
                    + " are not those that were committed (digest differs); roll back to another version");
        }
        Path folder = folder(info);
        SerialisedJava.refuse(this, "model " + key, folder, entries(folder));
    }

    /** Whether the stored bytes are still those that were committed. */
    boolean intact(ModelInfo info) {
        try {
            Path folder = folder(info);
            return digest(folder, entries(folder)).equals(info.digest());
        } catch (IOException e) {
            throw storage("reading model " + info.name() + ":" + info.version(), e);
        }
    }

    // ---- writing

    @Override
    public Staged stage(String name) {
        Names.model(name);
        Integer champion = aliases(name).get(ModelRef.CHAMPION);
        String parent = champion == null ? null : name + ":" + champion;
        return write("staging a model '" + name + "'", () -> {
            String id = UUID.randomUUID().toString();
            disk.folders(staging);
            Path folder = staging.resolve(id);
            Path lockFile = staging.resolve(id + ".lock");
            disk.step("create", lockFile);
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            try {
                channel.lock();
                disk.folders(folder);
                return new StagedFolder(this, name, parent, folder, lockFile, channel);
            } catch (IOException | RuntimeException e) {
                try (channel) {
                    Files.deleteIfExists(folder);
                    Files.deleteIfExists(lockFile);
                } catch (IOException again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
        });
    }

    @Override
    public ModelVersion commit(Staged staged, String engine, Map<String, String> provenance, Map<String, Double> metrics) {
        Objects.requireNonNull(engine, "engine");
        if (!(staged instanceof StagedFolder s) || s.owner != this) {
            throw WhereforeException.invalid("/staged", "the staged model is not one of this registry");
        }
        if (s.done) {
            throw new WhereforeException(ErrorCode.CONFLICT, "the staged model '" + s.name + "' is already committed or closed");
        }
        String name = s.name;
        ModelVersion version = write("committing model '" + name + "'", () -> {
            s.finish();
            int number = 1 + IntStream.concat(folders(name).stream().mapToInt(n -> n), log(name).state().deleted().stream().mapToInt(n -> n))
                    .max().orElse(0);
            Path home = models.resolve(name);
            Path target = home.resolve(Integer.toString(number));
            Path file = s.folder().resolve(Names.VERSION_FILE);
            disk.delete(file);
            Set<String> entries = written(s);
            ModelInfo info = new ModelInfo(name, number, engine, digest(s.folder(), entries));
            Map<String, String> whence = new TreeMap<>(provenance);
            if (s.parent != null) {
                whence.putIfAbsent("parent", s.parent);
            }
            ModelVersion made = new ModelVersion(info, Instant.now().truncatedTo(ChronoUnit.MICROS), whence, metrics);
            try (var out = disk.create(file)) {
                out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(new VersionFile(name, number, engine,
                        info.digest(), made.created().toString(), made.provenance(), made.metrics())));
            }
            for (String entry : entries) {
                disk.sync(s.folder().resolve(entry));
            }
            disk.sync(file);
            disk.sync(s.folder());
            disk.folders(home);
            disk.move(s.folder(), target);
            try {
                disk.sync(home);
            } catch (IOException | RuntimeException e) {
                try {
                    disk.move(target, s.folder());
                } catch (IOException again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
            s.done = true;
            known.put(name + ":" + number, made);
            return made;
        });
        s.close();
        return version;
    }

    @Override
    public void keep(ModelRef ref, String note, byte[] content) {
        Names.note(note);
        ModelInfo info = find(ref).orElseThrow(() -> notFound(ref)).info();
        write("keeping the note '" + note + "' of model " + ref, () -> {
            new Notes(folder(info)).write(disk, note, content);
            return null;
        });
    }

    /** What is in the folder, whoever wrote it: a training process writes files there itself. */
    Set<String> written(StagedFolder staged) {
        Set<String> entries = new TreeSet<>(list(staged.folder()));
        for (String entry : entries) {
            Names.entry(entry);
            if (!Files.isRegularFile(staged.folder().resolve(entry), LinkOption.NOFOLLOW_LINKS)) {
                throw WhereforeException.invalid("/entry", "artifact entry '" + entry + "' of the staged model '" + staged.name
                        + "' is not a plain file; an artifact is a flat set of files");
            }
        }
        return entries;
    }

    @Override
    public Transition promote(String name, String alias, int version, String who, String why) {
        Names.alias(alias);
        return move(name, alias, version, who, why);
    }

    @Override
    public Transition rollback(String name, String alias, String who, String why) {
        Names.alias(alias);
        return move(name, alias, 0, who, why);
    }

    /** @param version 0 for the one before */
    private Transition move(String name, String alias, int version, String who, String why) {
        Log log = log(name);
        Transition moved = write("moving alias '" + alias + "' of model '" + name + "'", () -> {
            Log.State state = log.state();
            int from = state.aliases().getOrDefault(alias, 0);
            int to = version;
            if (version == 0) {
                var before = state.before().get(alias);
                if (before == null || before.isEmpty()) {
                    throw new WhereforeException(ErrorCode.CONFLICT, from == 0
                            ? "model '" + name + "' has no alias '" + alias + "'; its aliases are " + state.aliases().keySet()
                            : "alias '" + alias + "' of model '" + name + "' points to version " + from
                                    + " and there is no version before it to go back to");
                }
                to = before.peek();
            }
            if (to < 1 || version(name, to).isEmpty()) {
                throw new WhereforeException(ErrorCode.NOT_FOUND,
                        "model '" + name + "' has no version " + to + "; it has " + numbers(name));
            }
            Transition t = new Transition(state.transitions().size() + 1L, name, version == 0 ? Transition.ROLLBACK : Transition.PROMOTE, alias,
                    from, to, null, text(who), text(why), now());
            log.append(disk, List.of(t));
            return t;
        });
        loaded.trim();
        return moved;
    }

    @Override
    public Transition split(String name, Traffic traffic, String who, String why) {
        Log log = log(name);
        Transition split = write("splitting the traffic of model '" + name + "'", () -> {
            Log.State state = log.state();
            int champion = state.aliases().getOrDefault(ModelRef.CHAMPION, 0);
            if (champion == 0 && !traffic.equals(Traffic.NONE)) {
                throw new WhereforeException(ErrorCode.CONFLICT, "model '" + name + "' has no champion to share requests with; promote a version first");
            }
            for (int v : new int[] {traffic.canary(), traffic.shadow()}) {
                if (v != 0 && version(name, v).isEmpty()) {
                    throw new WhereforeException(ErrorCode.NOT_FOUND, "model '" + name + "' has no version " + v + "; it has " + numbers(name));
                }
                if (v != 0 && v == champion) {
                    throw new WhereforeException(ErrorCode.CONFLICT, "version " + v + " of model '" + name
                            + "' is the champion; a canary or shadow is another version");
                }
            }
            Transition t = new Transition(state.transitions().size() + 1L, name, Transition.TRAFFIC, "", state.traffic().canary(), traffic.canary(),
                    traffic, text(who), text(why), now());
            log.append(disk, List.of(t));
            return t;
        });
        loaded.trim();
        return split;
    }

    @Override
    public List<Integer> prunable(String name, Retention retention) {
        Log.State state = log(name).state();
        List<Integer> numbers = numbers(name);
        return numbers.subList(0, Math.max(0, numbers.size() - retention.keep())).stream()
                .filter(v -> !state.aliases().containsValue(v) && !state.traffic().bears(v) && !loaded.leased(name, v)
                        && (retention.rollbackTargets() || !state.returns(v)))
                .toList();
    }

    @Override
    public List<Transition> prune(String name, Retention retention, String who, String why) {
        Log log = log(name);
        return write("deleting versions of model '" + name + "'", () -> {
            List<Integer> versions = loaded.condemn(name, prunable(name, retention));
            List<Transition> deletions = new ArrayList<>();
            for (int v : versions) {
                deletions.add(new Transition(log.state().transitions().size() + 1L + deletions.size(), name, Transition.DELETE, "", v, 0, null,
                        text(who), text(why), now()));
            }
            if (deletions.isEmpty()) {
                return List.of();
            }
            boolean done = false;
            try {
                log.append(disk, deletions);
                done = true;
            } finally {
                if (!done) {
                    loaded.pardon(name, versions);
                }
            }
            loaded.forget(name, versions);
            versions.forEach(v -> removeFiles(name, v));
            return List.copyOf(deletions);
        });
    }

    /** What can't be removed now is no version any more; the next start tries again. */
    private void removeFiles(String name, int version) {
        known.remove(name + ":" + version);
        Path folder = models.resolve(name).resolve(Integer.toString(version));
        try {
            disk.delete(folder);
            disk.delete(Notes.folder(folder));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the files of the deleted version {0} stay until the next start: {1}", folder, e.toString());
        }
    }

    private void removeDeleted() {
        for (String name : list(models)) {
            try {
                if (Names.valid(name) && log(name).state().deleted().stream().anyMatch(folders(name)::contains)) {
                    write("removing deleted versions of model '" + name + "'", () -> {
                        log(name).state().deleted().stream().filter(folders(name)::contains).forEach(v -> removeFiles(name, v));
                        return null;
                    });
                }
            } catch (WhereforeException e) {
                LOG.log(System.Logger.Level.WARNING, "deleted versions of model {0} stay for now: {1}", name, e.getMessage());
            }
        }
    }

    private static String text(String given) {
        return given == null ? "" : given;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    // ---- archives

    @Override
    public void write(ModelRef ref, OutputStream out) {
        ModelVersion version = find(ref).orElseThrow(() -> notFound(ref));
        try (Lease lease = loaded.lease(version).orElseThrow(() -> notFound(ref))) {
            Path folder = folder(version.info());
            ArchiveWriter.write(this, version, Signature.of(lease.extractor().schema()), folder, entries(folder), out);
        }
    }

    @Override
    public Import read(String name, InputStream in) {
        return new ArchiveReader(this, limits).read(name, in);
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T write(String what, Work<T> work) {
        ReentrantLock inJvm = IN_JVM.computeIfAbsent(models, m -> new ReentrantLock());
        inJvm.lock();
        try {
            disk.folders(models);
            disk.step("lock", models);
            try (FileChannel channel = FileChannel.open(models.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lock(channel)) {
                return work.run();
            }
        } catch (IOException e) {
            throw storage(what, e);
        } finally {
            inJvm.unlock();
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                // another class loader of this JVM, such as a bundle being replaced, holds it for a moment
                if (System.nanoTime() > deadline) {
                    throw new IOException("the lock of the model folder was not freed within 10 s", e);
                }
                LockSupport.parkNanos(5_000_000L);
            }
        }
    }

    WhereforeException storage(String what, IOException e) {
        return new WhereforeException(ErrorCode.STORAGE, what + " failed, nothing changed: " + e
                + "; check that the disk of " + models + " is writable and not full", e);
    }

    static String digest(Path folder, Set<String> entries) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (String entry : new TreeSet<>(entries)) {
                Path file = folder.resolve(entry);
                sha.update((entry + "\0" + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
                try (InputStream in = Files.newInputStream(file)) {
                    for (int n; (n = in.read(buffer)) > 0;) {
                        sha.update(buffer, 0, n);
                    }
                }
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
        }
    }

    /** Removes what writers left that are gone: their lock is free or a day old. */
    private void removeLeftovers() {
        Map<String, Path> found = new TreeMap<>();
        if (!Files.isDirectory(staging)) {
            return;
        }
        for (String name : list(staging)) {
            found.put(name.replaceFirst("\\.lock$", ""), staging);
        }
        if (found.isEmpty()) {
            return;
        }
        try {
            write("cleaning " + staging, () -> {
                for (String id : found.keySet()) {
                    Path lockFile = staging.resolve(id + ".lock");
                    Path folder = staging.resolve(id);
                    if (old(folder) || free(lockFile)) {
                        disk.delete(folder);
                        disk.delete(lockFile);
                    }
                }
                return null;
            });
        } catch (WhereforeException e) {
            LOG.log(System.Logger.Level.WARNING, "leftovers in {0} stay for now: {1}", staging, e.getMessage());
        }
    }

    private static boolean old(Path folder) throws IOException {
        return Files.exists(folder)
                && Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(1, ChronoUnit.DAYS));
    }

    private static boolean free(Path lockFile) throws IOException {
        if (!Files.exists(lockFile)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
