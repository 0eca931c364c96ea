package org.wherefore.narrator.internal;

import com.ibm.icu.text.ListFormatter;
import com.ibm.icu.util.ULocale;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.narrate.Narrator;

/**
 * Narrator in English and Chinese from ICU message patterns of {@code messages/<domain>_<language>.properties}, over the
 * generic {@code claims_<language>}. Lists, plurals and numbers follow the asked locale ({@code en-GB} has no serial comma);
 * a language it doesn't speak gets English. Titles and values are arguments, never patterns, and come out as they went in.
 * A claim of a kind it has no words for, or that lacks what its sentence needs (cited items, counts), is the empty string:
 * nothing is shown rather than something half said. Thread-safe.
 */
@Component(service = Narrator.class)
public class IcuNarrator implements Narrator {
    private static final Set<Locale> LOCALES = Set.of(Locale.ENGLISH, Locale.CHINESE);
    private static final List<String> ORDER = List.of("unusual", "contrast", "history", "counterfactual", "attribute", "cohort", "example", "fallback");
    private static final String GENERIC = "";
    private static final String RISK = ".risk.";
    private final Map<String, Wording> wordings = new ConcurrentHashMap<>();

    @Activate
    public IcuNarrator() {
        // Patterns are read on first use.
    }

    @Override
    public Set<Locale> locales() {
        return LOCALES;
    }

    @Override
    public String sentence(String domain, Claim claim, Locale locale, UnaryOperator<String> titles) {
        ULocale spoken = locale.getLanguage().equals("zh") || locale.getLanguage().equals("en") ? ULocale.forLocale(locale)
                : ULocale.ENGLISH;
        Wording wording = wording(domain, spoken);
        return switch (claim.kind()) {
            case "history" -> history(wording, claim, spoken, titles);
            case "attribute" -> attribute(wording, claim, spoken, titles);
            case "cohort" -> cohort(wording, claim, spoken, titles);
            case "counterfactual" -> counterfactual(wording, claim, spoken, titles);
            case "example" -> example(wording, claim, spoken);
            case "contrast" -> contrast(wording, claim, spoken, titles);
            case "unusual" -> unusual(wording, claim, spoken);
            case "fallback" -> fallback(wording, claim, spoken);
            default -> "";
        };
    }

    /** Contrast and history first, then counterfactual, attribute, cohort, example and fallback, then the rest; refuted claims and repetitions are left out. */
    @Override
    public String text(String domain, List<Claim> claims, Locale locale, UnaryOperator<String> titles) {
        boolean chinese = locale.getLanguage().equals("zh");
        String separator = wording(domain, chinese ? ULocale.CHINESE : ULocale.ENGLISH).text("separator");
        return claims.stream().filter(c -> c.verdict() == Verdict.SUPPORTED)
                .sorted(Comparator.comparingInt(c -> ORDER.contains(c.kind()) ? ORDER.indexOf(c.kind()) : ORDER.size()))
                .map(c -> sentence(domain, c, locale, titles)).filter(s -> !s.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new)).stream().collect(Collectors.joining(separator));
    }

    private String history(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles) {
        if (claim.items().isEmpty()) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        Number others = number(claim, "others");
        arguments.put("items", items(wording, claim, locale, titles, others == null ? 0 : others.longValue()));
        return wording.format("history", locale, arguments);
    }

    private String attribute(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles) {
        String attribute = claim.values().getOrDefault("attribute", "");
        if (attribute.isBlank() || claim.values().getOrDefault("value", "").isBlank()) {
            return "";
        }
        int cited = claim.items().size();
        Number given = number(claim, "count");
        long count = Math.max(cited, given == null ? 0 : given.longValue());
        if (count == 0) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("attribute", attribute);
        arguments.put("value", claim.values().get("value"));
        arguments.put("count", count);
        arguments.put("items", items(wording, claim, locale, titles, 0));
        arguments.put("scope", cited == 0 ? "none" : cited < count ? "some" : cited == 1 ? "one" : "all");
        arguments.put("did", wording.format("did", locale, arguments));
        arguments.put("things", wording.format("things", locale, arguments));
        String own = "attribute." + attribute;
        if (!claim.values().get("value").chars().allMatch(Character::isDigit) && wording.has(own + ".named")) {
            own += ".named";
        }
        return wording.format(wording.has(own) ? own : "attribute", locale, arguments);
    }

    private String cohort(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles) {
        Number both = number(claim, "both");
        Number of = number(claim, "of");
        if (claim.items().isEmpty() || both == null || of == null || both.longValue() < 1
                || of.longValue() < both.longValue()) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("both", both);
        arguments.put("of", of);
        arguments.put("items", items(wording, claim, locale, titles, 0));
        return wording.format("cohort", locale, arguments);
    }

    private String counterfactual(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles) {
        Number k = number(claim, "k");
        if (claim.items().isEmpty() || k == null || k.longValue() < 1) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("k", k);
        arguments.put("items", items(wording, claim, locale, titles, 0));
        return wording.format("counterfactual", locale, arguments);
    }

    /**
     * Numbers under their field's name, dots as underscores: {@code {customer_amount_mean_30d}}; and how many of {@code X.count.W} the share
     * {@code X.risk.W} stands for, as {@code {X_positives_W}}.
     */
    private String unusual(Wording wording, Claim claim, ULocale locale) {
        String pattern = "unusual." + claim.values().getOrDefault("factor", "");
        if (!wording.has(pattern)) {
            return "";
        }
        Map<String, Object> arguments = new HashMap<>();
        for (Map.Entry<String, String> e : claim.values().entrySet()) {
            Object value = e.getValue();
            try {
                value = Double.valueOf(e.getValue());
            } catch (NumberFormatException notOne) {
                // stays text
            }
            arguments.put(argument(e.getKey()), value);
        }
        claim.test().effect().forEach(arguments::put);
        for (String name : claim.values().keySet()) {
            String field = argument(name);
            if (name.contains(RISK) && arguments.get(field) instanceof Double risk
                    && arguments.get(argument(name.replace(RISK, ".count."))) instanceof Double count) {
                arguments.put(argument(name.replace(RISK, ".positives.")), Math.rint(risk * count));
            }
        }
        return wording.format(pattern, locale, arguments);
    }

    private static String argument(String field) {
        return field.replace('.', '_').replace('-', '_');
    }

    private String example(Wording wording, Claim claim, ULocale locale) {
        Number supporting = number(claim, "supporting");
        Number of = number(claim, "of");
        if (supporting == null || of == null || supporting.longValue() < 1 || of.longValue() < supporting.longValue()) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("supporting", supporting);
        arguments.put("of", of);
        return wording.format("example", locale, arguments);
    }

    private String contrast(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles) {
        String other = claim.values().getOrDefault("other", "");
        if (claim.items().isEmpty() || other.isBlank()) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("target", title(wording, "title", claim, claim.target(), locale, titles));
        arguments.put("other", title(wording, "title", claim, other, locale, titles));
        arguments.put("items", items(wording, claim, locale, titles, 0));
        return wording.format("contrast", locale, arguments);
    }

    private static String title(Wording wording, String pattern, Claim claim, String item, ULocale locale, UnaryOperator<String> titles) {
        String title = titles.apply(item);
        Map<String, Object> arguments = arguments(claim);
        arguments.put("title", title == null || title.isBlank() ? item : title);
        return wording.format(pattern, locale, arguments);
    }

    private String fallback(Wording wording, Claim claim, ULocale locale) {
        Number users = number(claim, "users");
        Number rank = number(claim, "rank");
        if (users == null || rank == null || users.longValue() < 1 || rank.longValue() < 1) {
            return "";
        }
        Map<String, Object> arguments = arguments(claim);
        arguments.put("users", users);
        arguments.put("rank", rank);
        String own = "fallback." + claim.values().getOrDefault("reason", "");
        return wording.format(wording.has(own) ? own : "fallback", locale, arguments);
    }

    private static Map<String, Object> arguments(Claim claim) {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("kind", claim.values().getOrDefault("kind", claim.values().getOrDefault("verb", "")));
        return arguments;
    }

    private static String items(Wording wording, Claim claim, ULocale locale, UnaryOperator<String> titles, long others) {
        List<String> names = new ArrayList<>();
        Map<String, Object> arguments = arguments(claim);
        List<String> plain = claim.items().stream().map(item -> {
            String title = titles.apply(item);
            return title == null || title.isBlank() ? item : title;
        }).toList();
        // A list separated by commas can't be read when a title has one.
        boolean quoted = plain.size() > 1 && wording.has("title.quoted") && plain.stream().anyMatch(t -> t.contains(","));
        for (String title : plain) {
            arguments.put("title", title);
            names.add(wording.format(quoted ? "title.quoted" : "title", locale, arguments));
        }
        if (others > 0) {
            arguments.put("count", others);
            names.add(wording.format("others", locale, arguments));
        }
        return ListFormatter.getInstance(locale).format(names);
    }

    /** Null when missing or not a whole number. */
    private static Number number(Claim claim, String name) {
        try {
            double value = Double.parseDouble(claim.values().getOrDefault(name, ""));
            return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Number) (long) value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private Wording wording(String domain, ULocale locale) {
        // Only domains that have a file are kept, so what callers name can't fill the map.
        String name = Wording.hasOwn(domain) ? domain : GENERIC;
        String language = locale.getLanguage();
        return wordings.computeIfAbsent(name + "_" + language, k -> Wording.of(name, language));
    }
}
