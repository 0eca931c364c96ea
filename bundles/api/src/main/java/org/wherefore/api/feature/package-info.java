/**
 * What a model is fed: a {@link FeatureSchema} describes it, an {@link Instance} is one typed input: a history, a row
 * of a table, or an image.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.feature;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
