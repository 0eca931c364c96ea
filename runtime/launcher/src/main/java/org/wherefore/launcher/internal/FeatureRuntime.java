package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Brings a set of features into a framework: install what is new, resolve everything before anything starts, uninstall what
 * no feature owns any more. A bundle's location {@code feature:group:artifact:version} is its identity. When something can't
 * be resolved, what this call installed is removed again.
 */
final class FeatureRuntime {
    private static final String LOCATION = "feature:";

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

    /** Installs and resolves; returns the bundles to start, in order. @throws LaunchException naming what is missing */
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
            for (Bundle b : context.getBundles()) {
                if (b.getLocation().startsWith(LOCATION) && !wanted.containsKey(b.getLocation())) {
                    b.uninstall();
                }
            }
            resolve(all);
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
        StringBuilder words = new StringBuilder("the features can't be resolved, nothing was started:");
        for (Bundle b : bundles) {
            if (b.getState() == Bundle.INSTALLED) {
                words.append("\n  ").append(b.getSymbolicName()).append(' ').append(b.getVersion()).append(": ").append(reason(b));
            }
        }
        throw new LaunchException(words.toString());
    }

    private static String reason(Bundle b) {
        try {
            b.start();
            return "resolved late";
        } catch (BundleException e) {
            return e.getMessage();
        }
    }

    private Bundle install(String location, Feature.Artifact artifact) throws BundleException {
        Path jar = repository.resolve(artifact.path());
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

    /** Starts bundles that are not fragments. @throws LaunchException naming the bundle that would not start */
    static void start(List<Bundle> bundles) {
        for (Bundle b : bundles) {
            if ((b.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0
                    || b.getHeaders().get(Constants.FRAGMENT_HOST) != null) {
                continue;
            }
            try {
                b.start();
            } catch (BundleException e) {
                throw new LaunchException("the bundle " + b.getSymbolicName() + " does not start: " + e.getMessage(), e);
            }
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
