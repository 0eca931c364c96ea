package org.wherefore.api.model.spi;

import java.util.List;
import java.util.Objects;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.feature.Instance;

/**
 * Optional ability of a differentiable model, by {@code model.adapt(Gradients.class)}: how its scores change along the straight
 * path from a baseline without content to an instance, part by part. Enough for Integrated Gradients (Sundararajan, Taly, Yan,
 * Axiomatic Attribution for Deep Networks, ICML 2017), Gradient x Input and SmoothGrad (Smilkov et al., 2017).
 *
 * <p>A part of a {@link org.wherefore.api.feature.SequenceInstance} is an event, and its content is what the model embeds of it:
 * item, side information and kind, together. The baseline has the same number of events at the same positions, each of them
 * with a content of zero. Position embeddings are no content and stay as they are.
 *
 * <p>A part of a {@link org.wherefore.api.feature.TableInstance} is a feature. What the model embeds of its value, less the mean of
 * that over the training rows, is what it says of this row: at the baseline every feature is as it is on average. Of an
 * {@link org.wherefore.api.feature.ImageInstance} a part is a square of the grid that the model looks at, from the top left, row by row; its
 * content is likewise less that of the mean image.
 *
 * <p>Thread-safe, and usable until the model is closed.
 */
@ConsumerType
public interface Gradients {
    /**
     * Where the gradient is taken: content {@code alpha * c} of each part, {@code c} being the instance's own, plus noise.
     *
     * @param alpha 0 is the baseline, 1 the instance
     * @param noise standard deviation of normal noise that is added to each number of the content, in units of the root mean
     *        square of all numbers of the instance's content; 0 for none. Not scaled by {@code alpha}
     * @param seed the noise depends on it and on the shape of the content, and on nothing else
     */
    record Point(double alpha, double noise, long seed) {
        /** @throws IllegalArgumentException when alpha is not 0 to 1 or noise is negative or not finite */
        public Point {
            if (!(alpha >= 0 && alpha <= 1)) {
                throw new IllegalArgumentException("alpha is 0 to 1, got " + alpha);
            }
            if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("noise is a finite number from 0, got " + noise);
            }
        }

        /** A point on the path itself. */
        public static Point on(double alpha) {
            return new Point(alpha, 0, 0);
        }
    }

    /**
     * A target's score at a point and its slope there. The array belongs to whoever asked.
     *
     * @param score in the unit of {@link Model#score}; at {@code alpha = 1} without noise that score, but for rounding
     * @param products for each part, by position, the scalar product of the gradient of the score by the part's content with
     *        the part's content less that of the baseline, in the unit of the score; 0 for parts that the model does not look
     *        at. Without noise their sum is the derivative of the score by alpha
     */
    record Slope(double score, double[] products) {
        public Slope {
            Objects.requireNonNull(products, "products");
        }
    }

    /**
     * Scores and slopes of targets at points. An answer depends on instance, target and point alone, whatever else is asked in
     * the same call. Blocks; costs about a forward pass a point and a backward pass a point and target.
     *
     * @param instance not null
     * @param targets target indices; not modified
     * @param points in any order, not null; one evaluation of the model each
     * @return {@code [point][target]}, in the order given
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have,
     *         {@code UNSUPPORTED} for a kind of instance that it can't read
     */
    Slope[][] at(Instance instance, int[] targets, List<Point> points);
}
