package org.wherefore.api.explain;

/**
 * What one feature added to the score.
 *
 * @param feature such as {@code history:50} (an event on item 50), {@code feature:age} (a feature of a table, or a group of them), or
 *        {@code region:8,0,5,7} (a region of an image with its left, top, width and height in pixels)
 * @param position index of the event in the model's input, of the feature (the first one of a group) in the schema, or of the region
 * @param stdError 0 for exact methods
 */
public record Contribution(String feature, int position, double value, double stdError) {}
