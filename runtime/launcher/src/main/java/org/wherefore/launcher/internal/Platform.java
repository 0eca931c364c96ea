package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** A running framework with its features. Closing stops it. */
final class Platform implements AutoCloseable {
    private static final long STOP_MILLIS = 20_000;
    /** How Declarative Services says that a component failed only because another did. */
    private static final String CONSEQUENCE = "Unable to get service for reference";
    private static final String OWN = "org.wherefore.api.WhereforeException: ";

    private final Framework framework;
    private final Options options;
    private final Slot slot;

    private Platform(Framework framework, Options options, Slot slot) {
        this.framework = framework;
        this.options = options;
        this.slot = slot;
    }

    /** @throws LaunchException in words when something is missing */
    static Platform start(Options options, Mode mode) {
        Map<String, Feature> shipped = FeatureRuntime.readAll(options.dist().resolve("features"));
        FeatureHome home = FeatureHome.of(options.home());
        Path files = mode == Mode.TOOLS ? toolFiles(options.home()) : options.home();
        Path caches = files.resolve("cache");
        Slot slot = switch (mode) {
            case SERVE -> Slot.server(caches);
            case BATCH -> Slot.command(caches);
            case TRAINING -> Slot.training(caches);
            case TOOLS -> Slot.tools(caches);
        };
        // Read only now: while the slot is ours, no command changes what a server has.
        FeatureHome.State state = mode == Mode.TOOLS ? FeatureHome.State.NONE : home.state();
        if (mode == Mode.SERVE) {
            home.tidyAll(state);
        }
        Path repository = options.dist().resolve("repository");
        List<Feature> features = mode.featuresOf(home.known(shipped, state, repository, null), options.with());
        Path cache = slot.folder();
        prepareCache(options, cache, features);
        Map<String, String> configuration = configuration(options, cache, mode);
        platform(options, cache, mode).forEach((k, v) -> {
            if (k.startsWith("wherefore.")) {
                System.setProperty(k, v);
            }
        });
        Framework framework = framework(configuration);
        try {
            framework.init();
            if (mode == Mode.SERVE || mode == Mode.TOOLS) {
                boolean live = mode == Mode.SERVE;
                framework.getBundleContext().registerService(UnaryOperator.class, new LiveFeatures(options, live ? framework.getBundleContext() : null,
                        live ? features : null, configuration(options, cache, Mode.SERVE)), new Hashtable<>(Map.of("wherefore.platform", "features")));
            }
            if (mode == Mode.SERVE || mode == Mode.BATCH) {
                framework.getBundleContext().registerService(Supplier.class, new TrainingProcess(options, mode == Mode.SERVE),
                        new Hashtable<>(Map.of("wherefore.process", "training")));
            }
            FeatureRuntime runtime = new FeatureRuntime(framework.getBundleContext(), repository);
            runtime.install(features);
            LogFile.attach(framework.getBundleContext(), mode == Mode.TRAINING ? null : files.resolve("logs"));
            framework.start();
            FeatureRuntime.start(runtime.startOrder(features));
            Platform platform = new Platform(framework, options, slot);
            new Configurations(framework.getBundleContext()).set(Configurations.of(features));
            if (mode == Mode.SERVE) {
                remember(options.home(), features);
            }
            return platform;
        } catch (BundleException | LaunchException e) {
            new Platform(framework, options, slot).close();
            throw e instanceof LaunchException l ? l : new LaunchException("the framework does not start: " + e.getMessage(), e);
        }
    }

    /** A tool that is called where no home is, in a plugin's project say, makes none there. */
    static Path toolFiles(Path home) {
        return Files.isDirectory(home) ? home : Path.of(System.getProperty("user.home"), ".cache", "wherefore");
    }

    /** Installs and resolves every feature in a framework of its own; starts none. @throws LaunchException naming what is missing */
    static void check(Options options) {
        Map<String, Feature> known = FeatureRuntime.readAll(options.dist().resolve("features"));
        Path folder = null;
        try {
            folder = Files.createTempDirectory("wherefore-check");
            Framework framework = framework(configuration(options, folder, Mode.SERVE));
            framework.init();
            try {
                new FeatureRuntime(framework.getBundleContext(), options.dist().resolve("repository"))
                        .install(FeatureRuntime.order(known, known.keySet()));
            } finally {
                framework.stop();
                framework.waitForStop(STOP_MILLIS);
                delete(folder);
            }
        } catch (BundleException | IOException e) {
            throw new LaunchException("the features can't be checked in " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static Framework framework(Map<String, String> configuration) {
        return java.util.ServiceLoader.load(FrameworkFactory.class, Platform.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new LaunchException("no OSGi framework on the class path; the distribution is incomplete"))
                .newFramework(configuration);
    }

    /** A cache made from other bytes is made anew; otherwise it saves installing. */
    private static void prepareCache(Options options, Path cache, Collection<Feature> features) {
        StringBuilder digest = new StringBuilder(options.dist().toString());
        features.forEach(f -> digest.append('\n').append(f.digest()));
        Path stamp = cache.resolve("features.digest");
        try {
            if (Files.exists(stamp) && Files.readString(stamp).contentEquals(digest)) {
                return;
            }
            delete(cache);
            Files.createDirectories(cache);
            Files.writeString(stamp, digest);
        } catch (IOException e) {
            throw new LaunchException("the home " + options.home() + " can't be written: " + e.getMessage(), e);
        }
    }

    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
            }
        }
    }

    private static Map<String, String> platform(Options options, Path cache, Mode mode) {
        Map<String, String> c = new HashMap<>();
        c.put(Constants.FRAMEWORK_STORAGE, cache.resolve("bundles").toString());
        c.put("felix.log.level", "1");
        c.put("wherefore.home", options.home().toString());
        c.put("wherefore.dist", options.dist().toString());
        c.put("wherefore.datasets", options.dist().resolve("datasets").toString());
        c.put("wherefore.port", Integer.toString(options.port()));
        c.put("wherefore.mode", mode.text());
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            c.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "jdk.incubator.vector");
        }
        return c;
    }

    /** With the home's settings, which may hold secrets: they are no system properties, which all see. */
    private static Map<String, String> configuration(Options options, Path cache, Mode mode) {
        Map<String, String> c = platform(options, cache, mode);
        HomeSettings settings = HomeSettings.read(options.home(), System::getenv);
        c.putAll(settings.properties());
        if (mode == Mode.SERVE) {
            Listening at = Listening.of(settings, options.home(), options.port());
            c.putAll(at.properties());
            c.put("wherefore.loopback", Boolean.toString(at.loopback()));
            c.put("wherefore.demo", Boolean.toString(options.command().equals("demo") && at.loopback()));
        }
        return c;
    }

    static void remember(Path home, List<Feature> features) {
        try {
            Path temp = Files.createTempFile(home, "features", ".tmp");
            Files.writeString(temp, new com.fasterxml.jackson.databind.ObjectMapper()
                    .writerWithDefaultPrettyPrinter().writeValueAsString(Map.of(
                            "features", features.stream().map(f -> Map.of("name", f.name(), "id", f.id())).toList(),
                            "owners", FeatureRuntime.owners(features))));
            Files.move(temp, home.resolve("features.json"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new LaunchException("can't write " + home.resolve("features.json") + ": " + e.getMessage(), e);
        }
    }

    /** Names and help of the commands that bundles offer. */
    Map<String, String> commands() {
        Map<String, String> out = new java.util.TreeMap<>();
        try {
            for (ServiceReference<?> r : framework.getBundleContext().getServiceReferences(Function.class, "(wherefore.command=*)")) {
                out.put((String) r.getProperty("wherefore.command"), String.valueOf(r.getProperty("wherefore.command.help")));
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        return out;
    }

    /** Runs a bundle's command. @throws LaunchException when none of that name comes within half a minute */
    @SuppressWarnings("unchecked")
    int run(String command, List<String> args) {
        BundleContext context = framework.getBundleContext();
        String filter = "(&(objectClass=java.util.function.Function)(wherefore.command=" + command.replaceAll("[^A-Za-z0-9-]", "") + "))";
        CountDownLatch arrived = new CountDownLatch(1);
        ServiceListener listener = e -> {
            if (e.getType() == ServiceEvent.REGISTERED) {
                arrived.countDown();
            }
        };
        try {
            context.addServiceListener(listener, filter);
            ServiceReference<?>[] found = context.getServiceReferences((String) null, filter);
            if (found == null && arrived.await(30, TimeUnit.SECONDS)) {
                found = context.getServiceReferences((String) null, filter);
            }
            context.removeServiceListener(listener);
            Object service = found == null ? null : context.getService(found[0]);
            if (service == null) {
                throw new LaunchException((found == null ? "no bundle offers the command '" + command + "'; there are: "
                        + commands().keySet() : "the command '" + command + "' can't run:") + unsatisfied() + "\nthe log is in " + options.home().resolve("logs"));
            }
            return ((Function<List<String>, Integer>) service).apply(args);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted", e);
        }
    }

    /** The components that wait for something, one line each with what they wait for; empty when none does. */
    String unsatisfied() {
        BundleContext context = framework.getBundleContext();
        ServiceReference<?> ref = context.getServiceReference("org.osgi.service.component.runtime.ServiceComponentRuntime");
        if (ref == null) {
            return "\nno Declarative Services run";
        }
        StringBuilder out = new StringBuilder();
        try {
            Object scr = context.getService(ref);
            Class<?> api = ref.getBundle().loadClass("org.osgi.service.component.runtime.ServiceComponentRuntime");
            Class<?> description = ref.getBundle().loadClass("org.osgi.service.component.runtime.dto.ComponentDescriptionDTO");
            for (Object d : (Collection<?>) api.getMethod("getComponentDescriptionDTOs", Bundle[].class).invoke(scr, (Object) new Bundle[0])) {
                String name = (String) description.getField("name").get(d);
                for (Object c : (Collection<?>) api.getMethod("getComponentConfigurationDTOs", description).invoke(scr, d)) {
                    if (!name.startsWith("org.wherefore.")) {
                        continue;
                    }
                    Object failure = c.getClass().getField("failure").get(c);
                    if (failure != null && !failure.toString().contains(CONSEQUENCE)) {
                        out.append("\n  ").append(name).append(" failed: ").append(rootCause(failure.toString()));
                    }
                    for (Object r : (Object[]) c.getClass().getField("unsatisfiedReferences").get(c)) {
                        Object reference = r.getClass().getField("name").get(r);
                        out.append("\n  ").append(name).append(" waits for ").append(type(d, String.valueOf(reference)));
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            return "\nthe components can't be looked at: " + e;
        }
        return out.toString();
    }

    private static String type(Object description, String reference) throws ReflectiveOperationException {
        for (Object r : (Object[]) description.getClass().getField("references").get(description)) {
            if (reference.equals(r.getClass().getField("name").get(r))) {
                return String.valueOf(r.getClass().getField("interfaceName").get(r));
            }
        }
        return reference;
    }

    /** What a printed stack trace says went wrong: the platform's own words where there are some, else the innermost cause. */
    static String rootCause(String trace) {
        List<String> causes = trace.lines().filter(l -> !l.startsWith("\t")).map(l -> l.replaceFirst("^Caused by: ", "")).toList();
        return causes.stream().filter(l -> l.startsWith(OWN)).findFirst().map(l -> l.substring(OWN.length()))
                .orElse(causes.isEmpty() ? trace : causes.get(causes.size() - 1));
    }

    @Override
    public void close() {
        try {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
            slot.close();
        } catch (BundleException | IOException e) {
            System.err.println("wherefore: while stopping: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
