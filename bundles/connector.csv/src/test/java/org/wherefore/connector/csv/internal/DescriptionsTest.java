package org.wherefore.connector.csv.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/** Reads the real data sets through the descriptions that are shipped. */
class DescriptionsTest {
    private static final Map<String, DataConnector> CONNECTORS = Map.of("csv", new CsvConnector(), "sequence", new SequenceConnector(),
            "jsonlines", new JsonLinesConnector(), "jsonmap", new JsonMapConnector());
    private static final Map<String, Schema> SCHEMAS = Map.of("events", ConnectorsTest.EVENTS, "items", ConnectorsTest.ITEMS,
            "users", ConnectorsTest.USERS, "transactions", new Schema("transactions", List.of(Field.required("id", FieldType.TEXT),
                    Field.required("time", FieldType.TIME), Field.required("customer", FieldType.TEXT), Field.required("terminal", FieldType.TEXT),
                    Field.required("amount", FieldType.NUMBER), Field.required("fraud", FieldType.TEXT), Field.required("scenario", FieldType.TEXT))));

    private final Map<String, List<DataRecord>> records = new LinkedHashMap<>();
    private final List<BadRecord> bad = new ArrayList<>();

    private static Path root() {
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            if (Files.isDirectory(p.resolve("runtime/datasets"))) {
                return p;
            }
        }
        throw new IllegalStateException("no runtime/datasets above the working folder");
    }

    private void read(String name) throws Exception {
        read(name, "ecommerce", (role, record) -> records.computeIfAbsent(role, r -> new ArrayList<>()).add(record));
    }

    private void read(String name, String domain, BiConsumer<String, DataRecord> each) throws Exception {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : root().resolve("../shared/data").normalize();
        JsonNode json = new ObjectMapper().readTree(root().resolve("runtime/datasets/" + name + ".json").toFile());
        assertThat(json.get("name").asText()).isEqualTo(name);
        assertThat(json.get("domain").asText()).isEqualTo(domain);
        json.get("cleaning").forEach(v -> assertThat(v.isTextual()).isTrue());
        json.get("parameters").forEach(v -> assertThat(v.isTextual()).isTrue());
        for (JsonNode s : json.get("sources")) {
            Path path = data.resolve(s.get("path").asText());
            if (!Files.exists(path)) {
                System.getLogger("tests").log(System.Logger.Level.WARNING, "skipped: no " + path);
            }
            Assumptions.assumeTrue(Files.exists(path), "skipped: no " + path + "; set WHEREFORE_DATA");
            Source source = new Source(s.get("connector").asText(), s.get("role").asText(), path, texts(s.get("options")), texts(s.get("columns")));
            try (DataSet set = CONNECTORS.get(source.connector()).open(source, SCHEMAS.get(source.role()))) {
                set.records(bad::add).forEachRemaining(r -> each.accept(source.role(), r));
            }
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.fields().forEachRemaining(e -> {
            assertThat(e.getValue().isTextual()).as(e.getKey()).isTrue();
            map.put(e.getKey(), e.getValue().asText());
        });
        return map;
    }

    private Set<String> distinct(String role, String field) {
        Set<String> set = new HashSet<>();
        records.get(role).forEach(r -> set.add(r.text(field).orElseThrow()));
        return set;
    }

    private DataRecord entity(String role, String id) {
        return records.get(role).stream().filter(r -> r.text("id").orElseThrow().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void readsMovielens100k() throws Exception {
        read("movielens-100k");
        assertThat(bad).isEmpty();
        assertThat(records.get("events")).hasSize(100_000);
        assertThat(distinct("events", "user")).hasSize(943);
        assertThat(records.get("items")).hasSize(1_682);
        assertThat(distinct("items", "id")).containsAll(distinct("events", "item"));
        assertThat(entity("items", "1").text("title")).contains("Toy Story (1995)");
        assertThat(entity("items", "1").list("category")).containsExactly("Animation", "Children's", "Comedy");
        assertThat(records.get("users")).hasSize(943);
        assertThat(entity("users", "1").list("attributes")).containsExactly("age 18-24", "male", "technician");
    }

    @Test
    void readsMovielens1mWithTheIdsOfItsSequences() throws Exception {
        read("movielens-1m");
        assertThat(bad).isEmpty();
        assertThat(records.get("events")).hasSize(999_611);
        assertThat(distinct("events", "user")).hasSize(6_040);
        assertThat(distinct("events", "item")).hasSize(3_416);
        assertThat(distinct("items", "id")).isEqualTo(distinct("events", "item"));
        assertThat(entity("items", "1").text("title")).contains("Raiders of the Lost Ark (1981)");
        assertThat(distinct("users", "id")).isEqualTo(distinct("events", "user"));
        assertThat(records.get("users")).allSatisfy(u -> assertThat(u.list("attributes")).hasSize(3));
    }

    @Test
    void readsBeautyAndSports() throws Exception {
        read("amazon-beauty");
        assertThat(bad).isEmpty();
        assertThat(records.get("events")).hasSize(198_502);
        assertThat(distinct("events", "user")).hasSize(22_363);
        assertThat(distinct("events", "item")).hasSize(12_101);
        assertThat(distinct("items", "id")).containsAll(distinct("events", "item"));
        records.clear();
        read("amazon-sports");
        assertThat(bad).isEmpty();
        assertThat(records.get("events")).hasSize(296_337);
        assertThat(distinct("events", "item")).hasSize(18_357);
    }

    @Test
    void readsGiftCardsWithTitlesForEveryReviewedCard() throws Exception {
        read("amazon-gift-cards");
        assertThat(records.get("events")).hasSize(2_972);
        Set<String> reviewed = distinct("events", "item");
        assertThat(reviewed).hasSize(148);
        Set<String> titled = new HashSet<>();
        records.get("items").stream().filter(r -> r.text("title").isPresent()).forEach(r -> titled.add(r.text("id").orElseThrow()));
        assertThat(titled).containsAll(reviewed);
        assertThat(records.get("items").stream().filter(r -> reviewed.contains(r.text("id").orElseThrow()) && r.number("price").isPresent()))
                .hasSize(107);
        // Four products hold a piece of a web page where the price should be.
        assertThat(bad).hasSize(4).allSatisfy(b -> assertThat(b.column()).isEqualTo("price"));
        assertThat(records.get("items")).hasSize(1_543);
    }

    @Test
    void readsCardTransactionsInTheOrderOfTime() throws Exception {
        int[] counts = new int[3];
        BitSet ids = new BitSet();
        AtomicReference<Instant> newest = new AtomicReference<>(Instant.parse("2018-04-01T00:00:00Z"));
        read("card-fraud", "fraud", (role, r) -> {
            counts[0]++;
            ids.set(Integer.parseInt(r.text("id").orElseThrow()));
            counts[1] += r.text("fraud").orElseThrow().equals("1") ? 1 : 0;
            counts[2] += r.text("scenario").orElseThrow().equals("0") ? 0 : 1;
            Instant time = r.time("time").orElseThrow();
            if (time.isBefore(newest.getAndSet(time))) {
                throw new AssertionError(r + ": time runs backwards");
            }
        });
        assertThat(bad).isEmpty();
        assertThat(ids.cardinality()).isEqualTo(1_754_155);
        assertThat(counts).containsExactly(1_754_155, 14_681, 14_681);
        assertThat(newest.get()).isBetween(Instant.parse("2018-09-30T23:00:00Z"), Instant.parse("2018-10-01T00:00:00Z"));
    }
}
