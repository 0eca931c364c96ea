/**
 * The smallest honest plugin of each kind, to test a plugin together with the others and as an example to read.
 */
@Export
@Version("1.1.0")
package org.wherefore.testkit.plugin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
