/**
 * Data as they come in: a {@link Schema} says what a pack needs, a {@link DataRecord} is one row of it, an {@link Event} is
 * one thing a person did, an {@link Entity} is a person or an item. All immutable.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.data;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
