package org.wherefore.api.domain;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Something about a record that can be out of the ordinary, and what would be usual instead: what an {@code unusual} claim speaks of
 * and how it is tested. The claim says that the record without it would be judged lower, and it is tested by just that.
 *
 * @param name such as {@code customer-amount}; the sentence's pattern is {@code unusual.} and this
 * @param usual field of the (enriched) record to what it would be otherwise: {@code value:0}, {@code field:customer.amount.mean.30d},
 *        {@code quantile:0.5} of the training data, or {@code missing}
 * @param when {@code field > field2 * 2} and the like, all of which must hold for the claim to be made at all: {@code field OP value},
 *        OP being {@code >}, {@code >=}, {@code <} or {@code <=}, and value a number or one of the sources above, with an optional
 *        {@code * number} behind it
 * @param cites fields whose values the sentence names, in the record as it was
 */
public record Factor(String name, Map<String, String> usual, List<String> when, List<String> cites) {
    /** @throws IllegalArgumentException when nothing would be otherwise */
    public Factor {
        Objects.requireNonNull(name, "name");
        usual = java.util.Collections.unmodifiableMap(new TreeMap<>(usual));
        when = List.copyOf(when);
        cites = List.copyOf(cites);
        if (usual.isEmpty()) {
            throw new IllegalArgumentException("factor '" + name + "' says of no field what would be usual");
        }
    }
}
