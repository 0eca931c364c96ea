package org.wherefore.nd4j.internal;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Locale;

import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/**
 * Loads ND4J and its native libraries when the bundle starts, multiplies two small matrices with them, and registers the
 * {@link Nd4jBackend} that was loaded as a service with the properties {@code nd4j.backend} ({@code cpu} or {@code cuda}) and
 * {@code nd4j.version}. Who finds the service may use ND4J from any thread.
 * <p>
 * Native libraries belong to one class loader until the process ends. A stopped holder can start again; a holder that was
 * updated or refreshed can't, and says so.
 */
public final class Holder implements BundleActivator {
    private static final System.Logger LOG = System.getLogger(Holder.class.getName());
    /** Where JavaCPP unpacks native libraries; what the user sets wins. */
    private static final String NATIVES = "org.bytedeco.javacpp.cachedir";
    /** Set, for the process, to the class loader that holds the native libraries. */
    private static final String LOADED = "wherefore.nd4j.loaded";
    private static final String CUDA = "org.nd4j.linalg.jcublas.JCublasBackend";

    @Override
    public void start(BundleContext context) throws BundleException {
        String me = Integer.toHexString(System.identityHashCode(getClass().getClassLoader()));
        String loaded = System.getProperties().putIfAbsent(LOADED, me) instanceof String s ? s : me;
        if (!loaded.equals(me)) {
            throw new BundleException("ND4J's native libraries belong to an earlier copy of " + context.getBundle().getSymbolicName()
                    + " until this process ends; restart it to use the updated one");
        }
        String version = context.getBundle().getHeaders().get("Wherefore-Nd4j-Version");
        System.getProperties().putIfAbsent(NATIVES, natives(context, version).toString());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(getClass().getClassLoader());
        try {
            ND4JClassLoading.setNd4jClassloaderFromClass(Holder.class);
            check();
        } catch (LinkageError | RuntimeException e) {
            throw new BundleException("ND4J " + version + " can't be used on " + System.getProperty("os.name") + ' '
                    + System.getProperty("os.arch") + ": " + innermost(e)
                    + "; start without the feature, or build with -Djavacpp.platform=<this platform>", e);
        } finally {
            thread.setContextClassLoader(before);
        }
        Nd4jBackend backend = Nd4j.getBackend();
        boolean cuda = backend.getClass().getName().equals(CUDA);
        if (!cuda && hasCuda(context.getBundle())) {
            LOG.log(Level.WARNING, "the feature nd4j-cuda is installed, but no GPU that CUDA can use was found: the CPU backend serves");
        }
        LOG.log(Level.INFO, "ND4J {0} is ready: backend {1}, native libraries in {2}", version, cuda ? "cuda" : "cpu",
                System.getProperty(NATIVES));
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("nd4j.backend", cuda ? "cuda" : "cpu");
        properties.put("nd4j.version", version);
        context.registerService(Nd4jBackend.class, backend, properties);
    }

    /** Native libraries and ND4J's threads stay; the framework withdraws the service. */
    @Override
    public void stop(BundleContext context) {
        LOG.log(Level.INFO, "ND4J's native libraries stay loaded until the process ends");
    }

    /** @throws IllegalStateException when the backend computes something else than Java does */
    private static void check() {
        double[][] a = {{1, 2}, {3, 4}};
        double[][] b = {{5, 6}, {7, 8}};
        double[][] product = {{19, 22}, {43, 50}};
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            try (INDArray x = Nd4j.create(a).castTo(type); INDArray y = Nd4j.create(b).castTo(type); INDArray z = x.mmul(y)) {
                double[][] got = z.castTo(DataType.DOUBLE).toDoubleMatrix();
                if (!java.util.Arrays.deepEquals(got, product)) {
                    throw new IllegalStateException(Nd4j.getBackend() + " multiplies matrices of " + type.name().toLowerCase(Locale.ROOT)
                            + " wrongly: got " + java.util.Arrays.deepToString(got) + " instead of " + java.util.Arrays.deepToString(product));
                }
            }
        }
    }

    /** One folder a version of ND4J: JavaCPP tells libraries of two versions apart by their size and time only. */
    private static Path natives(BundleContext context, String version) {
        String home = context.getProperty("wherefore.home");
        return home == null ? context.getDataFile("natives").toPath() : Path.of(home, "cache", "natives-" + version);
    }

    private static boolean hasCuda(Bundle holder) {
        try {
            return holder.loadClass(CUDA) != null;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static Throwable innermost(Throwable e) {
        Throwable t = e;
        while (t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }
}
