package org.wherefore.api.feature;

/** One input of a model, typed by modality. */
public sealed interface Instance permits SequenceInstance, TableInstance, ImageInstance {}
