/** What brings reports into a format: {@link ReportRenderer}. */
@Export
@Version("1.0.0")
package org.wherefore.api.report.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
