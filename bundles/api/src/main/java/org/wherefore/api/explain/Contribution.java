package org.wherefore.api.explain;

/**
 * What one feature added to the score.
 *
 * @param feature such as {@code history:50} (an event on item 50)
 * @param position index of the event in the model's input
 * @param stdError 0 for exact methods
 */
public record Contribution(String feature, int position, double value, double stdError) {}
