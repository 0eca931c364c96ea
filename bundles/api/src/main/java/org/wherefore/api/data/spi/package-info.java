/**
 * What a connector implements: reading one source as a stream of records, and decoding single images. A plugin registers a
 * {@link DataConnector} as an OSGi service; the platform calls it from a training job's thread. An {@link ImageDecoder} is asked
 * for uploads, and by connectors that find images.
 */
@Export
@Version("1.0.0")
package org.wherefore.api.data.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
