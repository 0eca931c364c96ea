/**
 * Plugin bundles that come and go while the platform serves: installed from a jar, listed, updated and removed one by one. What a plugin
 * itself implements is in the {@code spi} packages; this is for those who administer.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.plugin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
