package org.wherefore.testkit.data;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.TrainingRequest;

/**
 * Small data sets made from a seed alone. Their users walk a ring: after item {@code i} comes {@code i + 1} three times of
 * four, otherwise any item, so that whatever learns from order finds the successor. Stateless.
 */
public final class ToyData {
    private static final int LENGTH = 8;

    private ToyData() {}

    /** Items {@code i0} …, users {@code u0} …, eight events each, half of them views; each item has a category and a price. */
    public static CleanData shop(int users, int items, long seed) {
        Map<String, List<Event>> histories = new TreeMap<>();
        int[][] walks = walks(users, items, seed);
        for (int u = 0; u < users; u++) {
            List<Event> history = new ArrayList<>();
            for (int p = 0; p < LENGTH; p++) {
                history.add(new Event("u" + u + "-" + p, "u" + u, "i" + walks[u][p], p % 2 == 0 ? "view" : "purchase",
                        Instant.ofEpochSecond(1_700_000_000L + 60L * p + u)));
            }
            histories.put("u" + u, List.copyOf(history));
        }
        List<Entity> entities = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            entities.add(new Entity("item", "i" + i, "Item " + i, Map.of("category", List.of("c" + i % 3), "price",
                    List.of(Double.toString(1 + i)))));
        }
        return new CleanData("toy", histories, entities, List.of(), List.of(), 0, "sha256:toy-" + users + "-" + items + "-" + seed);
    }

    /**
     * Records of {@link Records#TRANSACTIONS} by time, a quarter of a day apart on average, of 6 customers {@code c0} … at 4 terminals
     * {@code m0} …: every tenth lacks its amount, one of eight is positive, its channel is {@code web}, {@code shop} or, seldom,
     * {@code phone}.
     */
    public static CleanData transactions(int count, long seed) {
        Random random = new Random(seed);
        List<DataRecord> records = new ArrayList<>();
        Instant time = Instant.ofEpochSecond(1_700_000_000L);
        for (int i = 0; i < count; i++) {
            time = time.plusSeconds(random.nextInt(43_200));
            records.add(Records.transaction("t" + i, time, "c" + random.nextInt(6), "m" + random.nextInt(4), i % 10 == 9 ? null
                    : Double.valueOf(random.nextInt(10_000) / 100.0), i % 25 == 7 ? "phone" : random.nextBoolean() ? "web" : "shop",
                    random.nextInt(8) == 0 ? "1" : "0"));
        }
        return new CleanData("toy", Map.of(), records, List.of(), List.of(), List.of(), 0, "sha256:toy-transactions-" + count + "-" + seed);
    }

    /** Training cases over {@link FeatureSchemas#items}: seven events, then the answer. */
    public static List<Example> examples(int count, int items, long seed) {
        return java.util.Arrays.stream(walks(count, items, seed)).map(Histories::example).toList();
    }

    /** A request over {@code schema}'s targets with 60 cases, 20 more for validation, one thread and no checkpoint. */
    public static TrainingRequest request(FeatureSchema schema, Map<String, String> parameters, long seed) {
        int items = schema.targets().size();
        return new TrainingRequest(schema, examples(60, items, 1), examples(20, items, 2), parameters, seed, 1, null);
    }

    private static int[][] walks(int count, int items, long seed) {
        Random random = new Random(seed);
        int[][] walks = new int[count][LENGTH];
        for (int[] walk : walks) {
            walk[0] = random.nextInt(items);
            for (int p = 1; p < LENGTH; p++) {
                walk[p] = random.nextInt(4) < 3 ? (walk[p - 1] + 1) % items : random.nextInt(items);
            }
        }
        return walks;
    }
}
