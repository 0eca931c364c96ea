package org.wherefore.engine.dl4j.internal;

import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;

/** The parameter that says what computes in training. */
final class Backend {
    static final Parameter PARAMETER = new Parameter("backend", "text", "vector",
            "what computes in training: vector (no native library) or nd4j (needs the feature nd4j)");

    private Backend() {}

    /**
     * Whether ND4J computes, or the fastest kernels of this Java runtime.
     *
     * @throws WhereforeException {@code INVALID_INPUT} when ND4J is not there, or for another value
     */
    static boolean isNd4j(Parameters values) {
        switch (values.text("backend")) {
            case "vector" -> {
                return false;
            }
            case "nd4j" -> {
                try {
                    Nd4jKernels.check();
                    return true;
                } catch (LinkageError | RuntimeException e) {
                    throw WhereforeException.invalid("backend", "backend nd4j needs the feature nd4j, which is not installed or does "
                            + "not run on this machine (" + e + "); backend vector needs no native library");
                }
            }
            default -> throw WhereforeException.invalid("backend", "backend is vector or nd4j, got '" + values.text("backend") + "'");
        }
    }
}
