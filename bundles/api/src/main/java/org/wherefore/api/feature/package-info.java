/**
 * What a model is fed: a {@link FeatureSchema} describes it, an {@link Instance} is one typed input.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.feature;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
