package org.wherefore.engine.trees.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Whether XGBoost's native library runs here, found out once, when somebody wants to train: a model answers without it. On Linux it
 * needs an OpenMP runtime, which many machines lack, so one is brought along and loaded first.
 */
final class Natives {
    private static final String OPENMP = "/openmp/linux-x86_64/libgomp.so.1";

    private Natives() {}

    /** Held apart, so that it is initialised when it is asked for and never twice. */
    private static final class Once {
        static final String FAILURE = load();
    }

    /** Empty when it runs, otherwise why it does not and what to do. */
    static String failure() {
        return Once.FAILURE;
    }

    private static String load() {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        try {
            if (system.startsWith("Linux on amd64")) {
                openmp();
            }
            DMatrix one = new DMatrix(new float[] {1}, 1, 1, Float.NaN);
            one.dispose();
            return "";
        } catch (IOException | XGBoostError | LinkageError | RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return "XGBoost's native library does not run here (" + system + "): " + cause.getMessage()
                    + "; install an OpenMP runtime (Debian and Ubuntu: libgomp1, macOS: libomp), or choose logistic-regression";
        }
    }

    private static void openmp() throws IOException {
        Path file = Files.createTempFile("wherefore-openmp", ".so");
        try (InputStream in = Natives.class.getResourceAsStream(OPENMP)) {
            if (in == null) {
                throw new IOException("the bundle has no " + OPENMP);
            }
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            System.load(file.toAbsolutePath().toString());
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
