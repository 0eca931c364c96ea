package org.wherefore.domain.fraud.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleBankTest {
    private static final int TIME = 1;
    private static final int CUSTOMER = 2;
    private static final int TERMINAL = 3;
    private static final int AMOUNT = 4;
    private static final int FRAUD = 5;
    private static final int REASON = 6;
    @TempDir
    static Path folder;
    private static List<String[]> payments;

    @BeforeAll
    static void write() throws IOException {
        new FraudPack().writeSample(folder, 1);
        List<String> lines = Files.readAllLines(folder.resolve("transactions.csv"));
        payments = lines.subList(1, lines.size()).stream().map(l -> l.split(",", -1)).toList();
    }

    private static List<String[]> because(String reason) {
        return payments.stream().filter(p -> p[REASON].equals(reason)).toList();
    }

    @Test
    void paymentsComeInOrderWithIdsOfTheirOwn() {
        assertThat(payments).hasSizeBetween(30_000, 60_000);
        assertThat(payments).extracting(p -> p[TIME]).isSorted();
        assertThat(payments).extracting(p -> p[0]).doesNotHaveDuplicates();
        assertThat(payments).allMatch(p -> Double.parseDouble(p[AMOUNT]) > 0);
    }

    @Test
    void aFraudHasAReasonAndNothingElseHas() {
        assertThat(payments).allMatch(p -> p[FRAUD].equals("1") != p[REASON].isEmpty());
        assertThat(payments.stream().filter(p -> p[FRAUD].equals("1")).count() / (double) payments.size()).isBetween(0.005, 0.02);
        for (String reason : List.of("amount", "terminal", "customer")) {
            assertThat(because(reason)).as(reason).hasSizeGreaterThan(50);
        }
    }

    @Test
    void noHonestPaymentReachesTheCeiling() {
        assertThat(because("")).allMatch(p -> Double.parseDouble(p[AMOUNT]) < SampleBank.CEILING);
        assertThat(because("amount")).allMatch(p -> Double.parseDouble(p[AMOUNT]) >= SampleBank.CEILING);
    }

    @Test
    void aStolenCardPaysSeveralTimesItsUsualAmount() {
        Map<String, Double> usual = because("").stream().collect(Collectors.groupingBy(p -> p[CUSTOMER],
                Collectors.averagingDouble(p -> Double.parseDouble(p[AMOUNT]))));
        double times = because("customer").stream().filter(p -> usual.containsKey(p[CUSTOMER]))
                .mapToDouble(p -> Double.parseDouble(p[AMOUNT]) / usual.get(p[CUSTOMER])).average().orElseThrow();
        assertThat(times).isBetween(4.0, 6.0);
    }

    @Test
    void compromisedTerminalsAreFewAndForDays() {
        Map<String, Set<String>> days = new HashMap<>();
        because("terminal").forEach(p -> days.computeIfAbsent(p[TERMINAL], t -> new HashSet<>()).add(p[TIME].substring(0, 10)));
        assertThat(days).hasSizeBetween(4, 10);
        assertThat(days.values()).allMatch(d -> d.size() <= 2 * SampleBank.COMPROMISED_DAYS);
    }

    @Test
    void describesFilesThatExist() throws IOException {
        String description = Files.readString(folder.resolve("bank.json"));
        for (String file : List.of("transactions.csv", "customers.csv", "terminals.csv", "accounts.csv")) {
            assertThat(description).contains("\"path\": \"" + file + "\"");
            assertThat(folder.resolve(file)).isNotEmptyFile();
        }
    }
}
