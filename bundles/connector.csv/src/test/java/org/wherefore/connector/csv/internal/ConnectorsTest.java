package org.wherefore.connector.csv.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

class ConnectorsTest {
    static final Schema EVENTS = new Schema("events", List.of(Field.required("user", FieldType.TEXT),
            Field.required("item", FieldType.TEXT), Field.optional("kind", FieldType.TEXT), Field.optional("time", FieldType.TIME)));
    static final Schema ITEMS = new Schema("items", List.of(Field.required("id", FieldType.TEXT), Field.optional("title", FieldType.TEXT),
            Field.optional("category", FieldType.LIST), Field.optional("brand", FieldType.TEXT),
            Field.optional("price", FieldType.NUMBER), Field.optional("attributes", FieldType.LIST),
            Field.optional("description", FieldType.TEXT)));
    static final Schema USERS = new Schema("users", List.of(Field.required("id", FieldType.TEXT), Field.optional("title", FieldType.TEXT),
            Field.optional("attributes", FieldType.LIST)));

    @TempDir
    Path folder;
    Path file;
    final List<BadRecord> bad = new ArrayList<>();
    private final CsvConnector csv = new CsvConnector();

    @BeforeEach
    void setUp() {
        file = folder.resolve("in.txt");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    private List<DataRecord> read(DataConnector connector, Schema schema, Map<String, String> options, Map<String, String> columns) {
        List<DataRecord> all = new ArrayList<>();
        try (DataSet set = connector.open(new Source(connector.name(), schema.role(), file, options, columns), schema)) {
            set.records(bad::add).forEachRemaining(all::add);
        }
        return all;
    }

    private void refuses(ErrorCode code, String pointer, Runnable reading, String... words) {
        assertThatThrownBy(reading::run).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.pointer()).contains(pointer);
            assertThat(e.getMessage()).contains(words);
        });
    }

    @Test
    void readsColumnsByNameAndByNumber() throws IOException {
        write("\uFEFFuid,what,when\nann,\"tea, green\",881250949\n\nbob,\"two\nlines \"\"q\"\"\",2018-04-01 00:00:31\r\n");
        List<DataRecord> all = read(csv, EVENTS, Map.of("kind", "view"), Map.of("user", "uid", "item", "2", "time", "when"));
        assertThat(all).hasSize(2);
        assertThat(all.get(0).text("user")).contains("ann");
        assertThat(all.get(0).text("item")).contains("tea, green");
        assertThat(all.get(0).text("kind")).contains("view");
        assertThat(all.get(0).time("time")).contains(Instant.ofEpochSecond(881250949));
        assertThat(all.get(1).text("item")).contains("two\nlines \"q\"");
        assertThat(all.get(1).time("time")).contains(Instant.parse("2018-04-01T00:00:31Z"));
        assertThat(all.get(1).location().line()).isEqualTo(4);
        assertThat(bad).isEmpty();
    }

    @Test
    void readsSeparatorsOfSeveralCharactersAndOtherEncodings() throws IOException {
        Files.write(file, "1::Les Mis\u00e9rables::Drama|War\n# note\n2::A \"B\" C::\n".getBytes(ISO_8859_1));
        List<DataRecord> all = read(csv, ITEMS, Map.of("separator", "::", "header", "false", "encoding", "ISO-8859-1", "comment", "#",
                "listSeparator", "|", "quote", ""), Map.of("id", "1", "title", "2", "category", "3"));
        assertThat(all).hasSize(2);
        assertThat(all.get(0).text("title")).contains("Les Mis\u00e9rables");
        assertThat(all.get(0).list("category")).containsExactly("Drama", "War");
        assertThat(all.get(1).text("title")).contains("A \"B\" C");
        assertThat(all.get(1).list("category")).isEmpty();
    }

    @Test
    void readsGzipWhateverItIsCalled() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write("user\titem\na\tx\n".getBytes(UTF_8));
        }
        Files.write(file, bytes.toByteArray());
        Map<String, String> columns = Map.of("user", "user", "item", "item");
        assertThat(read(csv, EVENTS, Map.of("separator", "tab"), columns)).hasSize(1);
        Files.write(file, java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 9));
        refuses(ErrorCode.BAD_DATA, file + ":3", () -> read(csv, EVENTS, Map.of("separator", "\\t"), columns), "gzip");
        file = folder.resolve("plain.gz");
        write("user,item\n");
        refuses(ErrorCode.BAD_DATA, file.toString(), () -> read(csv, EVENTS, Map.of(), columns), "not a gzip file");
    }

    @Test
    void reportsWhatDoesNotFitAndGoesOn() throws IOException {
        write("id,price,title\na,$1,250.00\nb,cheap,B\n,1,C\nd,12.5,D\ne,\"$1,250.00\",E\n");
        List<DataRecord> all = read(csv, ITEMS, Map.of(), Map.of("id", "id", "price", "price", "title", "title"));
        assertThat(all).extracting(r -> r.text("id").orElseThrow()).containsExactly("a", "d", "e");
        assertThat(all.get(2).number("price")).hasValue(1250);
        assertThat(bad).extracting(BadRecord::toString).containsExactly(
                file + ":3: column 'price': 'cheap': expected a number, such as 12.5 or $1,250.00",
                file + ":4: column 'id': '': expected a value for 'id', which is required");
        bad.clear();
        write("id,price\na,1\nb\nc,1,2\nd,2\n");
        assertThat(read(csv, ITEMS, Map.of(), Map.of("id", "id", "price", "price"))).hasSize(2);
        assertThat(bad).extracting(BadRecord::toString).containsExactly(file + ":3: '1 columns': expected 2 columns",
                file + ":4: '3 columns': expected 2 columns");
    }

    @Test
    void reportsTimesThatAreNone() throws IOException {
        write("u,i,t\na,x,yesterday\na,x,1e999\na,x,99999999999999999999\na,x,01.04.2018\na,x,1529193600000\n");
        Map<String, String> columns = Map.of("user", "u", "item", "i", "time", "t");
        assertThat(read(csv, EVENTS, Map.of("timeUnit", "millis"), columns)).singleElement()
                .satisfies(r -> assertThat(r.time("time")).contains(Instant.ofEpochSecond(1529193600)));
        assertThat(bad).hasSize(4);
        assertThat(read(csv, EVENTS, Map.of("timeFormat", "dd.MM.yyyy", "timeZone", "Europe/Berlin"), columns)).singleElement()
                .satisfies(r -> assertThat(r.time("time")).contains(Instant.parse("2018-03-31T22:00:00Z")));
    }

    @Test
    void refusesWhatIsWrongAsAWhole() throws IOException {
        Map<String, String> columns = Map.of("user", "u", "item", "i");
        refuses(ErrorCode.BAD_DATA, file.toString(), () -> read(csv, EVENTS, Map.of(), columns), "no such file");
        write("\n\nu,item\na,b\n");
        refuses(ErrorCode.BAD_DATA, file + ":3", () -> read(csv, EVENTS, Map.of(), columns), "expected a column 'i'", "[u, item]");
        write("");
        refuses(ErrorCode.BAD_DATA, file + ":1", () -> read(csv, EVENTS, Map.of(), columns), "header");
        write("u,i\n");
        refuses(ErrorCode.INVALID_INPUT, "/options/seperator", () -> read(csv, EVENTS, Map.of("seperator", ";"), columns), "separator");
        refuses(ErrorCode.INVALID_INPUT, "/columns/item", () -> read(csv, EVENTS, Map.of(), Map.of("user", "u")), "required");
        refuses(ErrorCode.INVALID_INPUT, "/columns/x", () -> read(csv, EVENTS, Map.of(), Map.of("user", "u", "item", "i", "x", "u")), "no field");
        refuses(ErrorCode.INVALID_INPUT, "/options/encoding", () -> read(csv, EVENTS, Map.of("encoding", "klingon"), columns), "klingon");
    }

    @Test
    void refusesMalformedBytesWithTheirLine() throws IOException {
        StringBuilder text = new StringBuilder("u,i\n");
        for (int i = 0; i < 20_000; i++) {
            text.append("user").append(i).append(",item\n");
        }
        Files.write(file, (text + "Mis\u00e9rable,x\n").getBytes(ISO_8859_1));
        refuses(ErrorCode.BAD_DATA, file + ":20002", () -> read(csv, EVENTS, Map.of(), Map.of("user", "u", "item", "i")),
                "UTF-8", "E9", "encoding");
    }

    @Test
    void makesListsOfFlagsMapsAndBands() throws IOException {
        write("1|24|M|0|1|1\n2|17|F|0|0|0\n3|60|X|0|0|0\n4|30|F|0|0|7\n");
        Map<String, String> options = Map.of("separator", "|", "header", "false");
        List<DataRecord> all = read(csv, USERS, options, Map.of("id", "1", "title", "const:someone",
                "attributes", "band(2: age,18,25) + map(3: M=male,F=female) + flags(4..6: a,b,c)"));
        assertThat(all).extracting(r -> r.list("attributes")).containsExactly(List.of("age 18-24", "male", "b", "c"),
                List.of("age <18", "female"));
        assertThat(all.get(0).text("title")).contains("someone");
        assertThat(bad).extracting(BadRecord::value).containsExactly("X", "7");
        refuses(ErrorCode.INVALID_INPUT, "/columns/attributes", () -> read(csv, USERS, options, Map.of("id", "1", "attributes", "flags(4..6: a,b)")),
                "3 columns but 2 names");
    }

    @Test
    void keepsOnlyTheRowsWanted() throws IOException {
        write("u,i,k\na,x,view\nb,y,cart\n");
        Map<String, String> columns = Map.of("user", "u", "item", "i");
        assertThat(read(csv, EVENTS, Map.of("where", "k=cart"), columns)).extracting(r -> r.text("user").orElseThrow()).containsExactly("b");
        assertThat(read(csv, EVENTS, Map.of("where", "k!=cart"), columns)).extracting(r -> r.text("user").orElseThrow()).containsExactly("a");
        assertThat(bad).isEmpty();
    }

    @Test
    void replacesIdsThroughAMap() throws IOException {
        Files.writeString(folder.resolve("map.txt"), "1 900\n2 901\n");
        write("900,A\n901,B\n902,C\n");
        Map<String, String> columns = Map.of("id", "1", "title", "2");
        assertThat(read(csv, ITEMS, Map.of("header", "false", "idMap.file", "map.txt", "idMap.from", "2", "idMap.to", "1"), columns))
                .extracting(r -> r.text("id").orElseThrow()).containsExactly("1", "2");
        assertThat(bad).singleElement().satisfies(b -> assertThat(b.value()).isEqualTo("902"));
        bad.clear();
        assertThat(read(csv, ITEMS, Map.of("header", "false", "idMap.file", "map.txt", "idMap.from", "2", "idMap.to", "1",
                "idMap.unknown", "skip"), columns)).hasSize(2);
        assertThat(bad).isEmpty();
        Files.writeString(folder.resolve("map.txt"), "1 900\n2 900\n");
        refuses(ErrorCode.BAD_DATA, folder.resolve("map.txt") + ":2", () -> read(csv, ITEMS, Map.of("header", "false", "idMap.file", "map.txt",
                "idMap.from", "2", "idMap.to", "1"), columns), "twice");
    }

    @Test
    void readsSequencesInOrder() throws IOException {
        write("7 a b  c\n8\n\n9\tb a\r\n");
        List<DataRecord> all = read(new SequenceConnector(), EVENTS, Map.of("kind", "view"), Map.of());
        assertThat(all).extracting(r -> r.text("user").orElseThrow() + r.text("item").orElseThrow() + r.time("time").orElseThrow().getEpochSecond())
                .containsExactly("7a1", "7b2", "7c3", "9b1", "9a2");
        assertThat(all).allSatisfy(r -> assertThat(r.text("kind")).contains("view"));
        assertThat(bad).singleElement().satisfies(b -> assertThat(b.location().line()).isEqualTo(2));
        refuses(ErrorCode.INVALID_INPUT, "/role", () -> read(new SequenceConnector(), ITEMS, Map.of(), Map.of()), "id");
    }

    @Test
    void readsJsonLines() throws IOException {
        write("{\"asin\":\"a\",\"title\":\"Lowe&#39;s <b>Card</b>\",\"price\":\"$12.99\",\"category\":[\"x\",\"x\",\"y\"],\"d\":[\"one\",\"two\"]}\n"
                + "{broken\n[1]\n{\"asin\":\"b\",\"price\":7,\"category\":\"z\"}\n{\"asin\":\"c\",\"title\":{}}\n{\"title\":\"no id\"}\n");
        List<DataRecord> all = read(new JsonLinesConnector(), ITEMS, Map.of("html", "true"), Map.of("id", "asin", "title", "title",
                "price", "price", "category", "category", "description", "d", "brand", "nowhere"));
        assertThat(all).hasSize(2);
        assertThat(all.get(0).text("title")).contains("Lowe's Card");
        assertThat(all.get(0).number("price")).hasValue(12.99);
        assertThat(all.get(0).list("category")).containsExactly("x", "y");
        assertThat(all.get(0).text("description")).contains("one two");
        assertThat(all.get(1).number("price")).hasValue(7);
        assertThat(all.get(1).list("category")).containsExactly("z");
        assertThat(bad).extracting(b -> b.location().line()).containsExactly(2L, 3L, 5L, 6L, 0L);
        assertThat(bad.get(4).column()).isEqualTo("nowhere");
    }

    @Test
    void readsAMapOfLists() throws IOException {
        write("{\"4\": [1, 2], \"83\": [], \"9\": [[1]],\n \"10\": 3}");
        JsonMapConnector connector = new JsonMapConnector();
        Map<String, String> columns = Map.of("id", "key", "attributes", "value");
        List<DataRecord> all = read(connector, ITEMS, Map.of(), columns);
        assertThat(all).extracting(r -> r.text("id").orElseThrow() + r.list("attributes")).containsExactly("4[1, 2]", "83[]", "10[3]");
        assertThat(bad).hasSize(1);
        write("{\"4\": [1],\n \"5\": [1,,]}");
        refuses(ErrorCode.BAD_DATA, file + ":2", () -> read(connector, ITEMS, Map.of(), columns), "broken JSON");
        write("{\"4\": [1]");
        refuses(ErrorCode.BAD_DATA, file + ":1", () -> read(connector, ITEMS, Map.of(), columns), "broken JSON");
        write("[]");
        refuses(ErrorCode.BAD_DATA, file + ":1", () -> read(connector, ITEMS, Map.of(), columns), "one JSON object");
    }

    @Test
    void isReadOnceAndLazily() throws IOException {
        write("u,i\na,x\n\"never closed");
        try (DataSet set = csv.open(new Source("csv", "events", file, Map.of(), Map.of("user", "u", "item", "i")), EVENTS)) {
            Iterator<DataRecord> rows = set.records(bad::add);
            assertThat(rows.next().text("user")).contains("a");
            assertThatThrownBy(() -> set.records(bad::add)).isInstanceOf(IllegalStateException.class);
            set.close();
            assertThatThrownBy(rows::hasNext).isInstanceOf(IllegalStateException.class);
        }
    }
}
