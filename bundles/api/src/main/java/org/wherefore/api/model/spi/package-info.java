/**
 * What an engine implements: training and answering. A {@link Model} is leased per call by plugins and never kept. What only some
 * models can do, such as {@link Gradients}, {@link Attention}, {@link Embeddings} and {@link Trees}, is an ability that {@link Model#adapt} gives.
 */
@Export
@Version("1.3.0")
package org.wherefore.api.model.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
