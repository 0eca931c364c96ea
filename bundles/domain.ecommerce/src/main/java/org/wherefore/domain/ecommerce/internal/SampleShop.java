package org.wherefore.domain.ecommerce.internal;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * An invented shop whose customers' purchases have known causes, so that an explanation can be judged right or wrong.
 *
 * <p>Some products ("triggers") lead to one companion: a customer who buys the trigger buys the companion 1 to 8 events
 * later, whatever lies between. Companions are bought for no other reason and once. Each customer's last event is such a
 * purchase, and its trigger is the only one still open. All other events are ordinary products, mostly of the customer's
 * favourite categories, some products more popular than others. Triggers are drawn alike from the whole shop, so neither
 * popularity nor the customer's taste tells what comes last.
 */
final class SampleShop {
    static final int CUSTOMERS = 2_500;
    static final int MAX_LAG = 8;
    private static final int MIN_EVENTS = 15;
    private static final int MAX_EVENTS = 30;
    private static final Instant OPENING = Instant.parse("2025-01-06T08:00:00Z");
    private static final long SPREAD_SECONDS = 200L * 24 * 3600;

    private final long seed;

    SampleShop(long seed) {
        this.seed = seed;
    }

    private record Visit(int customer, Product product, String kind, long time) {}

    private record Cause(int customer, Product caused, Product cause) {}

    /** @return the description's path */
    Path write(Path folder) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<Product> products = Catalogue.read(random.split());
        Crowd crowd = new Crowd(products);
        List<Visit> visits = new ArrayList<>();
        List<Cause> causes = new ArrayList<>();
        List<String> users = new ArrayList<>();
        for (int c = 1; c <= CUSTOMERS; c++) {
            users.add(crowd.customer(c, random.split(), visits, causes));
        }
        visits.sort(Comparator.comparingLong(Visit::time).thenComparingInt(Visit::customer));

        Files.createDirectories(folder);
        lines(folder.resolve("items.csv"), "id,title,category,brand,price,attributes,description",
                products.stream().map(p -> String.join(",", p.id(), quote(p.title()), quote(p.category()), quote(p.brand()),
                        p.price(), quote(String.join("|", p.attributes())), quote(p.description()))).toList());
        lines(folder.resolve("users.csv"), "id,title,attributes", users);
        lines(folder.resolve("events.csv"), "user,item,kind,time",
                visits.stream().map(v -> String.join(",", user(v.customer()), v.product().id(), v.kind(),
                        Instant.ofEpochSecond(v.time()).toString())).toList());
        lines(folder.resolve("causes.csv"), "user,item,cause",
                causes.stream().map(c -> String.join(",", user(c.customer()), c.caused().id(), c.cause().id())).toList());
        Path description = folder.resolve("shop.json");
        try (var in = SampleShop.class.getResourceAsStream("shop.json")) {
            Files.write(description, in.readAllBytes());
        }
        return description;
    }

    private static String user(int customer) {
        return String.format(Locale.ROOT, "c%04d", customer);
    }

    private static String quote(String text) {
        return text.indexOf(',') < 0 && text.indexOf('"') < 0 ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static void lines(Path file, String header, List<String> lines) throws IOException {
        try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            out.write(header + "\n");
            for (String line : lines) {
                out.write(line + "\n");
            }
        }
    }

    /** Draws the customers of one shop. */
    private static final class Crowd {
        private final List<String> categories;
        private final Map<String, List<Product>> plain;
        private final List<Product> triggers;
        private final Map<String, Product> byId;

        Crowd(List<Product> products) {
            categories = List.copyOf(Catalogue.byCategory(products).keySet());
            plain = Catalogue.byCategory(products.stream().filter(Product::plain).toList());
            triggers = products.stream().filter(p -> !p.companion().isEmpty()).toList();
            byId = products.stream().collect(Collectors.toMap(Product::id, p -> p));
        }

        String customer(int customer, SplittableRandom random, List<Visit> visits, List<Cause> causes) {
            int first = random.nextInt(categories.size());
            int second = (first + 1 + random.nextInt(categories.size() - 1)) % categories.size();
            int third = (first + 1 + random.nextInt(categories.size() - 1)) % categories.size();
            List<String> favourites = List.of(categories.get(first), categories.get(second), categories.get(third));

            int length = MIN_EVENTS + random.nextInt(MAX_EVENTS - MIN_EVENTS + 1);
            Product[] slots = new Product[length];
            boolean[] bought = new boolean[length];
            Set<Product> used = new HashSet<>();
            int last = length - 1;
            plant(slots, bought, used, last - 1 - random.nextInt(MAX_LAG), last, random);
            causes.add(new Cause(customer, slots[last], used.stream().filter(p -> !p.caused()).findFirst().orElseThrow()));
            for (int pairs = Math.round(length / 4.5f), tries = 0; pairs > 1 && tries < 100; tries++) {
                int from = random.nextInt(last - 1);
                int to = from + 1 + random.nextInt(MAX_LAG);
                if (to < last && slots[from] == null && slots[to] == null) {
                    plant(slots, bought, used, from, to, random);
                    pairs--;
                }
            }
            long time = OPENING.getEpochSecond() + random.nextLong(SPREAD_SECONDS);
            for (int i = 0; i < length; i++) {
                if (slots[i] == null) {
                    slots[i] = ordinary(favourites, used, random);
                }
                int dice = random.nextInt(100);
                String kind = bought[i] || dice >= 90 ? "purchase" : dice >= 70 ? "cart" : "view";
                visits.add(new Visit(customer, slots[i], kind, time));
                time += random.nextInt(4) == 0 ? 6 * 3600 + random.nextInt(5 * 24 * 3600) : 40 + random.nextInt(1800);
            }
            String since = random.nextInt(3) == 0 ? "new customer" : "returning customer";
            return user(customer) + String.format(Locale.ROOT, ",Customer %04d,", customer)
                    + quote(since + "|likes " + favourites.get(0) + "|likes " + favourites.get(1));
        }

        private void plant(Product[] slots, boolean[] bought, Set<Product> used, int from, int to, SplittableRandom random) {
            Product trigger;
            do {
                trigger = triggers.get(random.nextInt(triggers.size()));
            } while (!used.add(trigger));
            Product companion = byId.get(trigger.companion());
            used.add(companion);
            slots[from] = trigger;
            slots[to] = companion;
            bought[from] = true;
            bought[to] = true;
        }

        /** One in eight comes from anywhere; within a category the later goods are the popular ones. */
        private Product ordinary(List<String> favourites, Set<Product> used, SplittableRandom random) {
            while (true) {
                List<Product> goods = plain.get(random.nextInt(8) == 0
                        ? categories.get(random.nextInt(categories.size()))
                        : favourites.get(random.nextInt(favourites.size())));
                double skewed = Math.pow(random.nextDouble(), 3);
                Product product = goods.get(goods.size() - 1 - (int) (skewed * goods.size()));
                if (used.add(product)) {
                    return product;
                }
            }
        }
    }
}
