/**
 * Where models live: immutable versions, aliases that move atomically, an append-only history of who moved what and why.
 */
@Export
@Version("1.1.0")
package org.wherefore.api.registry;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
