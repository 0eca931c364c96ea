package org.wherefore.domain.ecommerce.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes the sample shop's products from {@code catalogue.txt}. Confined to one thread while it is built. */
final class Catalogue {
    private static final Pattern GOODS = Pattern.compile("(.+?) (\\d+)-(\\d+)");

    private final SplittableRandom random;
    private final List<Product> products = new ArrayList<>();
    private String category;
    private String use;
    private List<String> brands = List.of();
    private List<String> looks = List.of();
    private List<String> traits = List.of();

    private Catalogue(SplittableRandom random) {
        this.random = random;
    }

    static List<Product> read(SplittableRandom random) throws IOException {
        Catalogue catalogue = new Catalogue(random);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Catalogue.class.getResourceAsStream("catalogue.txt"), StandardCharsets.UTF_8))) {
            for (String line; (line = in.readLine()) != null; ) {
                if (!line.isBlank() && line.charAt(0) != '#') {
                    int space = line.indexOf(' ');
                    catalogue.line(line.substring(0, space), line.substring(space + 1).strip());
                }
            }
        }
        return List.copyOf(catalogue.products);
    }

    /** Products by category, in the order of the file. */
    static Map<String, List<Product>> byCategory(List<Product> products) {
        Map<String, List<Product>> map = new LinkedHashMap<>();
        products.forEach(p -> map.computeIfAbsent(p.category(), c -> new ArrayList<>()).add(p));
        return map;
    }

    private void line(String word, String rest) {
        switch (word) {
            case "category" -> {
                String[] parts = rest.split(" \\| ");
                category = parts[0];
                use = parts[1];
            }
            case "brands" -> brands = List.of(rest.split(", "));
            case "looks" -> looks = List.of(rest.split(", "));
            case "traits" -> traits = List.of(rest.split(", "));
            case "pair" -> {
                String[] sides = rest.split(" > ");
                String trigger = nextId(0);
                String companion = nextId(1);
                String brand = pick(brands, random.nextInt(brands.size()));
                add(trigger, sides[0], brand, "", companion, false);
                add(companion, sides[1], brand, "", "", true);
            }
            case "single" -> add(nextId(0), rest, pick(brands, random.nextInt(brands.size())), "", "", false);
            case "plain" -> {
                int brand = random.nextInt(brands.size());
                int look = random.nextInt(looks.size());
                add(nextId(0), rest, pick(brands, brand), pick(looks, look), "", false);
                add(nextId(0), rest, pick(brands, brand + 1), pick(looks, look + 1), "", false);
            }
            default -> throw new IllegalStateException("catalogue.txt: unknown word '" + word + "'");
        }
    }

    private String nextId(int ahead) {
        return String.format(Locale.ROOT, "p%03d", products.size() + ahead + 1);
    }

    private static String pick(List<String> list, int index) {
        return list.get(index % list.size());
    }

    private void add(String id, String goods, String brand, String look, String companion, boolean caused) {
        Matcher parts = GOODS.matcher(goods);
        if (!parts.matches()) {
            throw new IllegalStateException("catalogue.txt: '" + goods + "' is not 'NAME low-high'");
        }
        String noun = parts.group(1);
        int low = Integer.parseInt(parts.group(2));
        int high = Integer.parseInt(parts.group(3));
        String price = (low + random.nextInt(high - low)) + (random.nextBoolean() ? ".90" : ".50");
        int trait = random.nextInt(traits.size());
        String title = brand + " " + noun + (look.isEmpty() ? "" : (noun.contains(",") ? " (" + look + ")" : ", " + look));
        List<String> attributes = new ArrayList<>(List.of(caused ? "add-on" : pick(traits, trait)));
        if (!look.isEmpty()) {
            attributes.add(look.toLowerCase(Locale.ROOT));
        } else if (!caused) {
            attributes.add(pick(traits, trait + 1));
        }
        String description = caused
                ? noun + " from " + brand + ", to go with what you already have for " + use + "."
                : noun + " from " + brand + " for " + use + ": " + pick(traits, trait) + " and " + pick(traits, trait + 1) + ".";
        products.add(new Product(id, title, category, brand, price, attributes, description, companion, caused));
    }
}
