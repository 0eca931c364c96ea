package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An order turned into the set of features that it leads to, by the books alone: what is known, what is running, what requires what. No
 * framework is asked.
 *
 * @param fetched features that come from outside the distribution, by name
 */
record FeatureDraft(List<Feature> now, List<Feature> target, List<Feature> installed, List<Feature> updated, List<Feature> removed,
        Map<String, String> because, Map<String, Feature> fetched, Map<String, String> sources, FeatureHome.State state) {
    static final String ARCHIVE = "archive:";
    static final String DISTRIBUTION = "distribution";

    /** Bundles that come, by id. */
    Map<String, Feature.Artifact> fresh() {
        Map<String, Feature.Artifact> out = artifacts(target);
        out.keySet().removeAll(artifacts(now).keySet());
        return out;
    }

    /** Bundles that go, by id. */
    Map<String, Feature.Artifact> leaving() {
        Map<String, Feature.Artifact> out = artifacts(now);
        out.keySet().removeAll(artifacts(target).keySet());
        return out;
    }

    private static Map<String, Feature.Artifact> artifacts(Collection<Feature> features) {
        Map<String, Feature.Artifact> out = new LinkedHashMap<>();
        features.forEach(f -> f.bundles().forEach(a -> out.putIfAbsent(a.id(), a)));
        return out;
    }

    /** Where features come from. */
    static final class Desk {
        private final Map<String, Feature> shipped;
        private final FeatureHome home;
        private final Path repository;
        private final List<Path> folders;
        private final boolean live;

        /**
         * @param repository of the distribution
         * @param folders with {@code features/NAME/feature.json} and {@code repository}
         * @param live whether a server runs on the home
         */
        Desk(Map<String, Feature> shipped, FeatureHome home, Path repository, List<Path> folders, boolean live) {
            this.shipped = shipped;
            this.home = home;
            this.repository = repository;
            this.folders = List.copyOf(folders);
            this.live = live;
        }

        /** Every feature in the repository folders that can be read; what can't goes to {@code problems}. */
        List<Feature> inFolders(List<String> problems) {
            List<Feature> out = new ArrayList<>();
            for (Path folder : folders) {
                Path features = folder.resolve("features");
                if (!Files.isDirectory(features)) {
                    continue;
                }
                try (Stream<Path> all = Files.list(features)) {
                    for (Path f : all.map(n -> n.resolve(Feature.FILE)).filter(Files::exists).sorted().toList()) {
                        try {
                            out.add(Feature.foreign(f, repository));
                        } catch (LaunchException e) {
                            problems.add(e.getMessage());
                        }
                    }
                } catch (IOException e) {
                    problems.add(features + " can't be read: " + e);
                }
            }
            return out;
        }

        private Feature find(String ref, String pointer) {
            if (ref.startsWith(ARCHIVE)) {
                String digest = ref.substring(ARCHIVE.length());
                Path file = home.staged(digest).resolve(Feature.FILE);
                if (!digest.matches("[0-9a-f]{64}") || !Files.exists(file)) {
                    throw new Refusal("NOT_FOUND", pointer, "there is no archive '" + ref + "' here; send it again");
                }
                return Feature.foreign(file, repository);
            }
            String[] parts = ref.split(":", 2);
            List<String> problems = new ArrayList<>();
            List<Feature> found = new ArrayList<>(inFolders(problems));
            found.removeIf(f -> !f.name().equals(parts[0]));
            Optional.ofNullable(shipped.get(parts[0])).ifPresent(found::add);
            found.removeIf(f -> parts.length == 2 && !f.version().equals(parts[1]));
            return found.stream().max((a, b) -> compare(a.version(), b.version())).orElseThrow(() -> {
                Set<String> names = new java.util.TreeSet<>(shipped.keySet());
                inFolders(new ArrayList<>()).forEach(f -> names.add(f.name() + ":" + f.version()));
                return new Refusal("NOT_FOUND", pointer, "there is no feature '" + ref + "'; known: " + String.join(", ", names)
                        + (problems.isEmpty() ? "" : "; not readable: " + String.join("; ", problems)));
            });
        }

        /**
         * @param now what runs; for a home at rest what would start
         * @param with features that this process was told to start besides
         * @throws Refusal in words
         */
        FeatureDraft draft(List<String> install, List<String> remove, List<Feature> now, List<String> with) {
            FeatureHome.State before = home.state();
            Map<String, Feature> next = home.known(shipped, before, repository, new ArrayList<>());
            Map<String, Feature> running = byName(now);
            Map<String, FeatureHome.Added> added = new LinkedHashMap<>();
            before.added().forEach(a -> added.put(a.name(), a));
            Set<String> removed = new LinkedHashSet<>(before.removed());
            Map<String, String> because = new TreeMap<>();
            Map<String, Feature> fetched = new TreeMap<>();
            Map<String, String> sources = new TreeMap<>();
            for (String name : remove) {
                Feature old = running.get(name);
                if (old == null) {
                    throw new Refusal("NOT_FOUND", "/remove", "feature '" + name + "' is not installed; installed: " + String.join(", ", running.keySet()));
                }
                allow(old);
                added.remove(name);
                next.remove(name);
                if (shipped.containsKey(name) && !shipped.get(name).onDemand()) {
                    removed.add(name);
                }
            }
            Deque<String> wanted = new ArrayDeque<>(install);
            install.forEach(r -> because.putIfAbsent(r, "it was asked for"));
            Set<String> comes = new LinkedHashSet<>();
            while (!wanted.isEmpty()) {
                String ref = wanted.poll();
                Feature f = find(ref, "/install").always();
                Feature old = running.get(f.name());
                if (remove.contains(f.name()) || !comes.add(f.name())) {
                    throw new Refusal("INVALID_INPUT", "/install", "feature '" + f.name() + "' is to be changed twice");
                }
                if (old != null && old.digest().equals(f.digest())) {
                    throw new Refusal("CONFLICT", "/install", "feature '" + f.name() + "' " + f.version() + " is installed already");
                }
                allow(old == null ? f : old);
                boolean ours = f.file() != null && shipped.containsKey(f.name()) && f.file().equals(shipped.get(f.name()).file());
                removed.remove(f.name());
                added.remove(f.name());
                sources.put(f.name(), ours ? DISTRIBUTION : ref.startsWith(ARCHIVE) ? "archive" : "repository");
                if (!ours) {
                    added.put(f.name(), new FeatureHome.Added(f.name(), f.id(), FeatureHome.keptName(f), sources.get(f.name())));
                    fetched.put(f.name(), f);
                } else if (shipped.get(f.name()).onDemand()) {
                    added.put(f.name(), new FeatureHome.Added(f.name(), f.id(), "", DISTRIBUTION));
                }
                because.put(f.name(), because.getOrDefault(ref, ""));
                next.put(f.name(), f);
                for (String r : f.requires()) {
                    if (remove.contains(r)) {
                        throw new Refusal("CONFLICT", "/remove", "feature '" + f.name() + "' requires '" + r + "', which is to be removed");
                    }
                    if (!running.containsKey(r) && !comes.contains(r) && !wanted.contains(r)) {
                        because.put(r, "feature '" + f.name() + "' requires it");
                        wanted.add(r);
                    }
                }
            }
            for (Feature f : next.values()) {
                boolean stays = running.containsKey(f.name()) || comes.contains(f.name());
                for (String r : f.requires()) {
                    if (stays && remove.contains(r)) {
                        throw new Refusal("CONFLICT", "/remove", "feature '" + f.name() + "' requires '" + r + "'; remove it, too");
                    }
                }
            }
            List<Feature> target = Mode.SERVE.featuresOf(next, with.stream().filter(next::containsKey).toList());
            refuseOtherBytes(now, target);
            Map<String, Feature> then = byName(target);
            return new FeatureDraft(now, target,
                    target.stream().filter(f -> !running.containsKey(f.name())).toList(),
                    target.stream().filter(f -> running.containsKey(f.name()) && !running.get(f.name()).digest().equals(f.digest())).toList(),
                    now.stream().filter(f -> !then.containsKey(f.name())).toList(), because, fetched, sources,
                    new FeatureHome.State(before.revision() + 1, List.copyOf(added.values()), List.copyOf(removed)));
        }

        /** @throws Refusal for what can't change now, or ever */
        private void allow(Feature f) {
            Feature.Change change = shipped.containsKey(f.name()) ? shipped.get(f.name()).change() : f.change();
            if (change == Feature.Change.NEVER) {
                throw new Refusal("UNSUPPORTED", null, "feature '" + f.name() + "' is a part that the others stand on; it changes with the distribution only");
            }
            if (change == Feature.Change.STOPPED && live) {
                throw new Refusal("UNSUPPORTED", null, "feature '" + f.name() + "' can't change while a server runs: what it holds, such as native"
                        + " libraries, is loaded once; stop the server, then use: wherefore feature install " + f.name() + ", or remove");
            }
        }

        private static void refuseOtherBytes(List<Feature> now, List<Feature> target) {
            Map<String, Feature.Artifact> seen = new TreeMap<>();
            Map<String, String> of = new TreeMap<>();
            for (List<Feature> features : List.of(now, target)) {
                for (Feature f : features) {
                    for (Feature.Artifact a : f.bundles()) {
                        Feature.Artifact other = seen.putIfAbsent(a.id(), a);
                        of.putIfAbsent(a.id(), f.name() + " " + f.version());
                        if (other != null && !other.sha256().equals(a.sha256())) {
                            throw new Refusal("CONFLICT", "/install", "feature '" + f.name() + "' " + f.version() + " brings the bundle " + a.id()
                                    + " with other bytes than feature " + of.get(a.id()) + " has; give it another version");
                        }
                    }
                }
            }
        }
    }

    static Map<String, Feature> byName(Collection<Feature> features) {
        Map<String, Feature> out = new LinkedHashMap<>();
        features.forEach(f -> out.put(f.name(), f));
        return out;
    }

    /** Versions by their numbers; a qualifier comes before none ({@code 1.0.0-SNAPSHOT} before {@code 1.0.0}). */
    static int compare(String a, String b) {
        String[] as = a.split("[.-]");
        String[] bs = b.split("[.-]");
        for (int i = 0; i < Math.max(as.length, bs.length); i++) {
            String x = i < as.length ? as[i] : "";
            String y = i < bs.length ? bs[i] : "";
            boolean nx = x.matches("[0-9]{1,18}");
            boolean ny = y.matches("[0-9]{1,18}");
            int order = nx && ny ? Long.compare(Long.parseLong(x), Long.parseLong(y)) : nx ? 1 : ny ? -1
                    : x.isEmpty() || y.isEmpty() ? Boolean.compare(x.isEmpty(), y.isEmpty()) : x.compareTo(y);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
