package org.wherefore.cli.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanation.Aggregate;
import org.wherefore.api.explain.GlobalExplanation.Dependence;
import org.wherefore.api.explain.GlobalExplanation.Fall;
import org.wherefore.api.explain.GlobalExplanation.Importance;
import org.wherefore.api.explain.GlobalExplanation.Item;
import org.wherefore.api.explain.GlobalExplanation.Share;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a model looks at overall as tables for people, each with a sentence that its figures make true, and as JSON. Immutable. */
final class GlobalTable {
    /** What counts as nearly all of the accuracy. */
    private static final double NEARLY = 0.95;
    /** Rows of a table of shares and of items. */
    private static final int ROWS = 8;
    private final GlobalExplanation g;
    private final UnaryOperator<String> titles;

    /** @param titles of items, by id */
    GlobalTable(GlobalExplanation g, UnaryOperator<String> titles) {
        this.g = g;
        this.titles = titles;
    }

    void print(PrintStream out) {
        out.println("model " + g.model().name() + ":" + g.model().version() + " (" + g.model().engine() + ", " + g.model().digest() + ")");
        out.println(text("%d held-out people: HR@10 %.3f, NDCG@10 %.3f", g.people(), g.hr(), g.ndcg()));
        out.println();
        importances(out);
        for (String feature : features()) {
            out.println();
            dependences(out, feature);
        }
        for (String by : by()) {
            out.println();
            shares(out, by);
        }
        out.println();
        items(out);
    }

    ObjectNode json() {
        ObjectNode out = Json.of(g);
        ArrayNode sentences = out.putArray("sentences");
        sentences().forEach(sentences::add);
        return out;
    }

    /** In the order of the tables. */
    List<String> sentences() {
        List<String> out = new ArrayList<>();
        out.add(importanceSentence());
        features().forEach(f -> out.add(dependenceSentence(f)));
        by().forEach(b -> out.add(shareSentence(b)));
        out.add(itemSentence());
        return out;
    }

    private Set<String> features() {
        Set<String> out = new LinkedHashSet<>();
        g.dependences().forEach(d -> out.add(d.feature()));
        return out;
    }

    private Set<String> by() {
        Set<String> out = new LinkedHashSet<>();
        g.attributions().shares().forEach(s -> out.add(s.by()));
        return out;
    }

    // ---- importance

    private void importances(PrintStream out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("what is lost", "NDCG@10 falls by", "+- draws", "+- people", "HR@10 falls by", "+- draws", "+- people", "changed"));
        for (Importance i : g.importances()) {
            rows.add(List.of(done(i), text("%.4f", i.ndcg().mean()), text("%.4f", i.ndcg().repeatError()), text("%.4f", i.ndcg().peopleError()),
                    text("%.4f", i.hr().mean()), text("%.4f", i.hr().repeatError()), text("%.4f", i.hr().peopleError()), Integer.toString(i.changed())));
        }
        table(out, rows);
        out.println(text("Falls with their standard errors over %d draws of what is random, and over the people.", g.repeats()));
        out.println(importanceSentence());
    }

    /** One change of each feature: events are left out, order and kinds can only be exchanged. */
    private String importanceSentence() {
        List<Importance> one = g.importances().stream().filter(i -> i.change().equals(GlobalExplanation.REMOVED)
                || i.feature().equals(GlobalExplanation.ORDER) || i.feature().equals(GlobalExplanation.KINDS))
                .sorted(Comparator.comparingDouble((Importance i) -> -i.ndcg().mean())).toList();
        List<String> out = new ArrayList<>();
        List<Importance> costs = one.stream().filter(i -> i.ndcg().significant() && i.ndcg().mean() > 0).toList();
        for (int n = 0; n < costs.size(); n++) {
            Fall f = costs.get(n).ndcg();
            out.add(n == 0 ? text("%s costs %.3f of NDCG@10", done(costs.get(n)), f.mean()) : text("%s %.3f", done(costs.get(n)), f.mean()));
        }
        List<String> none = one.stream().filter(i -> !i.ndcg().significant()).map(GlobalTable::done).toList();
        if (!none.isEmpty()) {
            out.add(list(none) + " changes NDCG@10 by no more than two standard errors");
        }
        List<Importance> gains = one.stream().filter(i -> i.ndcg().significant() && i.ndcg().mean() < 0).toList();
        for (Importance i : gains) {
            out.add(text("%s raises NDCG@10 by %.3f", done(i), -i.ndcg().mean()));
        }
        return sentence(join(out, costs.size()));
    }

    /** Figures in a row by commas, what is said apart by semicolons. */
    private static String join(List<String> parts, int row) {
        List<String> out = new ArrayList<>();
        if (row > 0) {
            out.add(String.join(", ", parts.subList(0, row)));
        }
        out.addAll(parts.subList(row, parts.size()));
        return String.join("; ", out);
    }

    private static String done(Importance i) {
        return switch (i.feature()) {
            case GlobalExplanation.ORDER -> "shuffling the order";
            case GlobalExplanation.KINDS -> "exchanging the kinds of events";
            default -> {
                String events = switch (i.feature()) {
                    case GlobalExplanation.NEWEST -> "the newest event";
                    case GlobalExplanation.RECENT -> "the newest events 2 to 5";
                    case GlobalExplanation.EARLIER -> "the newest events 6 to 20";
                    case GlobalExplanation.OLDER -> "all events before the newest 20";
                    default -> i.feature();
                };
                yield i.change().equals(GlobalExplanation.REMOVED) ? "leaving " + events + " out" : "exchanging " + events;
            }
        };
    }

    // ---- dependence

    private void dependences(PrintStream out, String feature) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(switch (feature) {
            case GlobalExplanation.LENGTH -> "newest events kept";
            case GlobalExplanation.KIND -> "kind of every event";
            case GlobalExplanation.NEWEST_KIND -> "kind of the newest event";
            default -> feature;
        }, "NDCG@10", "HR@10", "median rank", "mean score", "quartiles of its change", "changed"));
        for (Dependence d : of(feature)) {
            rows.add(List.of(d.value(), text("%.4f", d.ndcg()), text("%.4f", d.hr()), text("%.1f", d.rank()), text("%.3f", d.score()),
                    text("%.3f to %.3f", d.low(), d.high()), Integer.toString(d.changed())));
        }
        table(out, rows);
        out.println(dependenceSentence(feature));
    }

    private List<Dependence> of(String feature) {
        return g.dependences().stream().filter(d -> d.feature().equals(feature)).toList();
    }

    private String dependenceSentence(String feature) {
        List<Dependence> all = of(feature);
        if (feature.equals(GlobalExplanation.LENGTH)) {
            Dependence first = all.get(0);
            Dependence whole = all.get(all.size() - 1);
            StringBuilder out = new StringBuilder(text("From the newest event alone NDCG@10 is %.3f, from the whole history %.3f", first.ndcg(), whole.ndcg()));
            Dependence enough = all.stream().filter(d -> d.ndcg() >= NEARLY * whole.ndcg()).findFirst().orElse(whole);
            if (whole.ndcg() > 0 && enough != whole) {
                out.append(text(enough == first ? "; that event gives %2$.0f %% of that" : "; the newest %1$s are the fewest tried that give %2$.0f %% of that",
                        enough.value(), 100 * NEARLY));
            }
            Dependence best = all.stream().max(Comparator.comparingDouble(Dependence::ndcg)).orElseThrow();
            if (best.ndcg() > whole.ndcg()) {
                out.append(text("; it is highest from the newest %s, %.3f", best.value(), best.ndcg()));
            }
            return sentence(out.toString());
        }
        Dependence best = all.stream().max(Comparator.comparingDouble(Dependence::ndcg)).orElseThrow();
        Dependence worst = all.stream().min(Comparator.comparingDouble(Dependence::ndcg)).orElseThrow();
        String what = feature.equals(GlobalExplanation.KIND) ? "every event" : "the newest event";
        return best.ndcg() == worst.ndcg() ? sentence(text("NDCG@10 is %.3f whichever kind %s has, and %.3f as it is", best.ndcg(), what, g.ndcg()))
                : sentence(text("Were %s of kind '%s', NDCG@10 would be %.3f, of kind '%s' %.3f; as it is, it is %.3f", what, best.value(), best.ndcg(),
                        worst.value(), worst.ndcg(), g.ndcg()));
    }

    // ---- contributions

    private List<Share> shared(String by) {
        return g.attributions().shares().stream().filter(s -> s.by().equals(by)).toList();
    }

    private void shares(PrintStream out, String by) {
        Aggregate a = g.attributions();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(by.equals(Share.POSITION) ? "event, from the newest" : by, "contributes", "share", "events", "people"));
        for (Share s : by.equals(Share.POSITION) ? shared(by) : shared(by).stream().limit(ROWS).toList()) {
            rows.add(List.of(s.value(), text("%.4f", s.mean()), text("%.1f %%", 100 * s.share()), Long.toString(s.events()), Integer.toString(s.people())));
        }
        table(out, rows);
        if (by.equals(Share.POSITION)) {
            out.println(text("Mean contribution of one event to the best output of each of %d people, without its sign; by %s %s.", a.explained(),
                    a.strategy(), a.version()));
        }
        out.println(shareSentence(by));
    }

    private String shareSentence(String by) {
        List<Share> all = shared(by);
        if (by.equals(Share.POSITION)) {
            double five = all.stream().filter(s -> s.value().length() == 1).mapToDouble(Share::share).sum();
            return sentence(text("The newest event has %.0f %% of what all events contribute, the newest five together %.0f %%",
                    100 * all.get(0).share(), 100 * five));
        }
        Share most = all.get(0);
        if (by.equals(Share.EVENT_KIND) && all.size() > 1) {
            Share least = all.get(all.size() - 1);
            return sentence(text("One '%s' contributes %.3f, one '%s' %.3f", most.value(), most.mean(), least.value(), least.mean()));
        }
        double events = shared(Share.POSITION).stream().mapToLong(Share::events).sum();
        double mean = shared(Share.POSITION).stream().mapToDouble(s -> s.mean() * s.events()).sum() / events;
        return sentence(text("Of the values of %s that %d people or more have, events on '%s' contribute most, %.3f each; the mean of all events is %.3f", by,
                Share.FEWEST_PEOPLE, most.value(), most.mean(), mean));
    }

    private void items(PrintStream out) {
        Aggregate a = g.attributions();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("item", "first for", "of those who have it", "contributes"));
        for (Item i : a.items().stream().limit(ROWS).toList()) {
            rows.add(List.of(titles.apply(i.item()), Integer.toString(i.first()), Integer.toString(i.people()), text("%.4f", i.mean())));
        }
        if (rows.size() > 1) {
            table(out, rows);
        }
        out.println(itemSentence());
        if (!a.reason().isEmpty()) {
            out.println(text("%d people are not in it, the first because: ", g.people() - a.explained()) + a.reason());
        }
    }

    private String itemSentence() {
        Aggregate a = g.attributions();
        Optional<Item> first = a.items().stream().findFirst().filter(i -> i.first() > 0);
        return first.map(i -> sentence(text("“%s” contributed most for %d of %d people; %d have it in their history", titles.apply(i.item()), i.first(),
                a.explained(), i.people()))).orElseGet(() -> sentence(text("No item added to the best output of any of %d people", a.explained())));
    }

    // ---- text

    private static String text(String format, Object... values) {
        // what is rounded to nothing has no sign
        return String.format(Locale.ROOT, format, values).replaceAll("(?<![0-9.])-(0\\.0+)(?![0-9])", "$1");
    }

    private static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    private static String list(List<String> parts) {
        return parts.size() == 1 ? parts.get(0)
                : String.join(", ", parts.subList(0, parts.size() - 1)) + " or " + parts.get(parts.size() - 1);
    }

    /** The first column to the left, numbers to the right. */
    private static void table(PrintStream out, List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(String.format("%-" + widths[0] + "s", row.get(0)));
            for (int i = 1; i < widths.length; i++) {
                line.append("  ").append(String.format("%" + widths[i] + "s", row.get(i)));
            }
            out.println(line);
        }
    }
}
