package org.wherefore.api.model.spi;

import java.util.Objects;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.feature.Instance;

/**
 * Optional ability of a model that attends, by {@code model.adapt(Attention.class)}: where it looks when it reads an instance, and
 * how each score would change with that. Enough for raw attention, attention rollout (Abnar and Zuidema, Quantifying Attention Flow
 * in Transformers, ACL 2020) and relevance by gradients of attention (Chefer, Gur, Wolf, Generic Attention-model Explainability, ICCV
 * 2021). What a model looks at is not what moves its score: an explanation has to say which of the two it tells.
 *
 * <p>A token is what attends and is attended to: a part of the instance, or one of the model's own. Of a
 * {@link org.wherefore.api.feature.SequenceInstance} a part is an event, tokens come oldest first, and none looks at a later one. Of a
 * {@link org.wherefore.api.feature.TableInstance} a part is a feature, of an
 * {@link org.wherefore.api.feature.ImageInstance} a square as in {@link Gradients}, and their tokens look at each other both ways.
 *
 * <p>Thread-safe, and usable until the model is closed.
 */
@ConsumerType
public interface Attention {
    /**
     * The attention of one instance. The arrays belong to whoever asked.
     *
     * @param parts for each token the position of its part in the instance, -1 for a token of the model's own; ascending but for
     *        those. Parts that are not in it are not looked at
     * @param output the token from which the scores are read in the last layer; -1 when there is none, the instance being empty
     * @param weights {@code [layer][head][query token][key token]}, first layer first; each row is not negative and sums to 1
     * @param gradients {@code [target][layer][head][query token][key token]}, targets in the order asked: the partial derivative of
     *        the target's score by that weight, later layers following, in the unit of the score; 0 where a query may not look
     */
    record Maps(int[] parts, int output, double[][][][] weights, double[][][][][] gradients) {
        /** @throws IllegalArgumentException when the output is no token */
        public Maps {
            Objects.requireNonNull(weights, "weights");
            Objects.requireNonNull(gradients, "gradients");
            if (output < -1 || output >= parts.length) {
                throw new IllegalArgumentException("the output is token -1 to " + (parts.length - 1) + ", got " + output);
            }
        }
    }

    /**
     * Attention and its gradients. An answer depends on instance and target alone, whatever else is asked in the same call. Blocks;
     * one evaluation of the model, a forward pass and a backward pass a target.
     *
     * @param instance not null
     * @param targets target indices; not modified. None gives the weights alone
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have,
     *         {@code UNSUPPORTED} for a kind of instance that it can't read
     */
    Maps of(Instance instance, int[] targets);
}
