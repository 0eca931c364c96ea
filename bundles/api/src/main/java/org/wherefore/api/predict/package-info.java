/**
 * The main service: ask for a prediction and get it with its reasons.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.predict;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
