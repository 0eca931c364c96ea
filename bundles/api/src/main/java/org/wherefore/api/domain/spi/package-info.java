/**
 * What a domain pack implements: the data it needs and how its readers are spoken to.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.domain.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
