/**
 * Models as values: references, what is known of one, what it predicted. Implementations of engines are in {@code spi}.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.model;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
