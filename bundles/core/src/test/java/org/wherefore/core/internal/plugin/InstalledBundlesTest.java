package org.wherefore.core.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.plugin.OfferedService;
import org.wherefore.api.plugin.PluginBundle;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.plugin.PluginChange;
import org.wherefore.core.internal.plugin.probe.ProbeConnector;

/** In a real framework, without Declarative Services; the platform is one bundle called {@code org.example.platform}. */
class InstalledBundlesTest {
    private static final String CONNECTOR = DataConnector.class.getName();
    @TempDir
    Path home;
    private Framework framework;
    private InstalledBundles bundles;

    @BeforeEach
    void launch() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow().newFramework(Map.of(
                Constants.FRAMEWORK_STORAGE, home.resolve("cache").toString(), Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                "org.wherefore.api;version=1.0.0,org.wherefore.api.data;version=1.0.0,org.wherefore.api.data.spi;version=1.0.0"));
        framework.start();
        if (context().getBundle("feature:platform") == null) {
            context().installBundle("feature:platform", new ByteArrayInputStream(jar("org.example.platform", "1.0.0", "csv")));
        }
        context().getBundle("feature:platform").start(Bundle.START_TRANSIENT);
        bundles = bundles("serve");
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }

    @Test
    void installsUpdatesAndRemovesThatBundleOnly() throws Exception {
        Map<String, Integer> before = states();
        PluginChange installed = install(jar("com.example.mine", "1.0.0", "mine"));
        assertThat(installed.updated()).isFalse();
        assertThat(installed.touched()).containsExactly("com.example.mine");
        assertThat(installed.bundle().state()).isEqualTo("active");
        assertThat(installed.bundle().services()).containsExactly(new OfferedService(CONNECTOR, "mine"));
        assertThat(installed.bundle().digest()).matches("sha256:[0-9a-f]{64}").isEqualTo(PluginFiles.digest(home.resolve("plugins/com.example.mine.jar")));
        PluginChange updated = install(jar("com.example.mine", "1.1.0", "mine"));
        assertThat(updated.updated()).isTrue();
        assertThat(updated.touched()).containsExactly("com.example.mine");
        assertThat(bundles.list()).containsExactly(updated.bundle());
        assertThat(updated.bundle().version()).isEqualTo("1.1.0");
        assertThat(bundles.remove("com.example.mine").touched()).containsExactly("com.example.mine");
        assertThat(bundles.list()).isEmpty();
        assertThat(states()).isEqualTo(before);
        assertThat(home.resolve("plugins")).isEmptyDirectory();
    }

    @Test
    void theNameIsAnsweredAllTheTimeWhileAJarOfTheSameVersionReplacesAnother() throws Exception {
        install(jar("com.example.mine", "1.0.0", "mine"));
        List<Integer> offered = new ArrayList<>();
        context().addServiceListener(e -> {
            if (e.getType() != ServiceEvent.MODIFIED) {
                offered.add(connectors().size());
            }
        }, "(objectClass=" + CONNECTOR + ")");
        install(jar("com.example.mine", "1.0.0", "mine", "Build", "2"));
        assertThat(offered).hasSize(2).allMatch(n -> n >= 2);
        assertThat(connectors()).hasSize(2);
    }

    @Test
    void isThereAgainAfterARestartWithOrWithoutTheCache() throws Exception {
        PluginBundle mine = install(jar("com.example.mine", "1.0.0", "mine")).bundle();
        Files.writeString(home.resolve("plugins/plugin123.upload"), "half a jar");
        restart();
        assertThat(bundles.list()).containsExactly(mine);
        assertThat(home.resolve("plugins/plugin123.upload")).doesNotExist();
        framework.stop();
        framework.waitForStop(20_000);
        deleteCache();
        launch();
        assertThat(bundles.list()).containsExactly(mine);
        assertThat(connectors()).hasSize(2);
    }

    @Test
    void aKeptJarThatDoesNotStartAnyMoreIsToldAndCanBeReplacedOrRemoved() throws Exception {
        install(jar("com.example.mine", "1.0.0", "mine"));
        Files.write(home.resolve("plugins/com.example.mine.jar"), jar("com.example.mine", "1.0.0", "throw"));
        restart();
        assertThat(bundles.list()).singleElement().satisfies(b -> {
            assertThat(b.state()).isEqualTo("failed");
            assertThat(b.problems().get(0)).contains("the probe fails on purpose");
        });
        assertThat(install(jar("com.example.mine", "1.0.1", "mine")).bundle().state()).isEqualTo("active");
        bundles.remove("com.example.mine");
        assertThat(context().getBundles()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "com.example.x       | x        | Import-Package  | org.wherefore.core.internal         | UNSUPPORTED   | imports org.wherefore.core.internal, which is not for plugins",
        "com.example.x       | x        | Import-Package  | org.wherefore.tck;resolution:=optional | UNSUPPORTED | keep testkit and tck in test scope",
        "com.example.x       | x        | Import-Package  | org.example.nowhere                 | UNSUPPORTED   | imports org.example.nowhere, which no bundle here exports",
        "com.example.x       | x        | Import-Package  | org.wherefore.api;version=\"[2,3)\" | UNSUPPORTED   | than the one here, 1.0.0 of org.apache.felix.framework",
        "com.example.x       | x        | Require-Capability | osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\" | UNSUPPORTED | needs another Java",
        "com.example.x       | x        | Require-Capability | com.example.moon                 | UNSUPPORTED   | needs a capability that nobody provides: com.example.moon",
        "com.example.x       | x        | Export-Package  | org.wherefore.core.internal.plugin.probe | UNSUPPORTED | exports org.wherefore.core.internal.plugin.probe",
        "com.example.x       | x        | Require-Bundle  | org.example.platform                | UNSUPPORTED   | import packages instead of Require-Bundle",
        "com.example.x       | x        | Fragment-Host   | org.example.platform                | UNSUPPORTED   | is a fragment",
        "com.example.x       | csv      | -               | -                                   | CONFLICT      | offers the DataConnector 'csv', and so does org.example.platform",
        "com.example.x       | throw    | -               | -                                   | UNSUPPORTED   | the probe fails on purpose",
        "com.example.x       | nothing  | -               | -                                   | UNSUPPORTED   | offers no [Explainer, DataConnector",
        "com.example.x       | nameless | -               | -                                   | UNSUPPORTED   | does not say its name",
        "com.example.x       | endless  | -               | -                                   | UNSUPPORTED   | does not say its name within 2 s",
        "org.example.platform | x       | -               | -                                   | CONFLICT      | is the name of a bundle of the platform",
        "../../evil          | x        | -               | -                                   | INVALID_INPUT | a symbolic name is parts of letters",
        "-                   | x        | -               | -                                   | INVALID_INPUT | its manifest has no Bundle-SymbolicName"})
    void refusesInWordsAndLeavesNothingBehind(String name, String probe, String header, String value, ErrorCode code, String words) throws Exception {
        install(jar("com.example.mine", "1.0.0", "mine"));
        List<PluginBundle> before = bundles.list();
        Map<String, Integer> states = states();
        byte[] jar = header == null ? jar(name, "1.0.0", probe) : jar(name, "1.0.0", probe, header, value);
        assertThatThrownBy(() -> install(jar)).isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
        assertThat(bundles.list()).isEqualTo(before);
        assertThat(states()).isEqualTo(states);
        try (Stream<Path> left = Files.list(home.resolve("plugins"))) {
            assertThat(left).containsExactly(home.resolve("plugins/com.example.mine.jar"));
        }
    }

    @Test
    void aRefusedUpdateLeavesTheOlderJarRunning() throws Exception {
        PluginBundle mine = install(jar("com.example.mine", "1.0.0", "mine")).bundle();
        Object service = connectors().get(1);
        assertThatThrownBy(() -> install(jar("com.example.mine", "2.0.0", "throw"))).hasMessageContaining("on purpose");
        assertThat(bundles.list()).containsExactly(mine);
        assertThat(connectors()).contains(service);
        restart();
        assertThat(bundles.list()).containsExactly(mine);
    }

    @Test
    void refusesWhatIsNoJarOrTooLarge() {
        assertThatThrownBy(() -> install("hello".getBytes())).hasMessageContaining("this is not a jar");
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] b, int off, int len) {
                return len;
            }
        };
        assertThatThrownBy(() -> bundles.install(endless)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT)).hasMessageContaining("at most " + (PluginBundles.MAX_BYTES >> 20) + " MiB");
        assertThat(home.resolve("plugins")).isEmptyDirectory();
    }

    @Test
    void removesPluginsOnly() {
        assertThatThrownBy(() -> bundles.remove("org.example.platform")).hasMessageContaining("is a bundle of the platform");
        assertThatThrownBy(() -> bundles.remove("nobody")).hasMessageContaining("there is no plugin 'nobody'; installed: none");
    }

    @Test
    void otherProcessesLoadPluginsAndChangeNone() throws Exception {
        PluginBundle mine = install(jar("com.example.mine", "1.0.0", "mine")).bundle();
        bundles.stop();
        bundles = bundles("training");
        assertThat(bundles.list()).containsExactly(mine);
        assertThatThrownBy(() -> bundles.remove("com.example.mine")).hasMessageContaining("by a running server only");
        bundles.stop();
        bundles = bundles("tools");
        assertThat(bundles.list()).isEmpty();
    }

    private void restart() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
        launch();
    }

    private void deleteCache() throws IOException {
        try (Stream<Path> all = Files.walk(home.resolve("cache"))) {
            for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    private InstalledBundles bundles(String mode) {
        ServiceComponentRuntime none = (ServiceComponentRuntime) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {ServiceComponentRuntime.class}, (p, m, a) -> List.of());
        return new InstalledBundles(context(), home.resolve("plugins"), new Components(none), new TrustedJars(home.resolve("trust"), null), mode);
    }

    private BundleContext context() {
        return framework.getBundleContext();
    }

    private Map<String, Integer> states() {
        Map<String, Integer> out = new TreeMap<>();
        Arrays.stream(context().getBundles()).forEach(b -> out.put(b.getBundleId() == 0 ? "framework" : b.getLocation(), b.getState()));
        return out;
    }

    private List<Object> connectors() {
        try {
            List<Object> out = new ArrayList<>();
            for (ServiceReference<DataConnector> r : context().getServiceReferences(DataConnector.class, null)) {
                out.add(context().getService(r));
            }
            return out;
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private PluginChange install(byte[] jar) {
        return bundles.install(new ByteArrayInputStream(jar));
    }

    /** @param more headers and their values; Import-Package is added to what the probe itself needs */
    private static byte[] jar(String name, String version, String probe, String... more) throws IOException {
        StringBuilder text = new StringBuilder("Manifest-Version: 1.0\nBundle-ManifestVersion: 2\n");
        if (name != null) {
            text.append("Bundle-SymbolicName: ").append(name).append('\n');
        }
        Manifest m = new Manifest(new ByteArrayInputStream(text.append("Bundle-Version: ").append(version).append('\n').toString().getBytes()));
        m.getMainAttributes().putValue("Probe", probe);
        String imports = "org.osgi.framework,org.wherefore.api.data,org.wherefore.api.data.spi";
        for (int i = 0; i < more.length; i += 2) {
            m.getMainAttributes().putValue(more[i], more[i + 1]);
        }
        String extra = m.getMainAttributes().getValue(Constants.IMPORT_PACKAGE);
        m.getMainAttributes().putValue(Constants.IMPORT_PACKAGE, extra == null ? imports + ",org.wherefore.api" : imports
                + (extra.startsWith("org.wherefore.api;") ? "," : ",org.wherefore.api,") + extra);
        if (m.getMainAttributes().getValue(Constants.FRAGMENT_HOST) == null) {
            m.getMainAttributes().putValue(Constants.BUNDLE_ACTIVATOR, ProbeConnector.class.getName());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String path = ProbeConnector.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(bytes, m); InputStream in = ProbeConnector.class.getClassLoader().getResourceAsStream(path)) {
            out.putNextEntry(new JarEntry(path));
            in.transferTo(out);
        }
        return bytes.toByteArray();
    }
}
