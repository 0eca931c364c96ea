package org.wherefore.cli.plugin.internal;

import aQute.bnd.header.Attrs;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Clazz;
import aQute.bnd.osgi.Descriptors.PackageRef;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Instruction;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Resource;
import aQute.bnd.osgi.resource.ResourceBuilder;
import aQute.bnd.osgi.resource.ResourceUtils;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.wherefore.api.plugin.PluginBundles;
import org.xml.sax.SAXException;

/** Looks into a plugin's jar with bnd and says, without running any of it, why it would be refused or would fail. One thread. */
final class Verifier {
    private static final String API = "org.wherefore.api";
    private static final Set<String> KINDS = Set.of(API + ".explain.spi.Explainer", API + ".data.spi.DataConnector",
            API + ".feature.spi.FeatureExtractor", API + ".model.spi.Engine", API + ".domain.spi.DomainPack");
    private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]*)\\)");
    /** Class file versions begin with Java 1.1 as 45. */
    private static final int JAVA_0 = 44;

    /** @param found what is in it, for people @param problems empty when it fits */
    record Report(List<String> found, List<String> problems) {}

    private final Offers offers;
    private final List<String> found = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    Verifier(Offers offers) {
        this.offers = offers;
    }

    Report verify(Path file) {
        try (Jar jar = new Jar(file.toFile())) {
            if (Files.size(file) > PluginBundles.MAX_BYTES) {
                problems.add("it has " + (Files.size(file) >> 20) + " MiB, and a plugin at most " + (PluginBundles.MAX_BYTES >> 20)
                        + "; leave out what it does not need");
            }
            Manifest manifest = jar.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name == null) {
                problems.add("it is no OSGi bundle: its manifest has no " + Constants.BUNDLE_SYMBOLICNAME
                        + "; build it with the bnd-maven-plugin, as 'wherefore plugin new' sets it up");
                return new Report(found, problems);
            }
            Domain domain = Domain.domain(manifest);
            name = name.split(";")[0].trim();
            found.add(name + " " + domain.getBundleVersion() + ", " + (Files.size(file) + 1023) / 1024 + " KiB");
            if (offers.names().contains(name)) {
                problems.add("its symbolic name, " + name + ", is that of a bundle of the platform; give it one of its own (the artifactId)");
            }
            headers(domain);
            requirements(manifest);
            classes(jar, domain);
            components(jar, domain);
        } catch (IOException e) {
            problems.add("it is not a jar: " + e.getMessage());
        } catch (Exception e) {
            problems.add("it can't be read as a bundle: " + e);
        }
        return new Report(found, problems);
    }

    private void headers(Domain domain) {
        domain.getExportPackage().keySet().forEach(p -> problems.add("it exports " + p
                + "; a plugin offers services and keeps its packages to itself: remove Export-Package or @Export"));
        if (domain.getFragmentHost() != null) {
            problems.add("it is a fragment of " + domain.getFragmentHost().getKey() + " and would change another bundle; make it a bundle of its own");
        }
        domain.getRequireBundle().keySet().forEach(b -> problems.add("it requires the bundle " + b + "; import packages instead of Require-Bundle"));
    }

    /** Whatever has to be there before it can start. */
    private void requirements(Manifest manifest) throws Exception {
        ResourceBuilder builder = new ResourceBuilder();
        builder.addManifest(manifest);
        aQute.bnd.service.resource.SupportingResource self = builder.build();
        for (Requirement r : self.getRequirements(null)) {
            String filter = r.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
            Matcher m = PACKAGE.matcher(filter);
            String name = r.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) && m.find() ? m.group(1) : null;
            if (name != null && foreign(name)) {
                problems.add("it imports " + name + ", which is internal; import " + API + "… only"
                        + (name.matches("org\\.wherefore\\.(testkit|tck).*") ? ", and keep testkit and tck in test scope" : ""));
                continue;
            }
            boolean optional = Namespace.RESOLUTION_OPTIONAL.equals(r.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
            boolean later = !Namespace.EFFECTIVE_RESOLVE.equals(r.getDirectives().getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE,
                    Namespace.EFFECTIVE_RESOLVE));
            if (optional || later || r.getNamespace().startsWith("osgi.wiring.") && name == null) {
                continue;
            }
            Predicate<Capability> matches = ResourceUtils.matcher(r);
            if (offers.capabilities().stream().anyMatch(matches) || self.getCapabilities(r.getNamespace()).stream().anyMatch(matches)) {
                continue;
            }
            problems.add(missing(r, name, filter));
        }
    }

    private String missing(Requirement r, String name, String filter) {
        if (name != null) {
            Set<String> others = new TreeSet<>();
            offers.capabilities().stream().filter(c -> name.equals(c.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)))
                    .forEach(c -> others.add(String.valueOf(c.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE))));
            if (!others.isEmpty()) {
                return "it imports " + name + " in versions " + filter + ", but this platform exports " + String.join(", ", others)
                        + "; build it against this platform's SDK";
            }
            return "it imports " + name + (name.startsWith(API) ? ", a package that the api does not have"
                    : ", which nobody on this platform exports; embed the library that has it (in bnd.bnd: -conditionalpackage: " + name + ".*), or import it as optional");
        }
        if (r.getNamespace().equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)) {
            return "it needs another Java, " + filter + ", than " + Runtime.version().feature() + ", which runs here; set maven.compiler.release to 17";
        }
        return "it needs a capability that nobody on this platform provides: " + r.getNamespace() + " " + filter;
    }

    private static boolean foreign(String packageName) {
        return packageName.startsWith("org.wherefore.") && !packageName.equals(API) && !packageName.startsWith(API + ".");
    }

    /** What bytecode says, whatever the manifest does. */
    private void classes(Jar jar, Domain domain) throws Exception {
        int newest = 0;
        String newestClass = null;
        for (Map.Entry<String, Resource> e : jar.getResources().entrySet()) {
            if (e.getKey().endsWith(".class") && !e.getKey().startsWith("META-INF/")) {
                int major = major(e.getValue());
                if (major > newest) {
                    newest = major;
                    newestClass = e.getKey();
                }
            }
        }
        if (newest - JAVA_0 > Runtime.version().feature()) {
            problems.add("its class " + newestClass + " was compiled for Java " + (newest - JAVA_0) + ", and " + Runtime.version().feature()
                    + " runs here; set maven.compiler.release to 17");
        }
        Parameters imports = domain.getImportPackage();
        Parameters dynamic = domain.getDynamicImportPackage();
        try (Analyzer analyzer = new Analyzer(jar)) {
            analyzer.analyze();
            for (PackageRef p : analyzer.getContained().keySet()) {
                if (p.getFQN().equals(API) || p.getFQN().startsWith(API + ".")) {
                    problems.add("it contains " + p.getFQN() + ", a copy of its own that the platform's services don't match; set the scope of "
                            + API + " to provided");
                }
            }
            Map<String, String> users = new TreeMap<>();
            for (Clazz c : analyzer.getClassspace().values()) {
                for (PackageRef p : c.getReferred()) {
                    users.putIfAbsent(p.getFQN(), c.getFQN());
                }
            }
            for (Map.Entry<PackageRef, Attrs> e : analyzer.getReferred().entrySet()) {
                PackageRef p = e.getKey();
                String name = p.getFQN();
                if (!p.isJava() && name.contains(".") && !name.equals(".") && !analyzer.getContained().containsKey(p) && !imports.containsKey(name) && dynamic.isEmpty()) {
                    problems.add("its class " + users.getOrDefault(name, "?") + " uses " + name + ", which it neither contains nor imports: it would fail"
                            + " with NoClassDefFoundError; let bnd write Import-Package");
                }
            }
        }
    }

    private static int major(Resource resource) throws Exception {
        try (DataInputStream in = new DataInputStream(resource.openInputStream())) {
            in.readInt();
            in.readUnsignedShort();
            return in.readUnsignedShort();
        }
    }

    private void components(Jar jar, Domain domain) throws Exception {
        int offered = 0;
        for (String path : domain.getParameters("Service-Component").keySet()) {
            List<Map.Entry<String, Resource>> files = jar.getResources().entrySet().stream()
                    .filter(e -> path.contains("*") ? new Instruction(path).matches(e.getKey()) : e.getKey().equals(path)).toList();
            if (files.isEmpty()) {
                problems.add("its manifest names the service component " + path + ", which is not in the jar");
            }
            for (Map.Entry<String, Resource> f : files) {
                offered += component(jar, f.getKey(), f.getValue());
            }
        }
        if (offered == 0 && domain.get(Constants.BUNDLE_ACTIVATOR) == null) {
            problems.add("it has no service component of a plugin kind; put @Component(service = Explainer.class) on the class that implements"
                    + " Explainer, or likewise for " + String.join(", ", KINDS.stream().map(Verifier::simple).filter(k -> !k.equals("Explainer")).sorted().toList()));
        }
    }

    /** @return how many plugin services it offers */
    private int component(Jar jar, String path, Resource resource) throws Exception {
        Document document;
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        try (InputStream in = resource.openInputStream()) {
            document = factory.newDocumentBuilder().parse(in);
        } catch (SAXException | ParserConfigurationException e) {
            problems.add("its service component " + path + " is no XML: " + e.getMessage());
            return 0;
        }
        NodeList implementations = document.getElementsByTagName("implementation");
        String type = implementations.getLength() == 0 ? "" : ((Element) implementations.item(0)).getAttribute("class");
        if (jar.getResource(type.replace('.', '/') + ".class") == null) {
            problems.add("its service component " + path + " is implemented by " + type + ", which is not in the jar");
        }
        int offered = 0;
        NodeList provided = document.getElementsByTagName("provide");
        for (int i = 0; i < provided.getLength(); i++) {
            String service = ((Element) provided.item(i)).getAttribute("interface");
            if (KINDS.contains(service)) {
                offered++;
                found.add("offers " + simple(service) + ", by " + type);
            }
        }
        NodeList references = document.getElementsByTagName("reference");
        for (int i = 0; i < references.getLength(); i++) {
            found.add("uses " + ((Element) references.item(i)).getAttribute("interface"));
        }
        return offered;
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
