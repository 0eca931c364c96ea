package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** Features made of tiny bundles, in a real framework. */
class FeatureRuntimeTest {
    @TempDir
    Path folder;
    private Framework framework;
    private FeatureRuntime runtime;

    @BeforeEach
    void launch() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow()
                .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString()));
        framework.init();
        framework.start();
        runtime = new FeatureRuntime(framework.getBundleContext(), folder.resolve("repository"));
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void installsResolvesAndStarts() throws Exception {
        bundle("exporter", "Export-Package", "x.y");
        bundle("importer", "Import-Package", "x.y");
        FeatureRuntime.start(runtime.install(List.of(feature("one", "importer", "exporter"))));
        assertThat(active()).containsExactlyInAnyOrder("feature:g:importer:1.0.0", "feature:g:exporter:1.0.0");
    }

    @Test
    void namesTheMissingRequirementAndRollsBack() throws Exception {
        bundle("good");
        FeatureRuntime.start(runtime.install(List.of(feature("one", "good"))));
        bundle("bad", "Import-Package", "nobody.has.this");
        assertThatThrownBy(() -> runtime.install(List.of(feature("one", "good"), feature("two", "bad"))))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("bad 1.0.0: imports a package that no bundle exports")
                .hasMessageContaining("nobody.has.this")
                .hasMessageNotContaining("good 1.0.0");
        assertThat(locations()).containsExactly("feature:g:good:1.0.0");
        assertThat(active()).containsExactly("feature:g:good:1.0.0");
    }

    @Test
    void keepsWhatIsInstalledWhenItsSuccessorDoesNotResolve() throws Exception {
        bundle("old");
        FeatureRuntime.start(runtime.install(List.of(feature("one", "old"))));
        bundle("new", "Require-Capability", "of.another.kind;filter:=\"(a=b)\"");
        assertThatThrownBy(() -> runtime.install(List.of(feature("one", "new")))).isInstanceOf(LaunchException.class)
                .hasMessageContaining("needs a capability that nobody provides: of.another.kind (a=b)");
        assertThat(active()).containsExactly("feature:g:old:1.0.0");
    }

    @Test
    void refusesWrongChecksum() throws Exception {
        bundle("sealed");
        Feature wrong = new Feature("one", "g:one:1.0.0", List.of(new Feature.Artifact("g:sealed:1.0.0", "sha256:00")), List.of(), Map.of(), false);
        assertThatThrownBy(() -> runtime.install(List.of(wrong))).isInstanceOf(LaunchException.class)
                .hasMessageContaining("g:sealed:1.0.0").hasMessageContaining("checksum");
        assertThat(locations()).isEmpty();
        Feature right = new Feature("one", "g:one:1.0.0", List.of(new Feature.Artifact("g:sealed:1.0.0",
                FeatureRuntime.sha256(folder.resolve("repository/g/sealed/1.0.0/sealed-1.0.0.jar")))), List.of(), Map.of(), false);
        assertThat(runtime.install(List.of(right))).hasSize(1);
    }

    @Test
    void namesTheJarThatIsNotInTheRepository() {
        assertThatThrownBy(() -> runtime.install(List.of(feature("one", "absent")))).isInstanceOf(LaunchException.class)
                .hasMessageContaining("g:absent:1.0.0 is not in the repository");
    }

    @Test
    void restartRemembersWhatIsInstalled() throws Exception {
        bundle("kept");
        Feature one = feature("one", "kept");
        FeatureRuntime.start(runtime.install(List.of(one)));
        long id = framework.getBundleContext().getBundle("feature:g:kept:1.0.0").getBundleId();
        stop();
        Files.delete(folder.resolve("repository/g/kept/1.0.0/kept-1.0.0.jar"));
        launch();
        List<Bundle> again = runtime.install(List.of(one));
        assertThat(again).extracting(Bundle::getBundleId).containsExactly(id);
        FeatureRuntime.start(again);
        assertThat(active()).containsExactly("feature:g:kept:1.0.0");
    }

    @Test
    void removesABundleWithItsLastOwnerOnly() throws Exception {
        bundle("shared");
        bundle("alone");
        Feature one = feature("one", "shared", "alone");
        Feature two = feature("two", "shared");
        assertThat(FeatureRuntime.owners(List.of(one, two)))
                .containsExactly(Map.entry("g:alone:1.0.0", List.of("one")), Map.entry("g:shared:1.0.0", List.of("one", "two")));
        runtime.install(List.of(one, two));
        runtime.install(List.of(two));
        assertThat(locations()).containsExactly("feature:g:shared:1.0.0");
        runtime.install(List.of());
        assertThat(locations()).isEmpty();
    }

    @Test
    void doesNotStartFragments() throws Exception {
        bundle("host");
        bundle("fragment", "Fragment-Host", "host");
        FeatureRuntime.start(runtime.install(List.of(feature("one", "host", "fragment"))));
        assertThat(active()).containsExactly("feature:g:host:1.0.0");
    }

    @Test
    void ordersFeaturesAfterWhatTheyRequire() {
        Feature base = new Feature("base", "g:base:1", List.of(), List.of(), Map.of(), false);
        Feature rest = new Feature("rest", "g:rest:1", List.of(), List.of("base"), Map.of(), false);
        Feature circle = new Feature("circle", "g:circle:1", List.of(), List.of("circle"), Map.of(), false);
        Map<String, Feature> known = Map.of("base", base, "rest", rest, "circle", circle);
        assertThat(FeatureRuntime.order(known, List.of("rest"))).containsExactly(base, rest);
        assertThatThrownBy(() -> FeatureRuntime.order(known, List.of("circle"))).hasMessageContaining("in a circle");
        assertThatThrownBy(() -> FeatureRuntime.order(known, List.of("none"))).hasMessageContaining("there is no feature 'none'");
    }

    @Test
    void startsConfiguredHostsLast() throws Exception {
        bundle("whiteboard");
        bundle("content");
        Feature host = new Feature("http", "g:http:1", List.of(new Feature.Artifact("g:whiteboard:1.0.0", "")), List.of(),
                Map.of("some.pid", Map.of()), false);
        List<Feature> features = List.of(host, feature("rest", "content"));
        runtime.install(features);
        assertThat(runtime.startOrder(features)).extracting(Bundle::getSymbolicName).containsExactly("content", "whiteboard");
    }

    @Test
    void readsWhatSealWrote() throws Exception {
        bundle("sealed");
        Path file = folder.resolve("features/one/feature.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                {"id": "g:one:1.0.0", "bundles": [{"id": "g:sealed:1.0.0"}],
                 "configurations": {"some.pid~a": {"port": "8080"}},
                 "extensions": {"wherefore-requires": {"type": "text", "text": ["base"]},
                                "wherefore-start": {"type": "text", "text": ["on-demand"]}}}""");
        Seal.main(new String[] {folder.toString()});
        Feature f = Feature.read(file);
        assertThat(f.bundles()).containsExactly(new Feature.Artifact("g:sealed:1.0.0",
                FeatureRuntime.sha256(folder.resolve("repository/g/sealed/1.0.0/sealed-1.0.0.jar"))));
        assertThat(f.requires()).containsExactly("base");
        assertThat(f.onDemand()).isTrue();
        assertThat(f.configurations()).isEqualTo(Map.of("some.pid~a", Map.of("port", "8080")));
    }

    @Test
    void aServerHasOneSlotAndCommandsHaveMany() throws Exception {
        try (Slot server = Slot.server(folder); Slot first = Slot.command(folder); Slot second = Slot.command(folder)) {
            assertThatThrownBy(() -> Slot.server(folder)).hasMessageContaining("another process serves this home");
            assertThat(first.folder()).isNotEqualTo(second.folder());
        }
        Slot.server(folder).close();
    }

    private static Feature feature(String name, String... bundles) {
        return new Feature(name, "g:" + name + ":1.0.0",
                Stream.of(bundles).map(b -> new Feature.Artifact("g:" + b + ":1.0.0", "")).toList(), List.of(), Map.of(), false);
    }

    private void bundle(String name, String... headers) throws IOException {
        Manifest m = new Manifest();
        Attributes a = m.getMainAttributes();
        a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        a.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        a.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        a.putValue(Constants.BUNDLE_VERSION, "1.0.0");
        for (int i = 0; i < headers.length; i += 2) {
            a.putValue(headers[i], headers[i + 1]);
        }
        Path jar = folder.resolve("repository").resolve(new Feature.Artifact("g:" + name + ":1.0.0", "").path());
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, m).close();
        }
    }

    private List<String> locations() {
        return Arrays.stream(framework.getBundleContext().getBundles()).filter(b -> b.getBundleId() != 0).map(Bundle::getLocation).toList();
    }

    private List<String> active() {
        return Arrays.stream(framework.getBundleContext().getBundles())
                .filter(b -> b.getBundleId() != 0 && b.getState() == Bundle.ACTIVE).map(Bundle::getLocation).toList();
    }
}
