package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.hooks.bundle.CollisionHook;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleRevisions;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.FrameworkWiring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Offered to bundles as {@code UnaryOperator<String>} with the service property {@code wherefore.platform=features}: JSON in, JSON out, so
 * that no class is shared. The field {@code do} is {@code list}, {@code inspect} (an archive), {@code plan} or {@code apply}; what can't be
 * done is answered with {@code error}. In a server a change happens at once, otherwise at the next start. New bundles run beside the old
 * ones before the new set is kept, and the old ones leave after; until it is kept, everything can be taken back. Thread-safe.
 */
final class LiveFeatures implements UnaryOperator<String> {
    /** Folders with features from elsewhere, besides {@code <home>/repository}; a path list. */
    static final String FOLDERS = "wherefore.features.repository";
    private static final long REFRESH_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    record Step(String action, String subject, String version, String reason) {}

    record Plan(String tag, List<String> install, List<String> update, List<String> remove, List<Step> steps) {}

    /** @param jars id to path of the bundles that come from outside the distribution */
    record Planned(Plan plan, Map<String, String> jars) {}

    record Report(Plan plan, String tag, List<String> touched, List<String> unplanned, List<String> problems) {}

    /** @param jar empty for a bundle of the distribution */
    record Part(String id, List<String> owners, String jar) {}

    record Info(String name, String id, String title, String state, String source, String change, List<String> requires, List<Part> bundles) {}

    record Listing(String tag, List<Info> features, int bundles, int wirings) {}

    private final Options options;
    private final BundleContext context;
    private final FeatureHome home;
    private final Path repository;
    private final Map<String, Feature> shipped;
    private final List<Path> folders;
    private final Map<String, String> configuration;
    private volatile List<Feature> current;
    /** The last that was resolved. */
    private Answer answer;

    private record Answer(String key, Scratch.Result result) {}

    /**
     * @param context of the framework that serves; null when nothing runs
     * @param current features that run; null when nothing runs
     * @param configuration of a framework, for planning
     */
    LiveFeatures(Options options, BundleContext context, List<Feature> current, Map<String, String> configuration) {
        this.options = options;
        this.context = context;
        this.current = current;
        this.configuration = configuration;
        home = FeatureHome.of(options.home());
        repository = options.dist().resolve("repository");
        shipped = FeatureRuntime.readAll(options.dist().resolve("features"));
        List<Path> all = new ArrayList<>(List.of(options.home().resolve("repository")));
        Stream.of(System.getProperty(FOLDERS, "").split(java.io.File.pathSeparator)).filter(f -> !f.isBlank()).map(Path::of).forEach(all::add);
        folders = List.copyOf(all);
    }

    @Override
    public String apply(String order) {
        try {
            JsonNode in = JSON.readTree(order);
            Object out = switch (in.path("do").asText()) {
                case "list" -> list();
                case "inspect" -> inspect(in.path("archive").asText());
                case "plan" -> plan(texts(in, "install"), texts(in, "remove"));
                case "apply" -> change(texts(in, "install"), texts(in, "remove"), in.path("tag").asText());
                default -> throw new Refusal("INVALID_INPUT", "/do", "'do' is list, inspect, plan or apply");
            };
            return JSON.writeValueAsString(out);
        } catch (Refusal e) {
            return error(e.code, e.pointer, e.getMessage());
        } catch (LaunchException e) {
            return error("UNSUPPORTED", null, e.getMessage());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no order: " + order, e);
        }
    }

    private static String error(String code, String pointer, String message) {
        Map<String, String> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("pointer", pointer);
        error.put("message", message);
        try {
            return JSON.writeValueAsString(Map.of("error", error));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> texts(JsonNode in, String name) {
        List<String> out = new ArrayList<>();
        in.path(name).forEach(t -> out.add(t.asText()));
        return out;
    }

    private List<Feature> now() {
        return current != null ? current : Mode.SERVE.featuresOf(home.known(shipped, home.state(), repository, new ArrayList<>()), options.with());
    }

    private static String tag(FeatureHome.State state, List<Feature> now) {
        StringBuilder text = new StringBuilder();
        now.forEach(f -> text.append(f.name()).append(' ').append(f.digest()).append('\n'));
        return state.revision() + "-" + FeatureRuntime.sha256(text.toString()).substring("sha256:".length(), "sha256:".length() + 12);
    }

    private Listing list() {
        FeatureHome.State state = home.state();
        List<Feature> now = now();
        Map<String, List<String>> owners = FeatureRuntime.owners(now);
        Map<String, FeatureHome.Added> added = new TreeMap<>();
        state.added().forEach(a -> added.put(a.name(), a));
        Map<String, Info> out = new TreeMap<>();
        now.forEach(f -> out.put(f.name(), info(f, "installed", added.containsKey(f.name()) ? added.get(f.name()).source() : FeatureDraft.DISTRIBUTION, owners)));
        Set<String> installed = new TreeSet<>(out.keySet());
        List<Feature> others = new ArrayList<>(shipped.values());
        others.removeIf(f -> installed.contains(f.name()) || f.name().equals("tools"));
        others.forEach(f -> out.put(f.name(), info(f, "available", FeatureDraft.DISTRIBUTION, owners)));
        Map<String, String> digests = new TreeMap<>();
        now.forEach(f -> digests.put(f.name(), f.digest()));
        for (Feature f : desk().inFolders(new ArrayList<>())) {
            if (!f.digest().equals(digests.get(f.name()))) {
                out.put(f.name() + ":" + f.version(), info(f, "available", "repository", owners));
            }
        }
        int wirings = 0;
        if (context != null) {
            for (Bundle b : context.getBundles()) {
                BundleRevisions revisions = b.adapt(BundleRevisions.class);
                wirings += revisions == null ? 0 : (int) revisions.getRevisions().stream().filter(r -> r.getWiring() != null && r.getWiring().isInUse()).count();
            }
            wirings += wiring().getRemovalPendingBundles().size();
        }
        return new Listing(tag(state, now), List.copyOf(out.values()), context == null ? 0 : context.getBundles().length, wirings);
    }

    private Info info(Feature f, String state, String source, Map<String, List<String>> owners) {
        return new Info(f.name(), f.id(), f.title(), state, source,
                (shipped.containsKey(f.name()) ? shipped.get(f.name()).change() : f.change()).text(), f.requires(),
                f.bundles().stream().map(a -> new Part(a.id(), owners.getOrDefault(a.id(), List.of()), a.jar() == null ? "" : a.jar().toString())).toList());
    }

    private Info inspect(String digest) {
        Feature f = Feature.foreign(home.staged(digest).resolve(Feature.FILE), repository);
        return info(f, "available", "archive", Map.of());
    }

    private FeatureDraft.Desk desk() {
        return new FeatureDraft.Desk(shipped, home, repository, folders, context != null);
    }

    private synchronized Planned plan(List<String> install, List<String> remove) {
        FeatureDraft draft = desk().draft(install, remove, now(), options.with());
        Map<String, String> jars = new TreeMap<>();
        draft.fresh().values().stream().filter(a -> a.jar() != null).forEach(a -> jars.put(a.id(), a.jar().toString()));
        return new Planned(plan(draft), jars);
    }

    // ---- planning

    private Plan plan(FeatureDraft draft) {
        Map<String, Path> plugins = context == null ? Map.of() : plugins();
        Scratch.Result found = resolved(draft.target(), plugins);
        if (!found.problems().isEmpty() || !found.plugins().isEmpty()) {
            List<String> words = new ArrayList<>(found.problems());
            found.plugins().forEach(p -> words.add("the plugin " + p + " would lack what it imports; remove it first"));
            throw new Refusal("UNSUPPORTED", "/install", "what would be there can't be resolved: " + String.join("; ", words));
        }
        Map<String, List<String>> then = FeatureRuntime.owners(draft.target());
        Map<String, List<String>> before = FeatureRuntime.owners(draft.now());
        List<Step> steps = new ArrayList<>();
        Map<String, Scratch.Seen> fresh = new LinkedHashMap<>();
        draft.fresh().keySet().forEach(id -> fresh.put(id, found.bundles().get(id)));
        fresh.forEach((id, s) -> steps.add(new Step("install", s.symbolicName(), s.version(), "part of " + String.join(", ", then.get(id)))));
        Map<String, Map<String, String>> configured = Configurations.of(draft.target());
        Map<String, Map<String, String>> was = Configurations.of(draft.now());
        configured.forEach((pid, p) -> {
            if (!p.equals(was.get(pid))) {
                steps.add(new Step("configure", pid, "", was.containsKey(pid) ? "its values change" : "new"));
            }
        });
        fresh.values().stream().filter(s -> s.host() == null).forEach(s -> steps.add(new Step("start", s.symbolicName(), s.version(), "new")));
        if (context == null) {
            draft.leaving().forEach((id, a) -> steps.add(new Step("uninstall", id.split(":")[1], id.split(":")[2], "nobody else owns it; was part of "
                    + String.join(", ", before.get(id)))));
        } else {
            List<Bundle> leaving = bundles(draft.leaving().keySet());
            Map<Bundle, String> refreshed = refreshed(leaving, fresh.values());
            protect(refreshed, leaving, draft.now());
            leaving.stream().filter(b -> !FeatureRuntime.isFragment(b)).forEach(b -> steps.add(new Step("stop", b.getSymbolicName(), b.getVersion().toString(), "it leaves")));
            draft.leaving().keySet().forEach(id -> {
                Bundle b = context.getBundle(FeatureRuntime.LOCATION + id);
                steps.add(new Step("uninstall", b.getSymbolicName(), b.getVersion().toString(), "nobody else owns it; was part of "
                        + String.join(", ", before.get(id))));
            });
            refreshed.forEach((b, why) -> steps.add(new Step("refresh", b.getSymbolicName(), b.getVersion().toString(), why)));
            refuseSingletons(fresh.values(), leaving);
        }
        was.keySet().stream().filter(pid -> !configured.containsKey(pid)).forEach(pid -> steps.add(new Step("forget", pid, "", "nobody else configures it")));
        return new Plan(tag(home.state(), draft.now()), draft.installed().stream().map(f -> f.id() + reason(draft, f)).toList(),
                draft.updated().stream().map(Feature::name).toList(), draft.removed().stream().map(Feature::name).toList(), steps);
    }

    /** A plan is made twice, to be agreed to and to be followed; the answer is the same as long as nothing changes. */
    private Scratch.Result resolved(List<Feature> target, Map<String, Path> plugins) {
        StringBuilder key = new StringBuilder();
        target.forEach(f -> key.append(f.digest()).append('\n'));
        plugins.forEach((name, jar) -> key.append(FeatureRuntime.sha256(jar)).append('\n'));
        Answer last = answer;
        if (last == null || !last.key().contentEquals(key)) {
            last = new Answer(key.toString(), Scratch.resolve(configuration, target, repository, plugins));
            answer = last;
        }
        return last.result();
    }

    private static String reason(FeatureDraft draft, Feature f) {
        String why = draft.because().getOrDefault(f.name(), "");
        return why.startsWith("feature ") ? " (" + why + ")" : "";
    }

    /** The plugins that are resolved now: name to jar. */
    private Map<String, Path> plugins() {
        Map<String, Path> out = new TreeMap<>();
        for (Bundle b : context.getBundles()) {
            Path jar = options.home().resolve("plugins").resolve(b.getSymbolicName() + ".jar");
            if (b.getLocation().startsWith("plugin:") && b.getState() != Bundle.INSTALLED && Files.exists(jar)) {
                out.put(b.getSymbolicName(), jar);
            }
        }
        return out;
    }

    private List<Bundle> bundles(Collection<String> ids) {
        return ids.stream().map(id -> context.getBundle(FeatureRuntime.LOCATION + id)).filter(java.util.Objects::nonNull).toList();
    }

    /** What stays and has to be wired anew, with the reason. */
    private Map<Bundle, String> refreshed(List<Bundle> leaving, Collection<Scratch.Seen> fresh) {
        Map<Bundle, String> out = new LinkedHashMap<>();
        Set<Bundle> hosts = new LinkedHashSet<>();
        for (Scratch.Seen s : fresh) {
            for (Bundle b : context.getBundles()) {
                if (s.host() != null && (s.host().equals(b.getSymbolicName()) || b.getBundleId() == 0 && s.host().equals("system.bundle"))
                        && b.getState() != Bundle.INSTALLED && !leaving.contains(b)) {
                    hosts.add(b);
                    out.put(b, "the fragment " + s.words() + " attaches to it");
                }
            }
        }
        Set<Bundle> all = new LinkedHashSet<>(leaving);
        all.addAll(hosts);
        for (Bundle b : wiring().getDependencyClosure(all)) {
            if (!leaving.contains(b)) {
                out.putIfAbsent(b, uses(b, all));
            }
        }
        return out;
    }

    private List<Bundle> refreshed(Plan plan) {
        Set<String> names = new TreeSet<>();
        plan.steps().stream().filter(s -> s.action().equals("refresh")).forEach(s -> names.add(s.subject() + " " + s.version()));
        return Stream.of(context.getBundles()).filter(b -> names.contains(b.getSymbolicName() + " " + b.getVersion())).toList();
    }

    private static String uses(Bundle b, Set<Bundle> gone) {
        BundleRevision revision = b.adapt(BundleRevision.class);
        if (revision != null && revision.getWiring() != null) {
            for (BundleWire w : revision.getWiring().getRequiredWires(null)) {
                if (gone.contains(w.getProvider().getBundle())) {
                    Object what = w.getCapability().getAttributes().get(w.getCapability().getNamespace());
                    return "it uses " + (what == null ? w.getCapability().getNamespace() : what) + " of " + w.getProvider().getSymbolicName();
                }
            }
        }
        return "it depends on a bundle that is refreshed";
    }

    /** @throws Refusal when the platform itself, or a feature that can't change now, would be stopped */
    private void protect(Map<Bundle, String> refreshed, List<Bundle> leaving, List<Feature> now) {
        Map<String, String> of = new TreeMap<>();
        for (Feature f : now) {
            Feature.Change change = shipped.containsKey(f.name()) ? shipped.get(f.name()).change() : f.change();
            if (change != Feature.Change.RUNNING) {
                f.bundles().forEach(a -> of.put(FeatureRuntime.LOCATION + a.id(), f.name()));
            }
        }
        refreshed.forEach((b, why) -> {
            String owner = b.getBundleId() == 0 ? "the framework" : of.containsKey(b.getLocation()) ? "feature '" + of.get(b.getLocation()) + "'" : null;
            if (owner != null) {
                throw new Refusal("UNSUPPORTED", null, "this would stop " + b.getSymbolicName() + " of " + owner + ", which can't change while a server runs: " + why);
            }
        });
        for (Bundle b : leaving) {
            if (of.containsKey(b.getLocation())) {
                throw new Refusal("UNSUPPORTED", null, "this would remove " + b.getSymbolicName() + " of feature '" + of.get(b.getLocation())
                        + "', which can't change while a server runs");
            }
        }
    }

    private static void refuseSingletons(Collection<Scratch.Seen> fresh, List<Bundle> leaving) {
        for (Scratch.Seen s : fresh) {
            for (Bundle b : leaving) {
                if (s.singleton() && s.symbolicName().equals(b.getSymbolicName())) {
                    throw new Refusal("UNSUPPORTED", "/install", s.symbolicName() + " is a singleton: its new version can't run beside the old one; stop the"
                            + " server, then use: wherefore feature update");
                }
            }
        }
    }

    private FrameworkWiring wiring() {
        return context.getBundle(0).adapt(FrameworkWiring.class);
    }

    // ---- applying

    private synchronized Report change(List<String> install, List<String> remove, String tag) {
        if (context != null) {
            return change(desk().draft(install, remove, now(), options.with()), tag);
        }
        try (Slot slot = Slot.server(options.home().resolve("cache"))) {
            return change(desk().draft(install, remove, now(), options.with()), tag);
        } catch (IOException e) {
            throw new Refusal("STORAGE", "the lock of " + options.home() + " can't be given back: " + e, e);
        }
    }

    private Report change(FeatureDraft draft, String tag) {
        Plan plan = plan(draft);
        if (!plan.tag().equals(tag)) {
            throw new Refusal("CONFLICT", null, "the features changed since the plan was made; plan again");
        }
        List<Feature> target;
        try {
            target = kept(draft);
        } catch (LaunchException e) {
            home.tidy(home.state());
            throw new Refusal("STORAGE", e.getMessage(), e);
        }
        List<String> problems = new ArrayList<>();
        Observed observed = new Observed();
        if (context == null) {
            commit(draft);
        } else {
            context.addBundleListener(observed);
            try {
                List<Bundle> leaving = bundles(draft.leaving().keySet());
                List<Bundle> refreshed = refreshed(plan);
                bring(draft, target, leaving);
                current = target;
                leave(draft, leaving, refreshed, problems);
            } finally {
                context.removeBundleListener(observed);
            }
        }
        problems.addAll(home.tidy(draft.state()));
        draft.fetched().values().forEach(f -> {
            Path folder = f.file().getParent();
            if (folder.getParent().equals(home.staged("x").getParent())) {
                home.unstage(folder.getFileName().toString());
            }
        });
        if (context != null) {
            Platform.remember(options.home(), target);
        }
        Set<String> planned = new TreeSet<>();
        plan.steps().stream().filter(s -> !s.version().isEmpty()).forEach(s -> planned.add(s.subject() + " " + s.version()));
        Set<String> touched = observed.touched();
        List<String> unplanned = new ArrayList<>(touched.stream().filter(t -> !planned.contains(t)).toList());
        if (context != null) {
            planned.stream().filter(p -> !touched.contains(p)).forEach(p -> unplanned.add("missing: " + p));
        }
        return new Report(plan, tag(draft.state(), target), List.copyOf(touched), unplanned, problems);
    }

    /** The target with the files of what was fetched kept. */
    private List<Feature> kept(FeatureDraft draft) {
        List<Feature> out = new ArrayList<>();
        for (Feature f : draft.target()) {
            out.add(draft.fetched().containsKey(f.name()) ? home.keep(draft.fetched().get(f.name()), repository).always() : f);
        }
        return List.copyOf(out);
    }

    private void commit(FeatureDraft draft) {
        try {
            home.commit(draft.state());
        } catch (LaunchException e) {
            home.tidy(home.state());
            throw new Refusal("STORAGE", e.getMessage(), e);
        }
    }

    /** Installs, resolves, configures and starts what is new, then keeps the set. What fails before that is taken back. */
    private void bring(FeatureDraft draft, List<Feature> target, List<Bundle> leaving) {
        FeatureRuntime runtime = new FeatureRuntime(context, repository);
        Configurations configurations = new Configurations(context);
        Map<String, Map<String, String>> was = Configurations.of(draft.now());
        Map<String, Map<String, String>> then = Configurations.of(target);
        List<Bundle> fresh = new ArrayList<>();
        List<ServiceRegistration<?>> hooks = List.of(
                context.registerService(CollisionHook.class, (operation, bundle, collisions) -> collisions.removeAll(leaving), null),
                context.registerService(ResolverHookFactory.class, triggers -> new Apart(leaving), null));
        boolean kept = false;
        try {
            Map<String, Feature.Artifact> artifacts = new LinkedHashMap<>();
            target.forEach(f -> f.bundles().forEach(a -> artifacts.putIfAbsent(a.id(), a)));
            for (String id : draft.fresh().keySet()) {
                fresh.add(runtime.install(FeatureRuntime.LOCATION + id, artifacts.get(id)));
            }
            List<Bundle> alone = fresh.stream().filter(b -> !FeatureRuntime.isFragment(b)).toList();
            if (!wiring().resolveBundles(alone)) {
                throw new Refusal("UNSUPPORTED", "/install", "what would be there can't be resolved: " + String.join("; ", runtime.unresolved(alone)));
            }
            Map<String, Map<String, String>> changed = new TreeMap<>(then);
            changed.entrySet().removeIf(e -> e.getValue().equals(was.get(e.getKey())));
            configurations.set(changed);
            FeatureRuntime.start(runtime.startOrder(target).stream().filter(fresh::contains).toList());
            commit(draft);
            kept = true;
        } catch (BundleException e) {
            throw new Refusal("UNSUPPORTED", "a bundle can't be installed: " + e.getMessage(), e);
        } finally {
            hooks.forEach(ServiceRegistration::unregister);
            if (!kept) {
                takeBack(fresh, configurations, was, then);
            }
        }
    }

    private void takeBack(List<Bundle> fresh, Configurations configurations, Map<String, Map<String, String>> was, Map<String, Map<String, String>> then) {
        List<String> problems = new ArrayList<>();
        uninstall(fresh, problems);
        refresh(fresh, problems);
        try {
            configurations.delete(then.keySet().stream().filter(pid -> !was.containsKey(pid)).toList());
            Map<String, Map<String, String>> back = new TreeMap<>(was);
            back.entrySet().removeIf(e -> e.getValue().equals(then.get(e.getKey())));
            configurations.set(back);
        } catch (LaunchException e) {
            problems.add(e.getMessage());
        }
        problems.addAll(home.tidy(home.state()));
        if (!problems.isEmpty()) {
            System.getLogger(LiveFeatures.class.getName()).log(System.Logger.Level.WARNING, "while a change was taken back: {0}", problems);
        }
    }

    /** The new set is kept already: what fails now is told, and mended by the next start. */
    private void leave(FeatureDraft draft, List<Bundle> leaving, List<Bundle> refreshed, List<String> problems) {
        uninstall(leaving, problems);
        List<Bundle> all = new ArrayList<>(leaving);
        all.addAll(refreshed);
        refresh(all, problems);
        Map<String, Map<String, String>> then = Configurations.of(draft.target());
        try {
            new Configurations(context).delete(Configurations.of(draft.now()).keySet().stream().filter(pid -> !then.containsKey(pid)).toList());
        } catch (LaunchException e) {
            problems.add(e.getMessage());
        }
    }

    private static void uninstall(List<Bundle> bundles, List<String> problems) {
        List<Bundle> reverse = new ArrayList<>(bundles);
        Collections.reverse(reverse);
        for (Bundle b : reverse) {
            try {
                b.uninstall();
            } catch (BundleException | IllegalStateException e) {
                problems.add(b.getSymbolicName() + " " + b.getVersion() + " does not go: " + e.getMessage());
            }
        }
    }

    private void refresh(List<Bundle> bundles, List<String> problems) {
        if (bundles.isEmpty()) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        wiring().refreshBundles(bundles, e -> {
            if (e.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        try {
            if (!done.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                problems.add("the bundles were not refreshed within " + REFRESH_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("nobody waited until the bundles were refreshed");
        }
    }

    /** Nothing new is wired to what leaves. */
    private record Apart(List<Bundle> leaving) implements ResolverHook {
        @Override
        public void filterResolvable(Collection<BundleRevision> candidates) {
            // all may resolve
        }

        @Override
        public void filterSingletonCollisions(BundleCapability singleton, Collection<BundleCapability> candidates) {
            // plans with such collisions are refused
        }

        @Override
        public void filterMatches(BundleRequirement requirement, Collection<BundleCapability> candidates) {
            if (!leaving.contains(requirement.getRevision().getBundle())) {
                candidates.removeIf(c -> leaving.contains(c.getRevision().getBundle()));
            }
        }

        @Override
        public void end() {
            // nothing is held
        }
    }

    /** Which bundles change while it listens. */
    private static final class Observed implements SynchronousBundleListener {
        private final Set<String> touched = Collections.synchronizedSet(new TreeSet<>());

        @Override
        public void bundleChanged(org.osgi.framework.BundleEvent e) {
            touched.add(e.getBundle().getSymbolicName() + " " + e.getBundle().getVersion());
        }

        Set<String> touched() {
            synchronized (touched) {
                return new TreeSet<>(touched);
            }
        }
    }
}
