/** What classification needs besides a model: probabilities that mean what they say, thresholds to act on, figures, and fairness. */
package org.wherefore.core.internal.classify;
