package org.wherefore.domain.fraud.internal;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.report.Case;
import org.wherefore.api.report.Report;

/** Writes the report of one judged payment, for whoever has to decide about it. One use, one thread. */
final class FraudReport {
    private static final List<String> WINDOWS = List.of("1d", "7d", "30d");
    private static final int MOST_FACTORS = 6;
    /** Of what raised the score; less is not worth a line. */
    private static final double LEAST_SHARE = 0.005;
    private static final String FEATURE = "feature:";
    private final Case about;
    private final DataRecord record;
    private final Map<String, String> texts;
    private final Locale locale;

    /** @param texts in the language of {@code locale} */
    FraudReport(Case about, Map<String, String> texts, Locale locale) {
        this.about = about;
        this.record = (DataRecord) about.prediction().input();
        this.texts = texts;
        this.locale = locale;
    }

    Report report() {
        String decision = say("decision." + about.output().decision().name());
        return new Report(say("report.title", record.text("id").orElse(""), decision), say("report.subtitle"), locale, List.of(
                section("decision", decision(decision)), section("reasons", reasons()), section("usual", usual()), section("otherwise", otherwise()),
                section("similar", similar()), section("trust", trust()), section("origin", origin())));
    }

    private String say(String key, Object... arguments) {
        return new MessageFormat(texts.get(key), Locale.ROOT).format(arguments);
    }

    private Report.Section section(String name, List<? extends Report.Block> blocks) {
        return new Report.Section(say("section." + name), List.copyOf(blocks));
    }

    private Report.Fact fact(String name, String value) {
        return new Report.Fact(say("fact." + name), value == null || value.isEmpty() ? say("missing") : value);
    }

    private static String number(String pattern, double value) {
        return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ENGLISH)).format(value);
    }

    private static String money(double amount) {
        return number("#,##0.00", amount);
    }

    private static String percent(double share) {
        return number(share < 0.1 ? "0.00 %" : "0.0 %", share);
    }

    private static String time(Instant time) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC).format(time);
    }

    private double field(String name) {
        return record.schema().indexOf(name) < 0 ? Double.NaN : record.number(name).orElse(Double.NaN);
    }

    private List<Report.Block> decision(String decision) {
        List<Report.Fact> facts = new ArrayList<>(List.of(fact("decision", decision), fact("probability", percent(about.output().decision().probability())),
                fact("threshold", percent(about.output().decision().threshold())), fact("transaction", record.text("id").orElse("")),
                fact("time", record.time("time").map(FraudReport::time).orElse("")), fact("customer", record.text("customer").orElse("")),
                fact("terminal", record.text("terminal").orElse("")), fact("amount", money(field(FraudPack.AMOUNT))),
                fact("judged", time(about.prediction().time()))));
        if (!about.prediction().fallback().isEmpty()) {
            facts.add(fact("fallback", about.prediction().fallback()));
        }
        return List.of(new Report.Facts(facts));
    }

    private List<Report.Block> reasons() {
        List<Report.Block> blocks = new ArrayList<>();
        about.sentences().forEach(s -> blocks.add(new Report.Text(s)));
        if (about.sentences().isEmpty()) {
            blocks.add(new Report.Text(say("reasons.none")));
        }
        List<Contribution> up = about.explanation().attribution() == null ? List.of()
                : about.explanation().attribution().contributions().stream().filter(c -> c.value() > 0)
                        .sorted((a, b) -> Double.compare(b.value(), a.value())).toList();
        double all = up.stream().mapToDouble(Contribution::value).sum();
        List<List<String>> rows = up.stream().filter(c -> c.value() / all >= LEAST_SHARE).limit(MOST_FACTORS)
                .map(c -> List.of(feature(c.feature()), number("0.0 %", c.value() / all))).toList();
        if (!rows.isEmpty()) {
            blocks.add(new Report.Table(List.of(say("factors.head.factor"), say("factors.head.share")), rows));
            blocks.add(new Report.Text(say("factors.note", about.explanation().strategy())));
        }
        return blocks;
    }

    /** {@code feature:customer.count.7d} in words; a feature without words under its own name. */
    private String feature(String id) {
        String name = id.startsWith(FEATURE) ? id.substring(FEATURE.length()) : id;
        if (texts.containsKey("feature." + name)) {
            return say("feature." + name);
        }
        int dot = Math.max(0, name.lastIndexOf('.'));
        String pattern = "feature." + name.substring(0, dot);
        String window = name.substring(Math.min(name.length(), dot + 1));
        return texts.containsKey(pattern) && WINDOWS.contains(window) ? say(pattern, say("window." + window)) : name;
    }

    private List<Report.Block> usual() {
        List<Report.Block> blocks = new ArrayList<>();
        List<Report.Bar> amounts = new ArrayList<>();
        List<Report.Bar> risks = new ArrayList<>();
        for (String window : WINDOWS) {
            double mean = field("customer.amount.mean." + window);
            if (mean >= 0) {
                amounts.add(new Report.Bar(say("bar.mean", say("window." + window)), mean, money(mean), false));
            }
            double risk = field("terminal.risk." + window);
            if (field("terminal.count." + window) > 0 && risk >= 0) {
                risks.add(new Report.Bar(say("window." + window), risk, number("0.0 %", risk), true));
            }
        }
        if (amounts.isEmpty()) {
            blocks.add(new Report.Text(say("bars.none")));
        } else {
            amounts.add(0, new Report.Bar(say("bar.this"), Math.max(0, field(FraudPack.AMOUNT)), money(field(FraudPack.AMOUNT)), true));
            blocks.add(new Report.Bars(say("bars.amount"), amounts));
        }
        if (risks.stream().anyMatch(b -> b.value() > 0)) {
            blocks.add(new Report.Bars(say("bars.risk"), risks));
        }
        return blocks;
    }

    private List<Report.Block> otherwise() {
        double acted = about.steps().get(1).threshold();
        if (about.output().decision().probability() < acted) {
            return List.of(new Report.Text(say("otherwise.passed")));
        }
        List<Report.Block> blocks = new ArrayList<>();
        about.turns().stream().filter(t -> t.field().equals(FraudPack.AMOUNT)).forEach(t -> blocks.add(new Report.Text(
                say("otherwise.amount", money(t.to()), money(t.from()), percent(t.probability())))));
        for (Claim c : about.explanation().claims()) {
            Double after = c.test().effect().get("probabilityAfter");
            if ("terminal-risk".equals(c.values().get("factor")) && after != null && after < acted) {
                blocks.add(new Report.Text(say("otherwise.terminal", percent(after))));
            }
        }
        return blocks.isEmpty() ? List.of(new Report.Text(say("otherwise.nothing"))) : blocks;
    }

    private List<Report.Block> similar() {
        List<Case.Precedent> nearest = about.precedents().nearest();
        if (nearest.isEmpty()) {
            return List.of(new Report.Text(say("similar.none")));
        }
        List<List<String>> rows = nearest.stream().map(p -> List.of(say(p.positive() ? "similar.fraud" : "similar.fine"), value(p, FraudPack.AMOUNT, "#,##0.00"),
                value(p, "amount.ratio.30d", "#,##0.0"), value(p, FraudPack.TERMINAL_RISK, "0.0 %"))).toList();
        return List.of(new Report.Text(say("similar.note", nearest.size(), nearest.stream().filter(Case.Precedent::positive).count(),
                number("#,##0", about.precedents().looked()), number("#,##0", about.precedents().positives()))),
                new Report.Table(List.of(say("similar.head.outcome"), say("similar.head.amount"), say("similar.head.times"), say("similar.head.risk")), rows));
    }

    private static String value(Case.Precedent of, String feature, String pattern) {
        Double value = of.values().get(feature);
        return value == null ? "–" : number(pattern, value);
    }

    private List<Report.Block> trust() {
        if (about.calibrationCases() == 0) {
            return List.of(new Report.Text(say("trust.uncalibrated")));
        }
        List<Report.Block> blocks = new ArrayList<>();
        blocks.add(new Report.Text(say("trust.calibrated", number("#,##0", about.calibrationCases()))));
        about.steps().stream().skip(1).filter(s -> s.decision().equals(about.output().decision().name()) && !Double.isNaN(s.share()))
                .forEach(s -> blocks.add(new Report.Text(say("trust.step", percent(s.share()), percent(s.precision()), percent(s.recall())))));
        Map<String, Double> m = about.model().metrics();
        if (m.containsKey("averagePrecision") && m.containsKey("rocAuc") && m.containsKey("ece")) {
            blocks.add(new Report.Text(say("trust.tested", number("0.000", m.get("averagePrecision")), number("0.000", m.get("rocAuc")),
                    number("0.0000", m.get("ece")))));
        }
        return blocks;
    }

    private List<Report.Block> origin() {
        var info = about.model().info();
        Map<String, String> p = about.model().provenance();
        return List.of(new Report.Facts(List.of(fact("model", info.name() + ":" + info.version()), fact("engine", info.engine()), fact("digest", info.digest()),
                fact("trained", time(about.model().created())), fact("data", p.get("dataSet")), fact("dataDigest", p.get("dataDigest")),
                fact("slice", p.getOrDefault("slices.train", p.get("slices"))), fact("prediction", about.prediction().id()))));
    }
}
