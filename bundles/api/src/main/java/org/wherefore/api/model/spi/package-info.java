/**
 * What an engine implements: training and answering. A {@link Model} is leased per call by plugins and never kept.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.model.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
