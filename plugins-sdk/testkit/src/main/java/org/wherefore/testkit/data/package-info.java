/**
 * Short ways to write schemas, histories, records and seeded data sets. Start with {@link ToyData}.
 */
@Export
@Version("1.1.0")
package org.wherefore.testkit.data;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
