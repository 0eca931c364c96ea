package org.wherefore.api.data;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A user, an item, a card, …
 *
 * @param kind {@code user}, {@code item}, …
 * @param title what people read; data, so escape it wherever it is rendered
 * @param attributes name to values, such as {@code category -> [Tea]}
 */
public record Entity(String kind, String id, String title, Map<String, List<String>> attributes) {
    public Entity {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(title, "title");
        attributes = Map.copyOf(attributes);
    }
}
