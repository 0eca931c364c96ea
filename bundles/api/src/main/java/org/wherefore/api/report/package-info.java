/**
 * A document about one prediction for whoever has to answer for it: what was decided, why, compared with what is usual. The platform
 * gathers a {@link Case}, the domain pack makes a {@link Report} of it, renderers of the package {@code spi} write it as a page or a file.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.report;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
