package org.wherefore.extractor.sequence.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;

class SequenceExtractorTest {
    private final SequenceExtractor extractor = new SequenceExtractor();

    private static List<Event> history(String user, String... itemsAndKinds) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < itemsAndKinds.length; i++) {
            String[] parts = itemsAndKinds[i].split("/");
            events.add(new Event(user + i, user, parts[0], parts.length > 1 ? parts[1] : "view", Instant.ofEpochSecond(i)));
        }
        return events;
    }

    private static Entity item(String id, Map<String, List<String>> attributes) {
        return new Entity("item", id, "Title " + id, attributes);
    }

    private static CleanData data(boolean reversed) {
        Map<String, List<Event>> histories = new LinkedHashMap<>();
        List<Event> ann = history("ann", "c/cart", "a", "b");
        List<Event> bob = history("bob", "b", "d");
        histories.put(reversed ? "bob" : "ann", reversed ? bob : ann);
        histories.put(reversed ? "ann" : "bob", reversed ? ann : bob);
        return new CleanData("toy", histories, List.of(
                item("a", Map.of("category", List.of("Tea", "Rare"), "price", List.of("4.5"), "attributes", List.of("7"))),
                item("b", Map.of("category", List.of("Tea"), "price", List.of("12"), "brand", List.of("Acme"), "attribute", List.of("7"))),
                item("c", Map.of("price", List.of("13.0"), "description", List.of("x"))), item("d", Map.of("description", List.of("x"))),
                item("never", Map.of("brand", List.of("Acme"))), new Entity("user", "a", "A", Map.of("brand", List.of("Acme")))),
                List.of(), List.of(), 0, "sha256:x");
    }

    private static byte[] saved(FittedExtractor fitted) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        fitted.save(entry -> bytes);
        return bytes.toByteArray();
    }

    private static ArtifactReader artifact(byte[] bytes) {
        return new ArtifactReader() {
            @Override
            public Set<String> entries() {
                return bytes == null ? Set.of("weights.bin") : Set.of(FittedSequence.ENTRY);
            }

            @Override
            public InputStream open(String entry) {
                return new ByteArrayInputStream(bytes);
            }
        };
    }

    @Test
    void learnsItemsKindsAndAttributes() {
        FittedExtractor fitted = extractor.fit(data(true), Map.of());
        assertThat(fitted.schema().targets()).containsExactly("c", "a", "b", "d");
        assertThat(fitted.schema().kinds()).containsExactly("view", "cart");
        assertThat(fitted.schema().attributes()).containsExactly("attribute=7", "category=Tea");
        assertThat(fitted.schema().targetAttributes()).containsExactly(new int[] {}, new int[] {0, 1}, new int[] {0, 1}, new int[] {});
        assertThat(fitted.target("d")).hasValue(3);
        assertThat(fitted.target("never")).isEmpty();
    }

    @Test
    void keepsTheNewestKnownEvents() {
        FittedExtractor fitted = extractor.fit(data(false), Map.of("maxLength", "3"));
        List<Event> history = history("x", "d", "a", "zzz", "c/cart", "b/unheard", "zzz");
        assertThat(fitted.positions(new History(history))).containsExactly(1, 3, 4);
        assertThat(fitted.extract(new History(history))).isEqualTo(new SequenceInstance(new int[] {1, 0, 2}, new int[] {0, 1, 0}));
        assertThat(((SequenceInstance) fitted.extract(new History(List.of()))).length()).isZero();
        assertThat(fitted.positions(new History(history("x", "zzz")))).isEmpty();
    }

    @Test
    void writesTheSameBytesWhateverTheOrderOfUsersAndReadsThemBack() {
        byte[] bytes = saved(extractor.fit(data(false), Map.of("maxLength", "7")));
        assertThat(saved(extractor.fit(data(true), Map.of("maxLength", "7")))).isEqualTo(bytes);
        FittedSequence loaded = (FittedSequence) extractor.load(artifact(bytes));
        assertThat(saved(loaded)).isEqualTo(bytes);
        assertThat(loaded.maxLength()).isEqualTo(7);
        assertThat(loaded.target("b")).hasValue(2);
    }

    @Test
    void refusesEveryDamagedArtifact() {
        byte[] bytes = saved(extractor.fit(data(false), Map.of()));
        List<byte[]> damaged = new ArrayList<>();
        for (int cut = 0; cut < bytes.length; cut++) {
            damaged.add(Arrays.copyOf(bytes, cut));
        }
        damaged.add(Arrays.copyOf(bytes, bytes.length + 1));
        damaged.add("{\"json\":true}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        byte[] newer = bytes.clone();
        newer[7] = 2;
        damaged.add(newer);
        damaged.add(null);
        assertThat(damaged).allSatisfy(d -> assertThatThrownBy(() -> extractor.load(artifact(d)))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA)));
    }

    @Test
    void makesReadablePriceBands() {
        List<Double> prices = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            prices.add(i * 0.997);
        }
        PriceBands bands = PriceBands.fit(prices);
        assertThat(List.of(bands.band(3), bands.band(20), bands.band(30), bands.band(41), bands.band(79), bands.band(500)))
                .containsExactly("<21", "<21", "21-41", "41-61", "61-81", "81+");
        assertThat(PriceBands.fit(List.of(25.0, 25.0)).band(25)).isEqualTo("25+");
        assertThat(PriceBands.fit(List.of(0.0)).band(0)).isEqualTo("0+");
    }

    @Test
    void refusesWrongParametersAndEmptyData() {
        for (String wrong : List.of("0", "-1", "ten", "10001", "")) {
            assertThatThrownBy(() -> extractor.fit(data(false), Map.of("maxLength", wrong)))
                    .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
        }
        CleanData empty = new CleanData("empty", Map.of(), List.of(), List.of(), List.of(), 0, "sha256:x");
        assertThatThrownBy(() -> extractor.fit(empty, Map.of()))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
    }
}
