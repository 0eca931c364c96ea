package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Brings a set of features into a framework: install what is new, resolve everything before anything starts, uninstall what
 * no feature owns any more. A bundle's location {@code feature:group:artifact:version} is its identity. When something can't
 * be resolved, what this call installed is removed again.
 */
final class FeatureRuntime {
    static final String LOCATION = "feature:";

    private final BundleContext context;
    private final Path repository;

    FeatureRuntime(BundleContext context, Path repository) {
        this.context = context;
        this.repository = repository;
    }

    /** Names of the features and of all they require, each after what it requires. @throws LaunchException on an unknown name or a circle */
    static List<Feature> order(Map<String, Feature> known, Collection<String> wanted) {
        Map<String, Feature> out = new LinkedHashMap<>();
        for (String name : wanted) {
            visit(known, name, out, new ArrayList<>());
        }
        return new ArrayList<>(out.values());
    }

    private static void visit(Map<String, Feature> known, String name, Map<String, Feature> out, List<String> path) {
        if (out.containsKey(name)) {
            return;
        }
        Feature f = known.get(name);
        if (f == null) {
            throw new LaunchException("there is no feature '" + name + "'"
                    + (path.isEmpty() ? "" : ", required by '" + path.get(path.size() - 1) + "'") + "; known: " + known.keySet());
        }
        if (path.contains(name)) {
            throw new LaunchException("features require each other in a circle: " + path + " -> " + name);
        }
        path.add(name);
        f.requires().forEach(r -> visit(known, r, out, path));
        path.remove(name);
        out.put(name, f);
    }

    /** Every {@code NAME/feature.json} of a folder. */
    static Map<String, Feature> readAll(Path folder) {
        Map<String, Feature> out = new TreeMap<>();
        try (var names = Files.list(folder)) {
            names.map(n -> n.resolve("feature.json")).filter(Files::exists).forEach(f -> {
                Feature feature = Feature.read(f);
                out.put(feature.name(), feature);
            });
        } catch (IOException e) {
            throw new LaunchException("can't read the features in " + folder + ": " + e.getMessage(), e);
        }
        return out;
    }

    /** Installs and resolves; returns the bundles in the order of the features. @throws LaunchException naming what is missing */
    List<Bundle> install(List<Feature> features) {
        Map<String, Feature.Artifact> wanted = new LinkedHashMap<>();
        features.forEach(f -> f.bundles().forEach(a -> wanted.putIfAbsent(LOCATION + a.id(), a)));
        List<Bundle> fresh = new ArrayList<>();
        List<Bundle> all = new ArrayList<>();
        try {
            for (Map.Entry<String, Feature.Artifact> e : wanted.entrySet()) {
                Bundle b = context.getBundle(e.getKey());
                if (b == null) {
                    b = install(e.getKey(), e.getValue());
                    fresh.add(b);
                }
                all.add(b);
            }
            resolve(all);
            for (Bundle b : context.getBundles()) {
                if (b.getLocation().startsWith(LOCATION) && !wanted.containsKey(b.getLocation())) {
                    b.uninstall();
                }
            }
        } catch (LaunchException | BundleException e) {
            List<String> left = new ArrayList<>();
            for (Bundle b : fresh) {
                try {
                    b.uninstall();
                } catch (BundleException undo) {
                    left.add(b.getSymbolicName());
                }
            }
            String also = left.isEmpty() ? "" : "; could not be removed again: " + left;
            throw e instanceof LaunchException l && left.isEmpty() ? l : new LaunchException(e.getMessage() + also, e);
        }
        return all;
    }

    private void resolve(List<Bundle> bundles) {
        FrameworkWiring wiring = context.getBundle(0).adapt(FrameworkWiring.class);
        if (wiring.resolveBundles(bundles)) {
            return;
        }
        throw new LaunchException("the features can't be resolved, nothing was started:\n  " + String.join("\n  ", unresolved(bundles)));
    }

    /** A line for each bundle that is not resolved: who it is, and what it misses. */
    List<String> unresolved(Collection<Bundle> bundles) {
        return bundles.stream().filter(b -> b.getState() == Bundle.INSTALLED)
                .map(b -> b.getSymbolicName() + " " + b.getVersion() + ": " + reason(b)).toList();
    }

    /** What the bundle asks for and nobody has; nothing is started to find out. */
    private String reason(Bundle b) {
        List<String> missing = new ArrayList<>();
        BundleRevision revision = b.adapt(BundleRevision.class);
        for (BundleRequirement r : revision.getDeclaredRequirements(null)) {
            String resolution = r.getDirectives().getOrDefault(Constants.RESOLUTION_DIRECTIVE, Constants.RESOLUTION_MANDATORY);
            String effective = r.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE);
            if (resolution.equals(Constants.RESOLUTION_MANDATORY) && effective.equals(Constants.EFFECTIVE_RESOLVE) && !provided(r)) {
                missing.add(words(r));
            }
        }
        return missing.isEmpty() ? "all it asks for is there, but what it depends on is not resolved itself or conflicts with another version"
                : String.join("; ", missing);
    }

    private boolean provided(BundleRequirement r) {
        for (Bundle b : context.getBundles()) {
            BundleRevision revision = b.adapt(BundleRevision.class);
            if (revision != null && revision.getDeclaredCapabilities(r.getNamespace()).stream().anyMatch(r::matches)) {
                return true;
            }
        }
        return false;
    }

    private static String words(BundleRequirement r) {
        String filter = r.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
        return switch (r.getNamespace()) {
            case PackageNamespace.PACKAGE_NAMESPACE -> "imports a package that no bundle exports: " + filter;
            case BundleNamespace.BUNDLE_NAMESPACE -> "requires a bundle that is not there: " + filter;
            case HostNamespace.HOST_NAMESPACE -> "is a fragment of a bundle that is not there: " + filter;
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "needs another Java: " + filter;
            default -> "needs a capability that nobody provides: " + r.getNamespace() + " " + filter;
        };
    }

    /** Which features a bundle is there for: location without prefix to feature names. A bundle leaves with its last owner. */
    static Map<String, List<String>> owners(Collection<Feature> features) {
        Map<String, List<String>> out = new TreeMap<>();
        features.forEach(f -> f.bundles().forEach(a -> out.computeIfAbsent(a.id(), k -> new ArrayList<>()).add(f.name())));
        return out;
    }

    /** One bundle, its checksum compared; not resolved. @throws LaunchException when its jar is missing or another */
    Bundle install(String location, Feature.Artifact artifact) throws BundleException {
        Path jar = artifact.in(repository);
        if (!Files.exists(jar)) {
            throw new LaunchException("the bundle " + artifact.id() + " is not in the repository: " + jar);
        }
        if (!artifact.sha256().isEmpty() && !artifact.sha256().equals(sha256(jar))) {
            throw new LaunchException("the bundle " + artifact.id() + " is not the one the feature was built with: " + jar
                    + " has another checksum; rebuild, or reinstall the distribution");
        }
        try (InputStream in = Files.newInputStream(jar)) {
            return context.installBundle(location, in);
        } catch (IOException e) {
            throw new LaunchException("can't read " + jar + ": " + e.getMessage(), e);
        }
    }

    /**
     * The order to start in: hosts that are configured (a whiteboard) come last, so that they find what they host in one go instead
     * of beginning anew with every service that comes.
     */
    List<Bundle> startOrder(List<Feature> features) {
        return features.stream().sorted(Comparator.comparing(f -> !f.configurations().isEmpty()))
                .flatMap(f -> f.bundles().stream()).map(a -> context.getBundle(LOCATION + a.id())).distinct().toList();
    }

    /** Starts bundles that are not fragments, for this run only: the launcher alone decides the order. @throws LaunchException naming the bundle that would not start */
    static void start(List<Bundle> bundles) {
        for (Bundle b : bundles) {
            if (isFragment(b)) {
                continue;
            }
            try {
                b.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
            } catch (BundleException e) {
                throw new LaunchException("the bundle " + b.getSymbolicName() + " does not start: " + e.getMessage(), e);
            }
        }
    }

    static boolean isFragment(Bundle b) {
        return (b.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0 || b.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
    }

    static String sha256(String text) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String sha256(Path file) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new LaunchException("can't digest " + file + ": " + e.getMessage(), e);
        }
    }
}
