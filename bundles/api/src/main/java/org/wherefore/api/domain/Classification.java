package org.wherefore.api.domain;

import java.util.List;
import java.util.Objects;

/**
 * A task whose input is a record and whose answer a probability for each target, such as fraud of a transaction.
 *
 * @param role the schema whose records are judged, such as {@code transactions}
 * @param one what a request calls one of them, such as {@code transaction}
 * @param id field with the record's id, a text; a required field of the schema
 * @param time field with its time, empty where order does not matter. Training and its judges are parted by it: what is later judges
 * @param label field with the truth, never an input: the name of a target or another text, or 1 and 0 where there is one target;
 *        a record without it is not learned from
 * @param split field that says {@code train}, {@code validation} or {@code test} where a data set comes parted; empty when it never does
 * @param targets what is looked for, at least one; they do not exclude each other
 * @param decisions from the lowest to the highest probability, at least two, such as {@code pass, review, block}
 */
public record Classification(String role, String one, String id, String time, String label, String split, List<String> targets,
        List<String> decisions) {
    /** @throws IllegalArgumentException without a target or with fewer than two decisions */
    public Classification {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(one, "one");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(split, "split");
        targets = List.copyOf(targets);
        decisions = List.copyOf(decisions);
        if (targets.isEmpty() || decisions.size() < 2) {
            throw new IllegalArgumentException("a classification has a target and two decisions at least, got " + targets + " and " + decisions);
        }
    }
}
