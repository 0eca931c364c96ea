package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

/** A framework beside the running one, in which a set of features is resolved and nothing starts; gone when the answer is there. */
final class Scratch {
    private static final long STOP_MILLIS = 20_000;

    private Scratch() {}

    /** @param host symbolic name of what a fragment attaches to, null for other bundles @param singleton of which one version may be resolved */
    record Seen(String symbolicName, String version, String host, boolean singleton) {
        static Seen of(Bundle b) {
            String fragment = b.getHeaders("").get(Constants.FRAGMENT_HOST);
            String name = String.valueOf(b.getHeaders("").get(Constants.BUNDLE_SYMBOLICNAME));
            return new Seen(b.getSymbolicName(), b.getVersion().toString(), fragment == null ? null : fragment.split("[;,]")[0].trim(),
                    name.replace(" ", "").contains("singleton:=true"));
        }

        String words() {
            return symbolicName + " " + version;
        }
    }

    /**
     * @param bundles artifact id to what it is
     * @param problems a line for each bundle that does not resolve
     * @param plugins names of the plugins that do not resolve
     */
    record Result(Map<String, Seen> bundles, List<String> problems, List<String> plugins) {}

    /**
     * @param configuration of the framework, without its folder
     * @param plugins name to jar
     * @throws LaunchException when a jar is no bundle, or the framework can't be made
     */
    static Result resolve(Map<String, String> configuration, Collection<Feature> features, Path repository, Map<String, Path> plugins) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("wherefore-plan");
            Map<String, String> c = new HashMap<>(configuration);
            c.put(Constants.FRAMEWORK_STORAGE, folder.resolve("bundles").toString());
            c.put("felix.service.urlhandlers", "false");
            Framework framework = Platform.framework(c);
            framework.init();
            try {
                return resolve(framework, features, repository, plugins);
            } finally {
                framework.stop();
                framework.waitForStop(STOP_MILLIS);
            }
        } catch (BundleException | IOException e) {
            throw new LaunchException("the features can't be checked in " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted while the features were checked", e);
        } finally {
            deleteQuietly(folder);
        }
    }

    private static Result resolve(Framework framework, Collection<Feature> features, Path repository, Map<String, Path> plugins) {
        Map<String, Bundle> bundles = new LinkedHashMap<>();
        for (Feature f : features) {
            for (Feature.Artifact a : f.bundles()) {
                if (!bundles.containsKey(a.id())) {
                    bundles.put(a.id(), install(framework, a.in(repository), "the bundle " + a.id() + " of feature '" + f.name() + "'"));
                }
            }
        }
        Map<String, Bundle> extra = new LinkedHashMap<>();
        plugins.forEach((name, jar) -> extra.put(name, install(framework, jar, "the plugin " + name)));
        List<Bundle> all = new ArrayList<>(bundles.values());
        all.addAll(extra.values());
        framework.adapt(FrameworkWiring.class).resolveBundles(all);
        Map<String, Seen> seen = new LinkedHashMap<>();
        bundles.forEach((id, b) -> seen.put(id, Seen.of(b)));
        List<String> problems = new FeatureRuntime(framework.getBundleContext(), repository).unresolved(bundles.values());
        return new Result(seen, problems, extra.entrySet().stream().filter(e -> e.getValue().getState() == Bundle.INSTALLED).map(Map.Entry::getKey).toList());
    }

    private static Bundle install(Framework framework, Path jar, String what) {
        if (!Files.exists(jar)) {
            throw new LaunchException(what + " is not there: " + jar);
        }
        try {
            return framework.getBundleContext().installBundle("reference:" + jar.toAbsolutePath().normalize().toUri());
        } catch (BundleException e) {
            throw new LaunchException(what + " is no valid bundle: " + e.getMessage(), e);
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            if (folder != null) {
                Platform.delete(folder);
            }
        } catch (IOException e) {
            System.getLogger(Scratch.class.getName()).log(System.Logger.Level.WARNING, "{0} stays behind: {1}", folder, e.toString());
        }
    }
}
