/** What a domain pack says about its task, as data. */
@Export
@Version("1.0.0")
package org.wherefore.api.domain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
