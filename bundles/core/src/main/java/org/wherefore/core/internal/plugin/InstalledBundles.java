package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.hooks.bundle.CollisionHook;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.plugin.OfferedService;
import org.wherefore.api.plugin.PluginBundle;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.plugin.PluginChange;
import org.wherefore.api.plugin.PluginTrust;
import org.wherefore.api.plugin.Signature;

/**
 * Keeps plugin jars in {@code <home>/plugins} and their bundles in the framework. A jar with the name of a running plugin is started
 * beside it; the old one leaves only when the new one runs and is kept. Bundles of the platform can't be wired to a plugin, since plugins
 * export nothing, so that to refresh a plugin is to refresh it alone. Starting with a home loads its plugins, in every kind of process
 * that reads data, trains or predicts; only a server changes them. Thread-safe.
 */
@Component(service = PluginBundles.class, immediate = true)
public class InstalledBundles implements PluginBundles {
    /** How long a plugin may take to say its name. */
    private static final int NAME_SECONDS = 2;
    private static final System.Logger LOG = System.getLogger(InstalledBundles.class.getName());
    private static final String LOCATION = "plugin:";
    private static final Signature UNREAD = new Signature(Signature.INVALID, "", "it could not be read");
    private static final long REFRESH_SECONDS = 30;
    /** The kinds of plugin and how requests name one. */
    private static final Map<String, Function<Object, String>> KINDS = kinds();

    /** A kept jar. @param bundle null when it could not be started @param problem empty when it could */
    private record Kept(Bundle bundle, String digest, Signature signature, String problem) {}

    private final BundleContext context;
    private final PluginFiles files;
    private final Components components;
    private final PluginTrust trust;
    private final boolean changes;
    private final Map<String, Kept> plugins = new ConcurrentSkipListMap<>();
    private final ServiceRegistration<CollisionHook> hook;
    private volatile boolean replacing;
    private volatile boolean serving;

    @Activate
    public InstalledBundles(BundleContext context, @Reference Components components, @Reference PluginTrust trust) {
        this(context, Path.of(context.getProperty("wherefore.home")).resolve("plugins"), components, trust, context.getProperty("wherefore.mode"));
    }

    /** @param mode {@code serve} to allow changes, {@code tools} to load nothing */
    InstalledBundles(BundleContext context, Path folder, Components components, PluginTrust trust, String mode) {
        this.context = context;
        this.files = new PluginFiles(folder);
        this.components = components;
        this.trust = trust;
        this.changes = "serve".equals(mode);
        // Two jars of one name and version may be there at once while one replaces the other.
        hook = context.registerService(CollisionHook.class, (operation, target, collisions) -> {
            if (replacing) {
                collisions.removeIf(b -> b.getLocation().startsWith(LOCATION));
            }
        }, null);
        if (!"tools".equals(mode)) {
            load();
        }
        serving = changes;
    }

    @Deactivate
    public void stop() {
        hook.unregister();
    }

    /** A jar that does not run any more is told and kept; it harms nobody else. What a cache remembers of plugins is not trusted. */
    private synchronized void load() {
        if (changes) {
            files.tidy();
        }
        for (Bundle b : context.getBundles()) {
            if (b.getLocation().startsWith(LOCATION)) {
                uninstall(b);
            }
        }
        files.all().forEach((name, jar) -> {
            String digest = "";
            Bundle bundle = null;
            Signature signature = UNREAD;
            try {
                digest = PluginFiles.digest(jar);
                signature = trust.examine(jar);
                trust.admit(jar);
                if (!PluginRules.symbolicName(jar).equals(name)) {
                    throw WhereforeException.invalid(null, jar + " is another plugin than its name says, '" + PluginRules.symbolicName(jar) + "'");
                }
                refusePlatform(name);
                bundle = add(name, digest, jar);
                start(bundle);
                plugins.put(name, new Kept(bundle, digest, signature, ""));
            } catch (IOException | RuntimeException e) {
                uninstall(bundle);
                plugins.put(name, new Kept(null, digest, signature, e.getMessage()));
                LOG.log(System.Logger.Level.WARNING, "the plugin {0} does not start: {1}", name, e.getMessage());
            }
        });
    }

    /** Waits for nobody: a change may take as long as the calls of the plugin that leaves. */
    @Override
    public List<PluginBundle> list() {
        List<PluginBundle> out = new ArrayList<>();
        plugins.forEach((name, p) -> out.add(describe(name, p)));
        return out;
    }

    @Override
    public PluginChange install(InputStream jar) {
        refuseUnlessServing();
        // Before the lock: a slow sender keeps nobody waiting.
        Path received = files.receive(jar, MAX_BYTES);
        return install(received);
    }

    private synchronized PluginChange install(Path jar) {
        Path received = jar;
        Bundle fresh = null;
        try (Observer observer = new Observer(context)) {
            String digest = PluginFiles.digest(received);
            Signature signature = trust.admit(received);
            String name = PluginRules.symbolicName(received);
            refusePlatform(name);
            Kept old = plugins.get(name);
            fresh = add(name, digest, received);
            start(fresh);
            refuseTakenNames(fresh, old == null ? null : old.bundle());
            files.keep(received, name);
            received = null;
            Kept now = new Kept(fresh, digest, signature, "");
            plugins.put(name, now);
            fresh = null;
            if (old != null) {
                uninstall(old.bundle());
            }
            PluginBundle bundle = describe(name, now);
            LOG.log(System.Logger.Level.INFO, "the plugin {0} {1} was {2}: {3}", name, bundle.version(), old == null ? "installed" : "updated",
                    bundle.services());
            return new PluginChange(bundle, old != null, observer.touched());
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the jar can't be read again: " + e, e);
        } finally {
            uninstall(fresh);
            PluginFiles.discard(received);
        }
    }

    @Override
    public synchronized PluginChange remove(String symbolicName) {
        refuseUnlessServing();
        Kept old = plugins.get(symbolicName);
        if (old == null) {
            for (Bundle b : context.getBundles()) {
                if (symbolicName.equals(b.getSymbolicName())) {
                    throw new WhereforeException(ErrorCode.CONFLICT, "'" + symbolicName + "' is a bundle of the platform, not a plugin; it leaves with its feature");
                }
            }
            throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no plugin '" + symbolicName + "'; installed: "
                    + (plugins.isEmpty() ? "none" : String.join(", ", plugins.keySet())));
        }
        try (Observer observer = new Observer(context)) {
            PluginBundle was = describe(symbolicName, old);
            files.delete(symbolicName);
            plugins.remove(symbolicName);
            uninstall(old.bundle());
            LOG.log(System.Logger.Level.INFO, "the plugin {0} {1} was removed", symbolicName, was.version());
            return new PluginChange(was, false, observer.touched());
        }
    }

    private void refuseUnlessServing() {
        if (!changes) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "plugins are installed and removed by a running server only; start one with: wherefore start");
        }
    }

    private void refusePlatform(String name) {
        for (Bundle b : context.getBundles()) {
            if (name.equals(b.getSymbolicName()) && !b.getLocation().startsWith(LOCATION)) {
                throw new WhereforeException(ErrorCode.CONFLICT, "'" + name + "' is the name of a bundle of the platform; give the plugin a symbolic name of its own");
            }
        }
    }

    /** In the framework and resolved, not started; gone again when that fails. */
    private Bundle add(String name, String digest, Path jar) throws IOException {
        Bundle bundle;
        replacing = true;
        try (InputStream in = Files.newInputStream(jar)) {
            bundle = context.installBundle(LOCATION + name + "@" + digest + "#" + System.nanoTime(), in);
        } catch (BundleException e) {
            throw new WhereforeException(ErrorCode.INVALID_INPUT, "'" + name + "' is no valid bundle: " + e.getMessage(), e);
        } finally {
            replacing = false;
        }
        try {
            PluginRules.check(bundle);
            if (!wiring().resolveBundles(List.of(bundle))) {
                PluginRules.refuseUnresolved(context, bundle);
            }
            return bundle;
        } catch (RuntimeException e) {
            uninstall(bundle);
            throw e;
        }
    }

    private void start(Bundle bundle) {
        try {
            bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "'" + bundle.getSymbolicName() + "' does not start: "
                    + (e.getCause() == null ? e.getMessage() : e.getCause().toString()), e);
        }
        List<String> words = new ArrayList<>();
        List<OfferedService> offered = services(bundle, words);
        words.addAll(components.failed(bundle));
        if (words.isEmpty() && offered.stream().allMatch(s -> s.name().isEmpty()) && components.waiting(bundle).isEmpty()) {
            words.add("offers no " + KINDS.keySet().stream().map(k -> k.substring(k.lastIndexOf('.') + 1)).toList()
                    + "; put @Component(service = ….class) on the class that implements one");
        }
        PluginRules.refuse(bundle, words);
    }

    /** Two services of one kind and name would hide each other. */
    private void refuseTakenNames(Bundle fresh, Bundle old) {
        List<OfferedService> offered = services(fresh, new ArrayList<>()).stream().filter(s -> !s.name().isEmpty()).toList();
        for (Bundle b : context.getBundles()) {
            if (b == fresh || b == old || b.getRegisteredServices() == null) {
                continue;
            }
            for (OfferedService s : services(b, new ArrayList<>())) {
                if (offered.contains(s)) {
                    throw new WhereforeException(ErrorCode.CONFLICT, "'" + fresh.getSymbolicName() + "' was not installed: it offers the "
                            + s.type().substring(s.type().lastIndexOf('.') + 1) + " '" + s.name() + "', and so does " + b.getSymbolicName()
                            + "; give it a name of its own");
                }
            }
        }
    }

    private PluginBundle describe(String name, Kept p) {
        if (p.bundle() == null) {
            return new PluginBundle(name, "", "failed", List.of(), p.digest(), p.signature(), List.of(p.problem()));
        }
        List<String> problems = new ArrayList<>();
        List<OfferedService> services = services(p.bundle(), problems);
        problems.addAll(components.failed(p.bundle()));
        boolean failed = p.bundle().getState() != Bundle.ACTIVE || !problems.isEmpty();
        problems.addAll(components.waiting(p.bundle()));
        return new PluginBundle(name, p.bundle().getVersion().toString(), failed ? "failed" : problems.isEmpty() ? "active" : "waiting",
                services, p.digest(), p.signature(), problems);
    }

    /** @param problems gets those that don't say their name */
    private List<OfferedService> services(Bundle bundle, List<String> problems) {
        Set<OfferedService> out = new TreeSet<>(Comparator.comparing(OfferedService::type).thenComparing(OfferedService::name));
        ServiceReference<?>[] registered = bundle.getRegisteredServices();
        for (ServiceReference<?> r : registered == null ? new ServiceReference<?>[0] : registered) {
            for (String type : (String[]) r.getProperty(Constants.OBJECTCLASS)) {
                if (KINDS.containsKey(type)) {
                    String name = name(type, r, problems);
                    if (name != null) {
                        out.add(new OfferedService(type, name));
                    }
                } else {
                    out.add(new OfferedService(type, ""));
                }
            }
        }
        return List.copyOf(out);
    }

    /** Foreign code: whatever it throws is its own problem, and so is never coming back. */
    private String name(String type, ServiceReference<?> reference, List<String> problems) {
        Object service = context.getService(reference);
        if (service == null) {
            return null; // its component failed, which Components tells
        }
        FutureTask<String> asked = new FutureTask<>(() -> KINDS.get(type).apply(service));
        try {
            Thread thread = new Thread(asked, "name-of-" + reference.getBundle());
            thread.setDaemon(true);
            thread.start();
            String name = asked.get(NAME_SECONDS, TimeUnit.SECONDS);
            if (name != null && !name.isBlank()) {
                return name;
            }
            problems.add("has a " + type + " without a name");
        } catch (ExecutionException e) {
            problems.add("has a " + type + " that does not say its name: " + e.getCause());
        } catch (TimeoutException e) {
            asked.cancel(true);
            problems.add("has a " + type + " that does not say its name within " + NAME_SECONDS + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("has a " + type + " whose name nobody waited for");
        } finally {
            context.ungetService(reference);
        }
        return null;
    }

    /** With its classes; null is none. */
    private void uninstall(Bundle bundle) {
        if (bundle == null) {
            return;
        }
        try {
            bundle.uninstall();
            if (!serving) {
                return; // not used yet by anybody, and this may run while the framework starts, when a refresh has to wait
            }
            CountDownLatch done = new CountDownLatch(1);
            wiring().refreshBundles(List.of(bundle), e -> {
                if (e.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                    done.countDown();
                }
            });
            if (!done.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "the classes of {0} are still there {1} s after it was removed", bundle, REFRESH_SECONDS);
            }
        } catch (BundleException | IllegalStateException e) {
            LOG.log(System.Logger.Level.WARNING, bundle + " could not be removed cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private FrameworkWiring wiring() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    private static Map<String, Function<Object, String>> kinds() {
        Map<String, Function<Object, String>> out = new LinkedHashMap<>();
        out.put(Explainer.class.getName(), s -> ((Explainer) s).name());
        out.put(DataConnector.class.getName(), s -> ((DataConnector) s).name());
        out.put(FeatureExtractor.class.getName(), s -> ((FeatureExtractor) s).name());
        out.put(Engine.class.getName(), s -> ((Engine) s).name());
        out.put(DomainPack.class.getName(), s -> ((DomainPack) s).id());
        return Collections.unmodifiableMap(out);
    }

    /** Sees which bundles change while it is open. */
    private static final class Observer implements AutoCloseable {
        private final BundleContext context;
        private final Set<String> touched = Collections.synchronizedSet(new TreeSet<>());
        private final SynchronousBundleListener listener = e -> touched.add(String.valueOf(e.getBundle().getSymbolicName()));

        Observer(BundleContext context) {
            this.context = context;
            context.addBundleListener(listener);
        }

        List<String> touched() {
            synchronized (touched) {
                return List.copyOf(touched);
            }
        }

        @Override
        public void close() {
            context.removeBundleListener(listener);
        }
    }
}
