package org.wherefore.api.data;

/**
 * What a prediction is about, as the world gives it: a person's history or one record, such as a transaction or an image with
 * what is known of the patient. A {@link org.wherefore.api.feature.spi.FittedExtractor} turns it into what a model reads.
 */
public sealed interface Input permits History, DataRecord {}
