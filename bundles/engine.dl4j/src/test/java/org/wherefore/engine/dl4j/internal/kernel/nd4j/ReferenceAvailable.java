package org.wherefore.engine.dl4j.internal.kernel.nd4j;

import java.util.logging.Level;
import java.util.logging.Logger;

import org.junit.jupiter.api.Assumptions;

/** Skips tests of the reference, with the reason, where ND4J has no native library for the machine. */
public final class ReferenceAvailable {
	private static final Logger ND4J = Logger.getLogger("org.nd4j");

	private ReferenceAvailable() {
	}

	/** Skips unless ND4J starts. */
	public static void assume() {
		ND4J.setLevel(Level.WARNING);
		try {
			Nd4jKernels.check();
		} catch (LinkageError | RuntimeException e) {
			System.out.println("Skipped: ND4J does not start on this machine: " + e);
			Assumptions.abort("ND4J does not start on this machine: " + e);
		}
	}
}
