package org.wherefore.domain.ecommerce.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleShopTest {
    private static final long SEED = 7;
    @TempDir
    static Path folder;
    private static List<Product> products;
    /** Customer to events {item, kind, time}, oldest first. */
    private static final Map<String, List<String[]>> histories = new LinkedHashMap<>();
    private static final Map<String, String> companions = new HashMap<>();

    @BeforeAll
    static void write() throws IOException {
        new EcommercePack().writeSample(folder, SEED);
        products = Catalogue.read(new SplittableRandom(SEED).split());
        products.stream().filter(p -> !p.companion().isEmpty()).forEach(p -> companions.put(p.id(), p.companion()));
        for (String[] row : rows("events.csv")) {
            histories.computeIfAbsent(row[0], u -> new ArrayList<>()).add(new String[] {row[1], row[2], row[3]});
        }
    }

    @Test
    void writesTheSameBytesForTheSameSeed(@TempDir Path again, @TempDir Path other) throws IOException {
        new EcommercePack().writeSample(again, SEED);
        new EcommercePack().writeSample(other, SEED + 1);
        for (String file : List.of("items.csv", "users.csv", "events.csv", "shop.json", "causes.csv")) {
            assertThat(again.resolve(file)).as(file).hasSameBinaryContentAs(folder.resolve(file));
        }
        assertThat(Files.mismatch(other.resolve("events.csv"), folder.resolve("events.csv"))).isNotNegative();
    }

    @Test
    void describesFilesThatExist() throws IOException {
        String description = Files.readString(folder.resolve("shop.json"));
        for (String file : List.of("items.csv", "users.csv", "events.csv")) {
            assertThat(description).contains("\"path\": \"" + file + "\"");
            assertThat(folder.resolve(file)).isNotEmptyFile();
        }
        assertThat(description).as("the planted causes are never read as data").doesNotContain("\"path\": \"causes.csv\"");
    }

    @Test
    void offersReadableGoodsAtSensiblePrices() {
        assertThat(products).hasSizeBetween(300, 400);
        assertThat(products).extracting(Product::title).doesNotHaveDuplicates()
                .allSatisfy(t -> assertThat(t).matches("[A-Z][\\p{L}\\d '&,().-]{9,60}"));
        assertThat(Catalogue.byCategory(products)).hasSize(12);
        assertThat(products).allSatisfy(p -> assertThat(Double.parseDouble(p.price())).isBetween(5.0, 1500.0));
        assertThat(products).extracting(Product::description).allSatisfy(d -> assertThat(d).endsWith(".").hasSizeLessThan(160));
    }

    @Test
    void givesEachCustomerAnOrderedHistory() {
        assertThat(histories).hasSize(SampleShop.CUSTOMERS);
        histories.forEach((user, events) -> {
            assertThat(events).hasSizeBetween(15, 30);
            assertThat(events).extracting(e -> e[2]).isSortedAccordingTo(Comparator.<String>naturalOrder());
            assertThat(events).extracting(e -> e[0]).doesNotHaveDuplicates();
        });
    }

    @Test
    void putsTheCauseBeforeItsEffect() throws IOException {
        int[] lags = new int[SampleShop.MAX_LAG + 1];
        for (String[] cause : rows("causes.csv")) {
            List<String> items = items(cause[0]);
            assertThat(items.get(items.size() - 1)).isEqualTo(cause[1]);
            assertThat(companions.get(cause[2])).isEqualTo(cause[1]);
            int at = items.indexOf(cause[2]);
            assertThat(at).isNotNegative();
            lags[items.size() - 1 - at]++;
        }
        for (int lag = 1; lag <= SampleShop.MAX_LAG; lag++) {
            assertThat(lags[lag]).as("lag " + lag).isGreaterThan(SampleShop.CUSTOMERS / SampleShop.MAX_LAG / 2);
        }
        Set<String> caused = new HashSet<>(companions.values());
        histories.forEach((user, events) -> {
            Set<String> seen = new HashSet<>();
            for (String[] event : events) {
                if (caused.contains(event[0])) {
                    assertThat(companions.entrySet().stream().filter(e -> e.getValue().equals(event[0])).map(Map.Entry::getKey))
                            .allMatch(seen::contains);
                    assertThat(event[1]).isEqualTo("purchase");
                }
                seen.add(event[0]);
            }
        });
    }

    @Test
    void causesAboutHalfOfTheOtherPurchases() {
        Set<String> caused = new HashSet<>(companions.values());
        long purchases = 0;
        long because = 0;
        for (List<String[]> events : histories.values()) {
            for (String[] event : events.subList(0, events.size() - 1)) {
                if (event[1].equals("purchase") && !companions.containsKey(event[0])) {
                    purchases++;
                    because += caused.contains(event[0]) ? 1 : 0;
                }
            }
        }
        assertThat((double) because / purchases).isBetween(0.4, 0.8);
    }

    /** Who knows the companions is always right; popularity, taste and the very last event tell almost nothing. */
    @Test
    void canBeLearntFromCausesAndFromNothingElse() {
        Map<String, Integer> counts = new HashMap<>();
        histories.forEach((u, events) -> events.subList(0, events.size() - 1).forEach(e -> counts.merge(e[0], 1, Integer::sum)));
        List<String> popular = counts.keySet().stream()
                .sorted(Comparator.comparing((String i) -> -counts.get(i)).thenComparing(i -> i)).toList();
        int rule = 0;
        int popularity = 0;
        int markov = 0;
        for (String user : histories.keySet()) {
            List<String> items = items(user);
            List<String> past = items.subList(0, items.size() - 1);
            String answer = items.get(items.size() - 1);
            List<String> open = past.stream().map(companions::get).filter(c -> c != null && !past.contains(c)).toList();
            rule += open.equals(List.of(answer)) ? 1 : 0;
            popularity += popular.stream().filter(i -> !past.contains(i)).limit(10).anyMatch(answer::equals) ? 1 : 0;
            markov += answer.equals(companions.get(past.get(past.size() - 1))) ? 1 : 0;
        }
        double n = histories.size();
        assertThat(rule / n).as("HR@1 of the rule").isEqualTo(1.0);
        assertThat(popularity / n).as("HR@10 of popularity").isLessThan(0.05);
        assertThat(markov / n).as("HR@1 of the last event alone").isBetween(0.08, 0.17);
    }

    @Test
    void showsEachCauseOftenEnough() {
        Map<String, Integer> counts = new HashMap<>();
        histories.forEach((u, events) -> events.subList(0, events.size() - 2).forEach(e -> counts.merge(e[0], 1, Integer::sum)));
        assertThat(companions.values()).allSatisfy(c -> assertThat(counts.get(c)).isGreaterThan(150));
    }

    private static List<String> items(String user) {
        return histories.get(user).stream().map(e -> e[0]).toList();
    }

    private static List<String[]> rows(String file) throws IOException {
        return Files.readAllLines(folder.resolve(file)).stream().skip(1).map(l -> l.split(",", -1)).toList();
    }
}
