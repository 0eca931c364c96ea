/**
 * Explanations as values: what each part of the input contributed, how good the explanation is, and the claims that held.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.explain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
