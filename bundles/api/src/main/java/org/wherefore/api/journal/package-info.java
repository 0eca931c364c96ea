/**
 * The durable memory: events, entities, predictions with explanations, feedback.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.journal;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
