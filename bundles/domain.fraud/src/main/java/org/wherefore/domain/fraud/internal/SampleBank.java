package org.wherefore.domain.fraud.internal;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Simulated card payments whose frauds have known reasons, after the transaction simulator of the Fraud Detection Handbook (Le Borgne,
 * Siblini, Lebichot, Bontempi, 2022, chapter 3): customers and terminals stand on a plane, a customer pays at terminals nearby, so many
 * times a day and about so much as is usual for this customer.
 *
 * <p>A payment is a fraud for one of three reasons. {@code amount}: it is above a ceiling that no honest payment reaches.
 * {@code terminal}: its terminal was compromised within the last days; all its payments are frauds. {@code customer}: the customer's card
 * number leaked within the last days; one in three payments is a fraud, of five times the amount. Where two hold the last one counts.
 */
final class SampleBank {
    static final int CUSTOMERS = 400;
    static final int TERMINALS = 300;
    static final int DAYS = 60;
    static final double CEILING = 220;
    static final int COMPROMISED_DAYS = 14;
    private static final int CUSTOMER_FACTOR = 5;
    private static final double SIDE = 100;
    private static final double RADIUS = 15;
    private static final double MOST_A_DAY = 4;
    private static final double LEAST_MEAN = 5;
    private static final double MOST_MEAN = 90;
    /** Of payments of which the amount alone is the reason. */
    private static final double CEILING_SHARE = 0.002;
    private static final int DAYS_BETWEEN_TERMINALS = 8;
    private static final int DAYS_BETWEEN_CUSTOMERS = 2;
    private static final int SECONDS_A_DAY = 86_400;
    private static final Instant FIRST_DAY = Instant.parse("2025-03-03T00:00:00Z");

    private final SplittableRandom random;

    SampleBank(long seed) {
        this.random = new SplittableRandom(seed);
    }

    private record Place(double x, double y) {
        static Place of(RandomGenerator random) {
            return new Place(random.nextDouble(SIDE), random.nextDouble(SIDE));
        }

        double distance(Place other) {
            return Math.hypot(x - other.x, y - other.y);
        }
    }

    /** @param terminals that this customer pays at, at least one */
    private record Customer(Place home, double mean, double perDay, List<Integer> terminals) {}

    private record Payment(long time, int customer, int terminal, double amount, String reason) {}

    /** @return the description's path */
    Path write(Path folder) throws IOException {
        List<Place> terminals = new ArrayList<>();
        for (int t = 0; t < TERMINALS; t++) {
            terminals.add(Place.of(random));
        }
        List<Customer> customers = new ArrayList<>();
        for (int c = 0; c < CUSTOMERS; c++) {
            customers.add(customer(terminals));
        }
        List<Payment> payments = payments(customers);

        Files.createDirectories(folder);
        lines(folder.resolve("customers.csv"), "id,title,x,y", places(customers.stream().map(Customer::home).toList(), "c", "Customer"));
        lines(folder.resolve("terminals.csv"), "id,title,x,y", places(terminals, "t", "Terminal"));
        List<String> accounts = new ArrayList<>();
        for (int c = 0; c < CUSTOMERS; c++) {
            accounts.add(String.format(Locale.ROOT, "a%04d,Account %04d,%s,%s", c + 1, c + 1, id("c", c),
                    FIRST_DAY.minus(30L + random.nextInt(3_000), ChronoUnit.DAYS)));
        }
        lines(folder.resolve("accounts.csv"), "id,title,customer,opened", accounts);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < payments.size(); i++) {
            Payment p = payments.get(i);
            rows.add(String.format(Locale.ROOT, "p%06d,%s,%s,%s,%.2f,%d,%s", i + 1, Instant.ofEpochSecond(p.time), id("c", p.customer),
                    id("t", p.terminal), p.amount, p.reason.isEmpty() ? 0 : 1, p.reason));
        }
        lines(folder.resolve("transactions.csv"), "id,time,customer,terminal,amount,fraud,scenario", rows);
        Path description = folder.resolve("bank.json");
        try (var in = SampleBank.class.getResourceAsStream("bank.json")) {
            Files.write(description, in.readAllBytes());
        }
        return description;
    }

    private Customer customer(List<Place> terminals) {
        Place home = Place.of(random);
        List<Integer> near = new ArrayList<>();
        int nearest = 0;
        for (int t = 0; t < terminals.size(); t++) {
            if (home.distance(terminals.get(t)) < RADIUS) {
                near.add(t);
            }
            nearest = home.distance(terminals.get(t)) < home.distance(terminals.get(nearest)) ? t : nearest;
        }
        return new Customer(home, random.nextDouble(LEAST_MEAN, MOST_MEAN), random.nextDouble(MOST_A_DAY), near.isEmpty() ? List.of(nearest) : near);
    }

    private List<Payment> payments(List<Customer> customers) {
        int[] terminalUntil = new int[TERMINALS];
        int[] customerUntil = new int[CUSTOMERS];
        List<Payment> out = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            if (day % DAYS_BETWEEN_TERMINALS == 0) {
                terminalUntil[random.nextInt(TERMINALS)] = day + COMPROMISED_DAYS;
            }
            if (day % DAYS_BETWEEN_CUSTOMERS == 0) {
                customerUntil[random.nextInt(CUSTOMERS)] = day + COMPROMISED_DAYS;
            }
            for (int c = 0; c < CUSTOMERS; c++) {
                Customer customer = customers.get(c);
                for (int n = poisson(customer.perDay()); n > 0; n--) {
                    int terminal = customer.terminals().get(random.nextInt(customer.terminals().size()));
                    double amount = amount(customer);
                    String reason = "";
                    if (random.nextDouble() < CEILING_SHARE) {
                        amount = CEILING * (1 + random.nextDouble());
                        reason = "amount";
                    }
                    if (day < terminalUntil[terminal]) {
                        reason = "terminal";
                    }
                    if (day < customerUntil[c] && random.nextInt(3) == 0) {
                        amount *= CUSTOMER_FACTOR;
                        reason = "customer";
                    }
                    out.add(new Payment(FIRST_DAY.getEpochSecond() + (long) day * SECONDS_A_DAY + second(), c, terminal, amount, reason));
                }
            }
        }
        out.sort(Comparator.comparingLong(Payment::time));
        return out;
    }

    private double amount(Customer customer) {
        double amount;
        do {
            amount = Math.round(100 * (customer.mean() + random.nextGaussian() * customer.mean() / 2)) / 100.0;
        } while (amount < 0.01 || amount >= CEILING);
        return amount;
    }

    /** Rather by day than by night. */
    private int second() {
        int second;
        do {
            second = (int) (SECONDS_A_DAY / 2.0 + random.nextGaussian() * 20_000);
        } while (second < 0 || second >= SECONDS_A_DAY);
        return second;
    }

    private int poisson(double mean) {
        double limit = Math.exp(-mean);
        int n = 0;
        for (double p = random.nextDouble(); p > limit; p *= random.nextDouble()) {
            n++;
        }
        return n;
    }

    private static String id(String kind, int index) {
        return String.format(Locale.ROOT, "%s%04d", kind, index + 1);
    }

    private static List<String> places(List<Place> places, String kind, String title) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            out.add(String.format(Locale.ROOT, "%s,%s %04d,%.2f,%.2f", id(kind, i), title, i + 1, places.get(i).x(), places.get(i).y()));
        }
        return out;
    }

    private static void lines(Path file, String header, List<String> lines) throws IOException {
        try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            out.write(header + "\n");
            for (String line : lines) {
                out.write(line + "\n");
            }
        }
    }
}
