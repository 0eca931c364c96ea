package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Features of tiny bundles that come and go in a real framework: {@code base} exports {@code base.api}, {@code holder} holds a library. */
class LiveFeaturesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    @TempDir
    Path folder;
    private Framework framework;
    private LiveFeatures features;

    @BeforeEach
    void launch() throws Exception {
        bundle(dist(), "base", "1.0.0", "Export-Package", "base.api", "Import-Package", "holder.optional;resolution:=optional");
        shipped("base", "never", List.of("base:1.0.0"));
        bundle(dist(), "holder", "1.0.0", "Export-Package", "holder.api");
        shipped("holder", "stopped", List.of("holder:1.0.0"));
        bundle(dist(), "shop", "1.0.0", "Import-Package", "base.api", "Export-Package", "shop.api");
        shipped("shop", "running", List.of("shop:1.0.0"), "base");
        bundle(dist(), "extra", "1.0.0");
        shipped("extra", "running", List.of("extra:1.0.0"));
        Path extra = dist().resolve("features/extra/feature.json");
        ObjectNode json = (ObjectNode) JSON.readTree(extra.toFile());
        json.withObject("/extensions").putObject("wherefore-start").putArray("text").add("on-demand");
        Files.writeString(extra, json.toString());
        start();
    }

    private void start() throws Exception {
        Options options = options();
        FeatureHome home = FeatureHome.of(options.home());
        List<Feature> now = Mode.SERVE.featuresOf(home.known(FeatureRuntime.readAll(dist().resolve("features")), home.state(), repository(), null), List.of());
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow()
                .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString()));
        framework.init();
        FeatureRuntime runtime = new FeatureRuntime(context(), repository());
        runtime.install(now);
        framework.start();
        FeatureRuntime.start(runtime.startOrder(now));
        features = new LiveFeatures(options, context(), now, Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    private Options options() {
        return new Options("start", List.of(), folder.resolve("home"), 8080, dist(), List.of());
    }

    @Test
    void comesAsPlannedAndLeavesNothing() throws Exception {
        bundle(local(), "fraud", "1.0.0", "Import-Package", "base.api");
        foreign("fraud", "1.0.0", List.of("fraud:1.0.0"), "shop");
        Map<String, Long> before = states();
        JsonNode plan = plan(List.of("fraud"), List.of());
        assertThat(steps(plan.path("plan"))).containsExactly("install fraud 1.0.0", "start fraud 1.0.0");
        assertThat(plan.at("/jars/g:fraud:1.0.0").asText()).endsWith("fraud-1.0.0.jar");
        assertThat(states()).as("a plan changes nothing").isEqualTo(before);
        JsonNode report = apply(List.of("fraud"), List.of());
        assertThat(texts(report.path("touched"))).containsExactly("fraud 1.0.0");
        assertThat(report.path("unplanned")).isEmpty();
        assertThat(states()).containsEntry("feature:g:fraud:1.0.0", (long) Bundle.ACTIVE);
        assertThat(apply(List.of(), List.of("fraud")).path("unplanned")).isEmpty();
        assertThat(states()).isEqualTo(before);
        assertThat(wirings()).isEqualTo(4);
        assertThat(files(folder.resolve("home/features"))).containsExactly("set.json");
    }

    @Test
    void isThereAgainAfterARestartFromItsOwnFiles() throws Exception {
        bundle(local(), "fraud", "1.0.0");
        foreign("fraud", "1.0.0", List.of("fraud:1.0.0"));
        apply(List.of("fraud"), List.of());
        Platform.delete(local());
        apply(List.of(), List.of("shop"));
        stop();
        Platform.delete(folder.resolve("cache"));
        start();
        assertThat(states()).containsEntry("feature:g:fraud:1.0.0", (long) Bundle.ACTIVE).doesNotContainKey("feature:g:shop:1.0.0");
        apply(List.of("shop"), List.of());
        assertThat(states()).containsEntry("feature:g:shop:1.0.0", (long) Bundle.ACTIVE);
    }

    @Test
    void aSharedBundleStaysUntilItsLastOwnerGoes() throws Exception {
        bundle(local(), "lib", "1.0.0");
        bundle(local(), "one", "1.0.0");
        foreign("one", "1.0.0", List.of("one:1.0.0", "lib:1.0.0"));
        foreign("two", "1.0.0", List.of("lib:1.0.0"));
        assertThat(texts(apply(List.of("one", "two"), List.of()).path("touched"))).containsExactly("lib 1.0.0", "one 1.0.0");
        assertThat(texts(apply(List.of(), List.of("one")).path("touched"))).containsExactly("one 1.0.0");
        assertThat(owners("g:lib:1.0.0")).containsExactly("two");
        assertThat(texts(apply(List.of(), List.of("two")).path("touched"))).containsExactly("lib 1.0.0");
        assertThat(states()).doesNotContainKey("feature:g:lib:1.0.0");
    }

    @Test
    void aNewVersionRunsBesideTheOldAndIsWiredToNothingThatLeaves() throws Exception {
        bundle(local(), "lib", "1.0.0", "Export-Package", "lib.api;version=1.0");
        bundle(local(), "user", "1.0.0", "Import-Package", "lib.api");
        foreign("pair", "1.0.0", List.of("lib:1.0.0", "user:1.0.0"));
        apply(List.of("pair"), List.of());
        bundle(local(), "lib", "1.1.0", "Export-Package", "lib.api;version=1.0");
        bundle(local(), "user", "1.1.0", "Import-Package", "lib.api");
        foreign("pair", "1.1.0", List.of("lib:1.1.0", "user:1.1.0"));
        JsonNode report = apply(List.of("pair"), List.of());
        assertThat(texts(report.at("/plan/update"))).containsExactly("pair");
        assertThat(texts(report.path("touched"))).containsExactly("lib 1.0.0", "lib 1.1.0", "user 1.0.0", "user 1.1.0");
        assertThat(report.path("unplanned")).isEmpty();
        assertThat(apply(List.of("pair:1.0.0"), List.of()).path("unplanned")).as("and back").isEmpty();
        assertThat(states()).containsKey("feature:g:user:1.0.0").doesNotContainKey("feature:g:user:1.1.0");
    }

    @Test
    void whoeverUsesWhatLeavesIsRefreshedAsThePlanSays() throws Exception {
        bundle(local(), "guest", "1.0.0", "Import-Package", "shop.api;resolution:=optional");
        foreign("guest", "1.0.0", List.of("guest:1.0.0"));
        apply(List.of("guest"), List.of());
        JsonNode report = apply(List.of(), List.of("shop"));
        assertThat(steps(report.path("plan"))).containsExactly("stop shop 1.0.0", "uninstall shop 1.0.0", "refresh guest 1.0.0");
        assertThat(report.at("/plan/steps/2/reason").asText()).isEqualTo("it uses shop.api of shop");
        assertThat(texts(report.path("touched"))).containsExactly("guest 1.0.0", "shop 1.0.0");
        assertThat(report.path("unplanned")).isEmpty();
        assertThat(states()).containsEntry("feature:g:guest:1.0.0", (long) Bundle.ACTIVE);
    }

    @Test
    void whatCannotBeResolvedIsRefusedWithWhoNeedsWhat() throws Exception {
        bundle(local(), "fraud", "1.0.0", "Require-Capability", "com.example.graph;filter:=\"(kind=dag)\"");
        foreign("fraud", "1.0.0", List.of("fraud:1.0.0"));
        bundle(local(), "guest", "1.0.0", "Import-Package", "shop.api");
        foreign("guest", "1.0.0", List.of("guest:1.0.0"));
        refused(List.of("fraud"), List.of(), "UNSUPPORTED", "fraud 1.0.0: needs a capability that nobody provides: com.example.graph (kind=dag)");
        apply(List.of("guest"), List.of());
        Map<String, Long> before = states();
        refused(List.of(), List.of("shop"), "UNSUPPORTED", "guest 1.0.0: imports a package that no bundle exports: (osgi.wiring.package=shop.api)");
        assertThat(states()).isEqualTo(before);
    }

    @Test
    void theBaseAndTheHolderAreNotTouched() throws Exception {
        refused(List.of(), List.of("base"), "UNSUPPORTED", "'base' is a part that the others stand on");
        refused(List.of(), List.of("holder"), "UNSUPPORTED", "'holder' can't change while a server runs");
        bundle(local(), "patch", "1.0.0", "Fragment-Host", "base");
        foreign("patch", "1.0.0", List.of("patch:1.0.0"));
        refused(List.of("patch"), List.of(), "UNSUPPORTED", "this would stop base of feature 'base'");
        bundle(local(), "frame", "1.0.0", "Fragment-Host", "system.bundle; extension:=framework");
        foreign("frame", "1.0.0", List.of("frame:1.0.0"));
        refused(List.of("frame"), List.of(), "UNSUPPORTED", "of the framework");
        bundle(local(), "base", "2.0.0", "Export-Package", "base.api");
        foreign("base", "2.0.0", List.of("base:2.0.0"));
        refused(List.of("base"), List.of(), "UNSUPPORTED", "'base' is a part");
    }

    @Test
    void namesAndBooksAreChecked() throws Exception {
        refused(List.of("nobody"), List.of(), "NOT_FOUND", "there is no feature 'nobody'; known: base, extra, holder, shop");
        refused(List.of(), List.of("nobody"), "NOT_FOUND", "is not installed; installed: base");
        refused(List.of("shop"), List.of(), "CONFLICT", "is installed already");
        bundle(local(), "guest", "1.0.0");
        foreign("guest", "1.0.0", List.of("guest:1.0.0"), "shop");
        refused(List.of("guest"), List.of("shop"), "CONFLICT", "'guest' requires 'shop'");
        apply(List.of("guest"), List.of());
        refused(List.of(), List.of("shop"), "CONFLICT", "'guest' requires 'shop'; remove it, too");
        assertThat(apply(List.of(), List.of("shop", "guest")).path("unplanned")).isEmpty();
        assertThat(texts(apply(List.of("guest"), List.of()).at("/plan/install")))
                .as("what it requires comes with it").contains("g:shop:1.0.0 (feature 'guest' requires it)");
        bundle(local(), "shop", "1.0.0", "Changed", "yes");
        foreign("other", "1.0.0", List.of("shop:1.0.0"));
        refused(List.of("other"), List.of(), "CONFLICT", "with other bytes");
        assertThat(ask("apply", List.of(), List.of("guest"), "7-stale").at("/error/code").asText()).isEqualTo("CONFLICT");
    }

    @Test
    void aBundleThatDoesNotStartIsTakenBack() throws Exception {
        bundle(local(), "good", "1.0.0");
        bundle(local(), "bad", "1.0.0", "Bundle-Activator", "com.example.Absent");
        foreign("broken", "1.0.0", List.of("good:1.0.0", "bad:1.0.0"));
        Map<String, Long> before = states();
        refused(List.of("broken"), List.of(), "UNSUPPORTED", "the bundle bad does not start");
        assertThat(states()).isEqualTo(before);
        assertThat(wirings()).isEqualTo(4);
        assertThat(files(folder.resolve("home/features"))).isEmpty();
    }

    @Test
    void aSetThatCannotBeKeptIsTakenBack() throws Exception {
        Files.createDirectories(folder.resolve("home"));
        Files.writeString(folder.resolve("home/features"), "a file where a folder has to be");
        Map<String, Long> before = states();
        refused(List.of("extra"), List.of(), "STORAGE", "the features can't be kept in");
        refused(List.of(), List.of("shop"), "STORAGE", "the features can't be kept in");
        assertThat(states()).isEqualTo(before);
        assertThat(wirings()).isEqualTo(4);
    }

    @Test
    void aDamagedFeatureIsNamedAtTheStartAndCanBeRemovedWhileNothingRuns() throws Exception {
        bundle(local(), "fraud", "1.0.0");
        foreign("fraud", "1.0.0", List.of("fraud:1.0.0"));
        apply(List.of("fraud"), List.of());
        stop();
        try (Stream<Path> all = Files.walk(folder.resolve("home/features/kept"))) {
            Files.delete(all.filter(f -> f.toString().endsWith(".jar")).findFirst().orElseThrow());
        }
        assertThatThrownBy(this::start).isInstanceOf(LaunchException.class).hasMessageContaining("wherefore feature remove fraud");
        features = new LiveFeatures(options(), null, null, Map.of());
        assertThat(apply(List.of(), List.of("fraud")).path("problems")).isEmpty();
        start();
        assertThat(states()).doesNotContainKey("feature:g:fraud:1.0.0");
    }

    @Test
    void aHomeAtRestGetsItAtItsNextStart() throws Exception {
        bundle(local(), "fraud", "1.0.0", "Import-Package", "base.api");
        foreign("fraud", "1.0.0", List.of("fraud:1.0.0"));
        bundle(local(), "bad", "1.0.0", "Import-Package", "nobody.has");
        foreign("bad", "1.0.0", List.of("bad:1.0.0"));
        stop();
        features = new LiveFeatures(options(), null, null, Map.of());
        assertThat(steps(plan(List.of("fraud"), List.of("holder")).path("plan"))).contains("install fraud 1.0.0", "uninstall holder 1.0.0");
        refused(List.of("bad"), List.of(), "UNSUPPORTED", "bad 1.0.0: imports a package that no bundle exports");
        apply(List.of("fraud"), List.of("holder"));
        start();
        assertThat(states()).containsEntry("feature:g:fraud:1.0.0", (long) Bundle.ACTIVE).doesNotContainKey("feature:g:holder:1.0.0");
    }

    @Test
    void whatStartsOnDemandStartsAlwaysOnceItIsInstalled() throws Exception {
        assertThat(texts(apply(List.of("extra"), List.of()).path("touched"))).containsExactly("extra 1.0.0");
        stop();
        start();
        assertThat(states()).containsEntry("feature:g:extra:1.0.0", (long) Bundle.ACTIVE);
        apply(List.of(), List.of("extra"));
        assertThat(states()).doesNotContainKey("feature:g:extra:1.0.0");
    }

    @Test
    void versionsAreComparedByTheirNumbers() {
        assertThat(Stream.of("1.10.0", "1.0.0-SNAPSHOT", "1.2.0", "1.0.0", "1.0").sorted(FeatureDraft::compare))
                .containsExactly("1.0", "1.0.0-SNAPSHOT", "1.0.0", "1.2.0", "1.10.0");
    }

    private JsonNode ask(String what, List<String> install, List<String> remove, String tag) throws IOException {
        ObjectNode in = JSON.createObjectNode().put("do", what).put("tag", tag);
        install.forEach(in.putArray("install")::add);
        remove.forEach(in.putArray("remove")::add);
        return JSON.readTree(features.apply(in.toString()));
    }

    private JsonNode plan(List<String> install, List<String> remove) throws IOException {
        JsonNode planned = ask("plan", install, remove, "");
        assertThat(planned.has("error")).as(planned.toString()).isFalse();
        return planned;
    }

    private JsonNode apply(List<String> install, List<String> remove) throws IOException {
        JsonNode report = ask("apply", install, remove, plan(install, remove).at("/plan/tag").asText());
        assertThat(report.has("error")).as(report.toString()).isFalse();
        return report;
    }

    private void refused(List<String> install, List<String> remove, String code, String words) throws IOException {
        Map<String, Long> before = states();
        JsonNode error = ask("plan", install, remove, "").path("error");
        if (error.isMissingNode()) {
            error = ask("apply", install, remove, plan(install, remove).at("/plan/tag").asText()).path("error");
        }
        assertThat(error.path("message").asText()).contains(words);
        assertThat(error.path("code").asText()).isEqualTo(code);
        assertThat(states()).isEqualTo(before);
    }

    private List<String> owners(String bundle) throws IOException {
        for (JsonNode f : ask("list", List.of(), List.of(), "").path("features")) {
            for (JsonNode b : f.path("bundles")) {
                if (b.path("id").asText().equals(bundle) && f.path("state").asText().equals("installed")) {
                    return texts(b.path("owners"));
                }
            }
        }
        return List.of();
    }

    private int wirings() throws IOException {
        return ask("list", List.of(), List.of(), "").path("wirings").asInt();
    }

    private static List<String> steps(JsonNode plan) {
        List<String> out = new ArrayList<>();
        plan.path("steps").forEach(s -> out.add(s.path("action").asText() + " " + s.path("subject").asText() + " " + s.path("version").asText()));
        return out;
    }

    private static List<String> texts(JsonNode array) {
        List<String> out = new ArrayList<>();
        array.forEach(t -> out.add(t.asText()));
        return out;
    }

    private Map<String, Long> states() {
        Map<String, Long> out = new TreeMap<>();
        if (context() == null) {
            return out; // it was stopped
        }
        Arrays.stream(context().getBundles()).filter(b -> b.getBundleId() != 0).forEach(b -> out.put(b.getLocation(), (long) b.getState()));
        return out;
    }

    private static List<String> files(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(f -> !f.equals(folder)).map(f -> folder.relativize(f).toString()).sorted().toList();
        }
    }

    private BundleContext context() {
        return framework.getBundleContext();
    }

    private Path dist() {
        return folder.resolve("dist");
    }

    private Path repository() {
        return dist().resolve("repository");
    }

    /** A repository folder, of the home. */
    private Path local() {
        return folder.resolve("home/repository");
    }

    private void shipped(String name, String change, List<String> bundles, String... requires) throws IOException {
        write(dist(), name, name, "1.0.0", change, bundles, requires);
    }

    private void foreign(String name, String version, List<String> bundles, String... requires) throws IOException {
        write(local(), name + "-" + version, name, version, "running", bundles, requires);
    }

    private static void write(Path root, String at, String name, String version, String change, List<String> bundles, String... requires) throws IOException {
        Path file = root.resolve("features").resolve(at).resolve(Feature.FILE);
        ObjectNode json = JSON.createObjectNode().put("id", "g:" + name + ":" + version);
        for (String b : bundles) {
            ObjectNode one = json.withArray("bundles").addObject().put("id", "g:" + b);
            Path jar = root.resolve("repository").resolve(new Feature.Artifact("g:" + b, "").path());
            if (Files.exists(jar)) {
                one.put("hash", FeatureRuntime.sha256(jar));
            }
        }
        json.withObject("/extensions").putObject("wherefore-change").putArray("text").add(change);
        Arrays.stream(requires).forEach(json.withObject("/extensions").putObject("wherefore-requires").putArray("text")::add);
        Files.createDirectories(file.getParent());
        Files.writeString(file, json.toString());
    }

    private static void bundle(Path root, String name, String version, String... headers) throws IOException {
        Manifest m = new Manifest();
        Attributes a = m.getMainAttributes();
        a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        a.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        a.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        a.putValue(Constants.BUNDLE_VERSION, version);
        for (int i = 0; i < headers.length; i += 2) {
            a.putValue(headers[i], headers[i + 1]);
        }
        Path jar = root.resolve("repository").resolve(new Feature.Artifact("g:" + name + ":" + version, "").path());
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, m).close();
        }
    }
}
