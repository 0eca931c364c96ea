/**
 * Explanations as values: what a strategy found (how the score comes about, what would change the outcome, which cases speak for
 * it), how good the explanation is, and the claims that held; and what a model looks at overall, over many people.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.explain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
