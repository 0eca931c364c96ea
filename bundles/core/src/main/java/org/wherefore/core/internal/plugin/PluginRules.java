package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** What a jar has to be to become a plugin bundle, and in words what it lacks. Stateless. */
final class PluginRules {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final int LONGEST = 200;
    private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]*)\\)");
    private static final String API = "org.wherefore.api";

    private PluginRules() {}

    /** @return the symbolic name. @throws WhereforeException {@code INVALID_INPUT} */
    static String symbolicName(Path jar) {
        Manifest manifest;
        try (JarFile file = new JarFile(jar.toFile(), false)) {
            manifest = file.getManifest();
        } catch (IOException e) {
            throw WhereforeException.invalid(null, "this is not a jar (" + e.getMessage() + "); send the file that 'mvn verify' made in target/");
        }
        String header = manifest == null ? null : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
        if (header == null || !"2".equals(manifest.getMainAttributes().getValue(Constants.BUNDLE_MANIFESTVERSION))) {
            throw WhereforeException.invalid(null, "the jar is no OSGi bundle: its manifest has no "
                    + (header == null ? Constants.BUNDLE_SYMBOLICNAME : Constants.BUNDLE_MANIFESTVERSION + ": 2")
                    + "; build it with the bnd-maven-plugin, as 'wherefore plugin new' sets it up");
        }
        String name = header.split(";", 2)[0].trim();
        if (!NAME.matcher(name).matches() || name.length() > LONGEST) {
            throw WhereforeException.invalid(null, "a symbolic name is parts of letters, digits, '-' and '_' with dots between them, at most "
                    + LONGEST + " characters, got '" + (name.length() > LONGEST ? name.substring(0, LONGEST) + "…" : name) + "'");
        }
        return name;
    }

    /** Refuses what would reach into other bundles. @throws WhereforeException {@code UNSUPPORTED} naming all of it */
    static void check(Bundle plugin) {
        List<String> words = new ArrayList<>();
        BundleRevision revision = plugin.adapt(BundleRevision.class);
        for (BundleRequirement r : revision.getDeclaredRequirements(null)) {
            switch (r.getNamespace()) {
                case PackageNamespace.PACKAGE_NAMESPACE -> {
                    String name = packageName(r);
                    if (name.startsWith("org.wherefore.") && !name.equals(API) && !name.startsWith(API + ".")) {
                        words.add("imports " + name + ", which is not for plugins; import " + API + "… only"
                                + (name.matches("org\\.wherefore\\.(testkit|tck).*") ? " and keep testkit and tck in test scope" : ""));
                    }
                }
                case BundleNamespace.BUNDLE_NAMESPACE -> words.add("requires a whole bundle " + filter(r)
                        + "; import packages instead of Require-Bundle");
                case HostNamespace.HOST_NAMESPACE -> words.add("is a fragment " + filter(r)
                        + " and would change another bundle; make it a bundle of its own");
                default -> { }
            }
        }
        for (BundleCapability c : revision.getDeclaredCapabilities(PackageNamespace.PACKAGE_NAMESPACE)) {
            words.add("exports " + c.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)
                    + "; a plugin offers services and keeps its packages to itself: remove Export-Package or @Export");
        }
        refuse(plugin, words);
    }

    /** Says what is missing. @throws WhereforeException {@code UNSUPPORTED} always */
    static void refuseUnresolved(BundleContext context, Bundle plugin) {
        List<String> words = new ArrayList<>();
        for (BundleRequirement r : plugin.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
            String resolution = r.getDirectives().getOrDefault(Constants.RESOLUTION_DIRECTIVE, Constants.RESOLUTION_MANDATORY);
            String effective = r.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE);
            if (resolution.equals(Constants.RESOLUTION_MANDATORY) && effective.equals(Constants.EFFECTIVE_RESOLVE)) {
                missing(context, r, words);
            }
        }
        if (words.isEmpty()) {
            words.add("asks for packages that are there but don't fit together");
        }
        refuse(plugin, words);
    }

    private static void missing(BundleContext context, BundleRequirement r, List<String> words) {
        List<String> others = new ArrayList<>();
        for (Bundle b : context.getBundles()) {
            BundleRevision revision = b.adapt(BundleRevision.class);
            if (revision == null) {
                continue;
            }
            for (BundleCapability c : revision.getDeclaredCapabilities(r.getNamespace())) {
                if (r.matches(c)) {
                    return;
                }
                if (c.getAttributes().get(r.getNamespace()) instanceof String name && name.equals(packageName(r))) {
                    others.add(c.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE) + " of " + b.getSymbolicName());
                }
            }
        }
        words.add(switch (r.getNamespace()) {
            case PackageNamespace.PACKAGE_NAMESPACE -> others.isEmpty()
                    ? "imports " + packageName(r) + ", which no bundle here exports; embed the library that has it, or import it as optional"
                    : "imports " + packageName(r) + " in another version, " + filter(r) + ", than the one here, " + String.join(", ", others)
                            + "; build it against the SDK of this platform";
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "needs another Java, " + filter(r) + ", than the one that runs, "
                    + Runtime.version().feature() + "; set maven.compiler.release to 17";
            default -> "needs a capability that nobody provides: " + r.getNamespace() + " " + filter(r);
        });
    }

    static void refuse(Bundle plugin, List<String> words) {
        if (!words.isEmpty()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "'" + plugin.getSymbolicName() + "' " + plugin.getVersion()
                    + " was not installed: it " + String.join("; it ", words));
        }
    }

    private static String packageName(BundleRequirement r) {
        Matcher m = PACKAGE.matcher(filter(r));
        return m.find() ? m.group(1) : "";
    }

    private static String filter(BundleRequirement r) {
        return r.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
    }
}
