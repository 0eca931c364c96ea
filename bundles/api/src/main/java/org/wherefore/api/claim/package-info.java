/**
 * Claims: statements that can be tested, and what their test measured. A sentence is rendered from a claim and a claim is
 * shown only when its test held on the very model version that made the prediction.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.claim;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
