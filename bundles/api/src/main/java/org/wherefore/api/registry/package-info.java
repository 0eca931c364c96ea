/**
 * Where models live and how they serve: immutable versions, aliases that move atomically, the split of traffic, archives, and an
 * append-only history of who changed what and why.
 */
@Export
@Version("1.2.0")
package org.wherefore.api.registry;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
