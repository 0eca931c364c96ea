package org.wherefore.core.internal.predict;

import java.util.List;

import org.wherefore.api.model.Example;

/**
 * What belongs to a question besides model, input and outputs.
 *
 * @param shown outputs that the reader was shown, of which those explained are some
 * @param cases of the model version
 * @param contrast index of the target that the outputs are compared with, -1 for none
 */
public record Setting(int shown, List<Example> cases, int contrast) {
    public Setting {
        cases = List.copyOf(cases);
    }
}
