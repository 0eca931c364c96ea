package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.FrameworkWiring;
import org.wherefore.itests.probe.MatrixProbe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The feature nd4j as the distribution ships it: in a framework beside bundles that compute with it, and on the command line. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Nd4jIT {
    private static final Path DIST = Path.of(System.getProperty("wherefore.dist"));
    private static final String HOLDER = "org.wherefore.nd4j";
    private static final String SERVICE = "org.nd4j.linalg.factory.Nd4jBackend";
    @TempDir
    static Path folder;
    private static Framework framework;
    private static Bundle holder;

    @BeforeAll
    static void launch() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow().newFramework(
                Map.of(Constants.FRAMEWORK_STORAGE, folder.resolve("bundles").toString(), "wherefore.home", folder.toString()));
        framework.start();
        List<Bundle> others = new ArrayList<>();
        for (String feature : List.of("base", "nd4j")) {
            JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(DIST.resolve("features/" + feature + "/feature.json")));
            for (JsonNode b : json.path("bundles")) {
                String id = b.path("id").asText();
                if (id.startsWith("org.ow2.asm:") || id.contains(":org.apache.aries.spifly.") || id.startsWith("org.slf4j:")
                        || id.contains(":" + HOLDER + ":")) {
                    Bundle bundle = context().installBundle(jar(id).toUri().toString());
                    if (id.contains(HOLDER)) {
                        holder = bundle;
                    } else {
                        others.add(bundle);
                    }
                }
            }
        }
        for (Bundle bundle : others) {
            bundle.start();
        }
        holder.start();
        probe("probe").start();
    }

    @AfterAll
    static void stop() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }

    @Test
    @Order(1)
    void anotherBundleMultipliesMatricesInBothPrecisions() throws Exception {
        assertThat(backend().getProperty("nd4j.backend")).isEqualTo("cpu");
        double[][] a = random(37, 53, 1);
        double[][] b = random(53, 29, 2);
        assertThat(difference(product("probe", "DOUBLE").apply(new double[][][] {a, b}), multiply(a, b))).isLessThan(1e-13);
        assertThat(difference(product("probe", "FLOAT").apply(new double[][][] {a, b}), multiply(a, b))).isBetween(1e-12, 1e-5);
    }

    @Test
    @Order(2)
    void otherBundlesComeAndGoWithoutDisturbingACalculation() throws Exception {
        double[][] a = random(16, 16, 3);
        double[][] b = random(16, 16, 4);
        double[][] expected = multiply(a, b);
        Function<double[][][], double[][]> product = product("probe", "DOUBLE");
        CountDownLatch enough = new CountDownLatch(500);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread calls = new Thread(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    assertThat(difference(product.apply(new double[][][] {a, b}), expected)).isLessThan(1e-13);
                    enough.countDown();
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        calls.start();
        Object backend = context().getService(backend());
        Bundle other = probe("other");
        for (int i = 0; i < 10; i++) {
            other.start();
            assertThat(difference(product("other", "DOUBLE").apply(new double[][][] {a, b}), expected)).isLessThan(1e-13);
            other.update(new ByteArrayInputStream(probeJar("other")));
            refresh(other);
            assertThat(difference(product("other", "FLOAT").apply(new double[][][] {a, b}), expected)).isLessThan(1e-5);
            other.stop();
        }
        other.uninstall();
        assertThat(enough.await(60, TimeUnit.SECONDS) || failure.get() != null).isTrue();
        calls.interrupt();
        calls.join();
        assertThat(failure.get()).isNull();
        assertThat(holder.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(context().getService(backend())).isSameAs(backend);
    }

    @Test
    @Order(3)
    void theHolderMayStopAndStartAgain() throws Exception {
        holder.stop();
        assertThat(backend()).isNull();
        holder.start();
        assertThat(backend()).isNotNull();
        anotherBundleMultipliesMatricesInBothPrecisions();
    }

    @Test
    @Order(4)
    void anUpdatedHolderAsksForARestart() throws Exception {
        holder.stop();
        try (InputStream in = Files.newInputStream(Path.of(java.net.URI.create(holder.getLocation())))) {
            holder.update(in);
        }
        refresh(holder);
        assertThatThrownBy(holder::start).isInstanceOf(BundleException.class)
                .hasMessage("ND4J's native libraries belong to an earlier copy of org.wherefore.nd4j until this process ends;"
                        + " restart it to use the updated one");
    }

    @Test
    @Order(5)
    void theCommandLineStartsItOnDemand(@TempDir Path home) throws Exception {
        try (RunningServer server = RunningServer.start("start", home, "ready in", "--with", "nd4j")) {
            assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(Files.readString(home.resolve("logs/wherefore.log"))).contains("ND4J 1.0.0-M2.1 is ready: backend cpu");
            assertThat(Files.readString(home.resolve("features.json"))).contains("features:nd4j:");
            assertThat(home.resolve("cache/natives-1.0.0-M2.1")).isNotEmptyDirectory();
        }
    }

    private static BundleContext context() {
        return framework.getBundleContext();
    }

    /** All references: the class that the test itself sees is another than the bundles'. */
    private static ServiceReference<?> backend() throws Exception {
        ServiceReference<?>[] found = context().getAllServiceReferences(SERVICE, null);
        return found == null ? null : found[0];
    }

    private static Path jar(String id) {
        String[] p = id.split(":");
        return DIST.resolve("repository").resolve(p[0].replace('.', '/')).resolve(p[1]).resolve(p[2]).resolve(p[1] + "-" + p[2] + ".jar");
    }

    private static Bundle probe(String name) throws Exception {
        return context().installBundle("test:" + name, new ByteArrayInputStream(probeJar(name)));
    }

    private static byte[] probeJar(String name) throws IOException {
        Manifest m = new Manifest();
        Attributes a = m.getMainAttributes();
        a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        a.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        a.putValue(Constants.BUNDLE_SYMBOLICNAME, name);
        a.putValue(Constants.BUNDLE_ACTIVATOR, MatrixProbe.class.getName());
        a.putValue(Constants.IMPORT_PACKAGE, "org.osgi.framework,org.nd4j.linalg.api.buffer,org.nd4j.linalg.api.ndarray,org.nd4j.linalg.factory");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String path = MatrixProbe.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(bytes, m); InputStream in = MatrixProbe.class.getClassLoader().getResourceAsStream(path)) {
            out.putNextEntry(new JarEntry(path));
            in.transferTo(out);
        }
        return bytes.toByteArray();
    }

    /** Gives the bundle a new class loader and waits until it has it. */
    private static void refresh(Bundle bundle) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        context().getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle), e -> {
            if (e.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @SuppressWarnings("unchecked")
    private static Function<double[][][], double[][]> product(String probe, String type) throws Exception {
        List<ServiceReference<?>> found = new ArrayList<>(context().getServiceReferences(Function.class, "(&(probe=" + probe + ")(type=" + type + "))"));
        assertThat(found).hasSize(1);
        return (Function<double[][][], double[][]>) context().getService(found.get(0));
    }

    private static double[][] random(int rows, int columns, long seed) {
        Random random = new Random(seed);
        double[][] out = new double[rows][columns];
        for (double[] row : out) {
            java.util.Arrays.setAll(row, i -> random.nextDouble() - 0.5);
        }
        return out;
    }

    private static double[][] multiply(double[][] a, double[][] b) {
        double[][] out = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b[0].length; j++) {
                for (int k = 0; k < b.length; k++) {
                    out[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return out;
    }

    private static double difference(double[][] a, double[][] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                most = Math.max(most, Math.abs(a[i][j] - b[i][j]));
            }
        }
        return most;
    }
}
