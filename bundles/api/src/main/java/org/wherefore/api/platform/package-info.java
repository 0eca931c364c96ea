/**
 * What the platform itself is made of, changed while it serves: features, each a set of bundles with their configurations, come and go by
 * a plan that says beforehand which bundles are touched and why. For those who administer; plugins see none of it.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.platform;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
