package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

/**
 * How the features of a home differ from those of the distribution: {@code <home>/features/set.json}, replaced as a whole, and the files of
 * features from elsewhere in {@code kept/NAME-DIGEST}, complete before the set names them. For one process that changes it at a time.
 */
record FeatureHome(Path folder) {
    private static final String SET = "set.json";
    private static final String KEPT = "kept";
    private static final String STAGED = "staged";
    private static final String HALF = ".half";
    private static final int DIGITS = 16;

    /**
     * @param added installed beyond what the distribution starts by itself, or instead of it
     * @param removed names of what the distribution would start
     */
    record State(long revision, List<Added> added, List<String> removed) {
        static final State NONE = new State(0, List.of(), List.of());
    }

    /**
     * @param folder below {@code kept}; empty for a feature of the distribution that starts on demand otherwise
     * @param source {@code distribution}, {@code repository} or {@code archive}
     */
    record Added(String name, String id, String folder, String source) {}

    static FeatureHome of(Path home) {
        return new FeatureHome(home.resolve("features"));
    }

    /** @throws LaunchException when there is a set that can't be read */
    State state() {
        Path file = folder.resolve(SET);
        if (!Files.exists(file)) {
            return State.NONE;
        }
        try {
            return new ObjectMapper().readValue(Files.readAllBytes(file), State.class);
        } catch (IOException e) {
            throw new LaunchException("can't read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The new set, durable when this returns. @throws LaunchException when it is not; the old one is there then */
    void commit(State state) {
        try {
            Files.createDirectories(folder);
            Path temp = Files.createTempFile(folder, "set", HALF);
            try {
                write(temp, new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(state));
                Files.move(temp, folder.resolve(SET), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temp);
            }
            force(folder);
        } catch (IOException e) {
            throw new LaunchException("the features can't be kept in " + folder + ": " + e, e);
        }
    }

    /**
     * The features there are for this home: those of the distribution, changed as the set says. What was added starts by itself.
     *
     * @param damaged gets what is missing or damaged, and the feature then has no bundles; null to throw instead
     * @throws LaunchException naming what is missing or damaged
     */
    Map<String, Feature> known(Map<String, Feature> shipped, State state, Path repository, List<String> damaged) {
        Map<String, Feature> out = new TreeMap<>(shipped);
        state.removed().forEach(out::remove);
        for (Added a : state.added()) {
            try {
                out.put(a.name(), added(a, shipped, repository).always());
            } catch (LaunchException e) {
                String words = e.getMessage() + "; remove the feature with: wherefore feature remove " + a.name();
                if (damaged == null) {
                    throw new LaunchException(words, e);
                }
                damaged.add(words);
                out.put(a.name(), new Feature(a.name(), a.id(), List.of(), List.of(), Map.of(), false));
            }
        }
        return out;
    }

    private Feature added(Added a, Map<String, Feature> shipped, Path repository) {
        if (!a.folder().isEmpty()) {
            return Feature.foreign(kept(a.folder()).resolve(Feature.FILE), repository);
        }
        Feature f = shipped.get(a.name());
        if (f == null) {
            throw new LaunchException("feature '" + a.name() + "' is not in this distribution any more");
        }
        return f;
    }

    Path kept(String name) {
        return folder.resolve(KEPT).resolve(name);
    }

    Path staged(String digest) {
        return folder.resolve(STAGED).resolve(digest);
    }

    /** A feature's files in a folder of their own, sealed and durable. Again is the same as once. @return as read from there */
    Feature keep(Feature f, Path repository) {
        String name = keptName(f);
        Path to = kept(name);
        try {
            if (!Files.exists(to)) {
                Path half = to.resolveSibling(name + HALF);
                Platform.delete(half);
                Files.createDirectories(half.resolve("bundles"));
                for (Feature.Artifact a : f.bundles()) {
                    if (a.jar() != null) {
                        copy(a.jar(), half.resolve("bundles").resolve(a.file()));
                    }
                }
                force(half.resolve("bundles"));
                write(half.resolve(Feature.FILE), json(f));
                force(half);
                Files.move(half, to, StandardCopyOption.ATOMIC_MOVE);
                force(to.getParent());
                force(folder);
            }
        } catch (IOException e) {
            throw new LaunchException("the files of feature '" + f.name() + "' can't be kept in " + to + ": " + e, e);
        }
        return Feature.foreign(to.resolve(Feature.FILE), repository);
    }

    static String keptName(Feature f) {
        return f.name() + "-" + f.digest().substring("sha256:".length(), "sha256:".length() + DIGITS);
    }

    private static byte[] json(Feature f) throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("feature-resource-version", "1.0");
        root.put("id", f.id());
        root.put("name", f.title());
        root.put("bundles", f.bundles().stream().map(b -> Map.of("id", b.id(), "hash", b.sha256())).toList());
        root.put("configurations", f.configurations());
        Map<String, Object> extensions = new TreeMap<>();
        extensions.put("wherefore-requires", Map.of("type", "text", "text", f.requires()));
        extensions.put("wherefore-change", Map.of("type", "text", "text", List.of(f.change().text())));
        root.put("extensions", extensions);
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(root);
    }

    /** Removes kept files that no set names. @return what could not be removed */
    List<String> tidy(State state) {
        Set<String> used = state.added().stream().map(Added::folder).collect(Collectors.toSet());
        List<String> left = new ArrayList<>();
        for (Path f : children(folder.resolve(KEPT))) {
            if (!used.contains(f.getFileName().toString())) {
                delete(f, left);
            }
        }
        deleteEmpty(folder.resolve(KEPT));
        return left;
    }

    /** What a process left behind that ended in the middle. */
    void tidyAll(State state) {
        tidy(state);
        List<String> left = new ArrayList<>();
        children(folder.resolve(STAGED)).forEach(f -> delete(f, left));
        children(folder).stream().filter(f -> f.getFileName().toString().endsWith(HALF)).forEach(f -> delete(f, left));
    }

    /** @param digest that {@link #staged} was asked by */
    void unstage(String digest) {
        delete(staged(digest), new ArrayList<>());
        deleteEmpty(folder.resolve(STAGED));
    }

    private static void deleteEmpty(Path folder) {
        if (Files.isDirectory(folder) && children(folder).isEmpty()) {
            delete(folder, new ArrayList<>());
        }
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void delete(Path f, List<String> left) {
        try {
            Platform.delete(f);
        } catch (IOException e) {
            left.add(f + " stays behind: " + e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (InputStream in = Files.newInputStream(from);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0;) {
                for (ByteBuffer b = ByteBuffer.wrap(buffer, 0, n); b.hasRemaining();) {
                    out.write(b);
                }
            }
            out.force(true);
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (ByteBuffer b = ByteBuffer.wrap(content); b.hasRemaining();) {
                out.write(b);
            }
            out.force(true);
        }
    }

    private static void force(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            return; // some systems (Windows) can't open a folder; their renames are durable by themselves
        }
        try (channel) {
            channel.force(true);
        }
    }
}
