/**
 * What a feature extractor implements: fit on training data, then turn inputs into instances. What was fitted travels
 * inside the model artifact, so that serving can't drift from training.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.feature.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
