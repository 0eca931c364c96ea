/**
 * Models whose answers are known exactly, and a wrapper that watches how a model is used. Start with {@link ToyModel}.
 */
@Export
@Version("1.1.0")
package org.wherefore.testkit.model;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
