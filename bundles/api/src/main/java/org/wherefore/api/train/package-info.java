/**
 * From described data to a registered, evaluated model.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.train;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
