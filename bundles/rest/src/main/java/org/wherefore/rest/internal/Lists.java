package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Lists as the contract has them: {@code {items, nextCursor}}, {@code limit} 1 to 500. */
final class Lists {
    private static final int DEFAULT = 50;
    private static final int MAX = 500;

    private Lists() {}

    interface Item<T> {
        void write(JsonGenerator json, T item) throws IOException;
    }

    static int limit(String limit) {
        return (int) Input.query("limit", limit, 1, MAX, DEFAULT);
    }

    /** A page of what is held in memory, in the order of its key. */
    static <T> Response page(List<T> all, Function<T, String> key, String cursor, String limit, Item<T> item) {
        return page(all, key, cursor, limit, item, json -> { });
    }

    /** @param more writes further fields */
    static <T> Response page(List<T> all, Function<T, String> key, String cursor, String limit, Item<T> item, Json.Body more) {
        int max = limit(limit);
        String after = cursor == null ? null : decode(cursor);
        List<T> rest = all.stream().sorted(Comparator.comparing(key))
                .filter(t -> after == null || key.apply(t).compareTo(after) > 0).limit(max + 1L).toList();
        List<T> page = rest.size() > max ? rest.subList(0, max) : rest;
        return answer(page, rest.size() > max ? encode(key.apply(page.get(max - 1))) : null, item, more);
    }

    static <T> Response answer(List<T> items, String next, Item<T> item) {
        return answer(items, next, item, json -> { });
    }

    private static <T> Response answer(List<T> items, String next, Item<T> item, Json.Body more) {
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (T t : items) {
                item.write(json, t);
            }
            json.writeEndArray();
            json.writeStringField("nextCursor", next);
            more.write(json);
            json.writeEndObject();
        });
    }

    static String encode(String place) {
        return Current.cursor(place);
    }

    static String decode(String cursor) {
        return Current.place(cursor);
    }
}
