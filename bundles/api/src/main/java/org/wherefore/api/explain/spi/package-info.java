/**
 * What an explanation strategy implements. A plugin registers an {@link Explainer} as an OSGi service. {@link Parts} helps those that
 * take parts of an instance away.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.explain.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
