/**
 * Sentences from claims, in the reader's language. The platform implements {@link Narrator}.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.narrate;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
