/**
 * What every part of Wherefore shares: errors with stable codes, declared parameters and the answer "yes, or no because".
 *
 * <p>The way of the data through the other packages: {@code data} (connector, data set, record) to {@code feature}
 * (extractor, instance) to {@code model} (engine, artifact, prediction) to {@code explain} (attribution) to {@code claim}
 * (tested statements) to {@code narrate} (sentences); {@code registry}, {@code journal}, {@code predict} and {@code train}
 * are the services that the platform implements, every {@code spi} package is what plugins implement.
 */
@Export
@Version("1.0.0")
package org.wherefore.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
