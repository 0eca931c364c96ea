package org.wherefore.core.internal.global;

import java.util.BitSet;

import org.wherefore.api.feature.SequenceInstance;

/**
 * A held-out case.
 *
 * @param input at least two events
 * @param answer index of the target that followed
 * @param seen not ranked; never changed
 */
record Held(SequenceInstance input, int answer, BitSet seen) {}
