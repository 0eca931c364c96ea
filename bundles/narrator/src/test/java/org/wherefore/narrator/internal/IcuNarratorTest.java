package org.wherefore.narrator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;

class IcuNarratorTest {
    private static final Map<String, String> TITLES = Map.of("C", "Ref, The (1994)", "1", "Star Wars (1977)", "2", "Raiders of the Lost Ark (1981)",
            "3", "Alien (1979)", "A", "Green Tea", "B", "Teapot", "odd", "{0} isn''t <b>'{title}'</b> \"x\" {items, plural,");
    private final IcuNarrator narrator = new IcuNarrator();

    private static Claim claim(String kind, String items, String... values) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < values.length; i += 2) {
            map.put(values[i], values[i + 1]);
        }
        return new Claim(kind, "9", items.isEmpty() ? List.of() : Arrays.asList(items.split(",")), map,
                new ClaimTest("t", Map.of()), Verdict.SUPPORTED);
    }

    private static Arguments row(String domain, Claim claim, String english, String chinese) {
        return Arguments.of(domain, claim, english, chinese);
    }

    static Stream<Arguments> sentences() {
        String shop = "ecommerce";
        return Stream.of(
                row(shop, claim("history", "1", "kind", "rating"), "Because you watched Star Wars (1977).",
                        "因为你看过《Star Wars (1977)》。"),
                row(shop, claim("history", "1,2", "verb", "watch"),
                        "Because you watched Star Wars (1977) and Raiders of the Lost Ark (1981).",
                        "因为你看过《Star Wars (1977)》和《Raiders of the Lost Ark (1981)》。"),
                row(shop, claim("history", "1,3,2", "kind", "watch"),
                        "Because you watched Star Wars (1977), Alien (1979), and Raiders of the Lost Ark (1981).",
                        "因为你看过《Star Wars (1977)》、《Alien (1979)》和《Raiders of the Lost Ark (1981)》。"),
                row(shop, claim("history", "A,B", "kind", "purchase"), "Because you bought Green Tea and Teapot.",
                        "因为你买过“Green Tea”和“Teapot”。"),
                row(shop, claim("history", "C", "kind", "watch"), "Because you watched Ref, The (1994).", "因为你看过《Ref, The (1994)》。"),
                row(shop, claim("history", "C,1", "kind", "watch"), "Because you watched “Ref, The (1994)” and “Star Wars (1977)”.",
                        "因为你看过《Ref, The (1994)》和《Star Wars (1977)》。"),
                row(shop, claim("history", "A", "kind", "cart"), "Because you put Green Tea in your cart.",
                        "因为你把“Green Tea”放进了购物车。"),
                row(shop, claim("history", "A", "kind", "view"), "Because you looked at Green Tea.", "因为你浏览过“Green Tea”。"),
                row(shop, claim("history", "A", "kind", "wishlist"), "Because of Green Tea in your history.", "因为你接触过“Green Tea”。"),
                row(shop, claim("history", "77"), "Because of 77 in your history.", "因为你接触过“77”。"),
                row(shop, claim("history", "A,B", "kind", "purchase", "others", "1"),
                        "Because you bought Green Tea, Teapot, and 1 other.", "因为你买过“Green Tea”、“Teapot”和另外 1 件。"),
                row(shop, claim("history", "A", "kind", "purchase", "others", "1200"),
                        "Because you bought Green Tea and 1,200 others.", "因为你买过“Green Tea”和另外 1,200 件。"),
                row("fraud", claim("history", "A,B", "kind", "purchase"), "Because of Green Tea and Teapot in your history.",
                        "因为你接触过“Green Tea”和“Teapot”。"),
                row("fraud", claim("unusual", "", "factor", "customer-amount", "amount", "1291.4", "customer.amount.mean.30d", "58.2871",
                        "customer.count.30d", "41.0", "usual.amount", "58.2871", "times.amount", "22.156"),
                        "The amount, 1,291.40, is 22.2 times what this customer usually pays: 58.29 on average, in 41 payments of the 30 days before.",
                        "交易金额 1,291.40 是该客户平常金额的 22.2 倍：此前 30 天的 41 笔交易平均为 58.29。"),
                row("fraud", claim("unusual", "", "factor", "terminal-risk", "terminal.count.30d", "24.0", "terminal.risk.30d", "0.2916666666666667"),
                        "7 of the 24 payments at this terminal in the latest 30 days whose outcome is known were frauds.",
                        "在结果已知的最近 30 天里，该终端的 24 笔交易中有 7 笔是欺诈。"),
                row("fraud", claim("unusual", "", "factor", "terminal-risk", "terminal.count.30d", "24.0", "terminal.risk.30d", "0.041666666666666664"),
                        "One of the 24 payments at this terminal in the latest 30 days whose outcome is known was a fraud.",
                        "在结果已知的最近 30 天里，该终端的 24 笔交易中有 1 笔是欺诈。"),
                row("fraud", claim("unusual", "", "factor", "terminal-risk", "terminal.count.30d", "1.0", "terminal.risk.30d", "1.0"),
                        "The only payment at this terminal in the latest 30 days whose outcome is known was a fraud.",
                        "在结果已知的最近 30 天里，该终端的 1 笔交易中有 1 笔是欺诈。"),
                row("fraud", claim("unusual", "", "factor", "amount-ceiling", "amount", "412.0", "usual.amount", "44.63", "share.amount", "99.9"),
                        "The amount, 412.00, is higher than 99.9 % of all amounts that the model learned from; half of those are below 44.63.",
                        "交易金额 412.00 高于模型所学全部交易金额的 99.9%；其中一半低于 44.63。"),
                row("fraud", claim("unusual", "", "factor", "of another version"), "", ""),
                row(shop, claim("attribute", "A,B", "attribute", "category", "value", "Tea", "count", "3"),
                        "It is in the same category, Tea, as 3 things you came across, such as Green Tea and Teapot.",
                        "它与你接触过的“Green Tea”和“Teapot”等 3 件商品同属“Tea”类。"),
                row(shop, claim("attribute", "A,B", "attribute", "category", "value", "Tea", "count", "2", "kind", "purchase"),
                        "It is in the same category, Tea, as 2 things you bought: Green Tea and Teapot.",
                        "它与你买过的“Green Tea”和“Teapot”同属“Tea”类。"),
                row(shop, claim("attribute", "A", "attribute", "brand", "value", "Hario", "count", "1", "kind", "view"),
                        "It is from the same brand, Hario, as Green Tea, which you looked at.",
                        "它与你浏览过的“Green Tea”是同一品牌（Hario）。"),
                row(shop, claim("attribute", "", "attribute", "brand", "value", "Hario", "count", "1", "kind", "cart"),
                        "It is from the same brand, Hario, as 1 thing you put in your cart.",
                        "它与你放进过购物车的 1 件商品是同一品牌（Hario）。"),
                row(shop, claim("attribute", "A,B", "attribute", "price", "value", "10–20", "count", "4", "kind", "purchase"),
                        "It is in the same price band, 10–20, as 4 things you bought, such as Green Tea and Teapot.",
                        "它与你买过的“Green Tea”和“Teapot”等 4 件商品在同一价位（10–20）。"),
                row(shop, claim("attribute", "A,B", "attribute", "attribute", "value", "12", "count", "2"),
                        "It shares a product attribute (no. 12) with 2 things you came across: Green Tea and Teapot.",
                        "它与你接触过的“Green Tea”和“Teapot”有一个相同的商品属性（编号 12）。"),
                row(shop, claim("attribute", "A,B", "attribute", "attribute", "value", "add-on", "count", "2", "kind", "purchase"),
                        "It shares the mark “add-on” with 2 things you bought: Green Tea and Teapot.",
                        "它与你买过的“Green Tea”和“Teapot”都标有“add-on”。"),
                row(shop, claim("attribute", "1", "attribute", "genre", "value", "Sci-Fi", "count", "2000", "kind", "rating"),
                        "It has the same genre, Sci-Fi, as 2,000 things you watched, such as Star Wars (1977).",
                        "它与你看过的《Star Wars (1977)》等 2,000 部影片的“genre”相同（Sci-Fi）。"),
                row(shop, claim("cohort", "A", "both", "31", "of", "240"), "Of 240 people with Green Tea in their history, 31 have this in it, too.",
                        "在接触过“Green Tea”的 240 人中，有 31 人也接触过它。"),
                row(shop, claim("cohort", "A", "both", "1", "of", "1", "kind", "purchase"),
                        "The only person who bought Green Tea also bought this.", "在买过“Green Tea”的 1 人中，有 1 人也买了它。"),
                row(shop, claim("cohort", "1", "both", "1031", "of", "2991", "kind", "rating"),
                        "1,031 of 2,991 people who watched Star Wars (1977) also watched this.",
                        "在看过《Star Wars (1977)》的 2,991 人中，有 1,031 人也看了它。"),
                row(shop, claim("cohort", "A", "both", "2", "of", "9", "kind", "cart"),
                        "2 of 9 people who put Green Tea in their cart also put this in it.",
                        "在把“Green Tea”放进购物车的 9 人中，有 2 人也把它放进了购物车。"),
                row(shop, claim("fallback", "", "users", "583", "rank", "2", "reason", "no-history"),
                        "583 people have it in their history, which makes it number 2 of all; we know nothing of you yet.",
                        "大家都喜欢：583 人接触过，热门榜第 2 名；我们还不了解你的喜好。"),
                row(shop, claim("fallback", "", "users", "1", "rank", "1000", "reason", "no-model"),
                        "1 person has it in their history, which makes it number 1,000 of all; personal predictions are not ready yet.",
                        "大家都喜欢：1 人接触过，热门榜第 1,000 名；个性化预测还没有准备好。"),
                row(shop, claim("fallback", "", "users", "5", "rank", "1", "reason", "unknown-items"),
                        "5 people have it in their history, which makes it number 1 of all; we know nothing yet of the things you came across.",
                        "大家都喜欢：5 人接触过，热门榜第 1 名；我们还不了解你接触过的东西。"),
                row(shop, claim("fallback", "", "users", "5", "rank", "1"),
                        "5 people have it in their history, which makes it number 1 of all.", "大家都喜欢：5 人接触过，热门榜第 1 名。"),
                row(shop, claim("history", "odd", "kind", "purchase"), "Because you bought " + TITLES.get("odd") + ".",
                        "因为你买过“" + TITLES.get("odd") + "”。"),
                row(shop, claim("attribute", "odd", "attribute", "category", "value", "{did}'{", "kind", "purchase"),
                        "It is in the same category, {did}'{, as " + TITLES.get("odd") + ", which you bought.",
                        "它与你买过的“" + TITLES.get("odd") + "”同属“{did}'{”类。"),
                row(shop, claim("counterfactual", "1,3", "kind", "rating", "k", "10"),
                        "Without Star Wars (1977) and Alien (1979) this would not be among the ten.",
                        "如果没有《Star Wars (1977)》和《Alien (1979)》，它就不会进入前 10 名。"),
                row(shop, claim("counterfactual", "A", "kind", "purchase", "k", "1"), "Without Green Tea this would not come first.",
                        "如果没有“Green Tea”，它就不会排在第一。"),
                row("fraud", claim("counterfactual", "C,A", "k", "20"),
                        "Without “Ref, The (1994)” and “Green Tea” this would not be among the twenty.",
                        "如果没有“Ref, The (1994)”和“Green Tea”，它就不会进入前 20 名。"),
                row(shop, claim("example", "", "supporting", "3", "of", "5"), "3 of the 5 most similar histories went on to this.",
                        "在与你最相似的 5 份历史中，有 3 份接下来就是它。"),
                row(shop, claim("contrast", "1,2", "kind", "rating", "other", "3"),
                        "9 comes before Alien (1979) because you watched Star Wars (1977) and Raiders of the Lost Ark (1981).",
                        "《9》排在《Alien (1979)》之前，因为你看过《Star Wars (1977)》和《Raiders of the Lost Ark (1981)》。"),
                row(shop, claim("contrast", "A", "kind", "purchase", "other", "B"), "9 comes before Teapot because you bought Green Tea.",
                        "“9”排在“Teapot”之前，因为你买过“Green Tea”。"),
                row(shop, claim("contrast", "A", "kind", "cart", "other", "B"), "9 comes before Teapot because you put Green Tea in your cart.",
                        "“9”排在“Teapot”之前，因为你把“Green Tea”放进了购物车。"),
                row(shop, claim("contrast", "A", "other", "B"), "9 comes before Teapot because of Green Tea in your history.",
                        "“9”排在“Teapot”之前，因为你接触过“Green Tea”。"),
                row("fraud", claim("contrast", "A", "other", "B"), "9 comes before Teapot because of Green Tea in your history.",
                        "“9”排在“Teapot”之前，因为你接触过“Green Tea”。"),
                row(shop, claim("counterfactual", "", "k", "10"), "", ""), row(shop, claim("counterfactual", "A"), "", ""),
                row(shop, claim("example", "", "supporting", "6", "of", "5"), "", ""), row(shop, claim("contrast", "A"), "", ""),
                // Nothing is said where there are no words or the figures are missing.
                row(shop, claim("horoscope", "A"), "", ""), row(shop, claim("history", ""), "", ""),
                row(shop, claim("cohort", "A", "both", "3"), "", ""), row(shop, claim("cohort", "A", "both", "9", "of", "3"), "", ""),
                row(shop, claim("fallback", "", "users", "many", "rank", "2"), "", ""),
                row(shop, claim("attribute", "A", "attribute", "brand"), "", ""));
    }

    @ParameterizedTest(name = "[{index}] {2}")
    @MethodSource("sentences")
    void saysItInEnglishAndChinese(String domain, Claim claim, String english, String chinese) {
        UnaryOperator<String> titles = TITLES::get;
        assertThat(narrator.sentence(domain, claim, Locale.ENGLISH, titles)).isEqualTo(english);
        assertThat(narrator.sentence(domain, claim, Locale.CHINESE, titles)).isEqualTo(chinese);
    }

    @Test
    void followsTheRegionAndFallsBackToEnglish() {
        Claim claim = claim("history", "1,3,2", "kind", "watch");
        assertThat(narrator.sentence("ecommerce", claim, Locale.UK, TITLES::get))
                .isEqualTo("Because you watched Star Wars (1977), Alien (1979) and Raiders of the Lost Ark (1981).");
        assertThat(narrator.sentence("ecommerce", claim, Locale.FRANCE, TITLES::get))
                .isEqualTo(narrator.sentence("ecommerce", claim, Locale.ENGLISH, TITLES::get));
        assertThat(narrator.sentence("ecommerce", claim, Locale.ROOT, TITLES::get)).startsWith("Because you watched");
        assertThat(narrator.sentence("../x", claim, Locale.SIMPLIFIED_CHINESE, id -> "")).isEqualTo("因为你接触过“1”、“3”和“2”。");
        assertThat(narrator.locales()).containsExactlyInAnyOrder(Locale.ENGLISH, Locale.CHINESE);
    }

    @Test
    void tellsHistoryFirstThenAttributeThenCohortAndNothingRefutedOrTwice() {
        Claim history = claim("history", "A", "kind", "purchase");
        Claim refuted = new Claim("history", "9", List.of("B"), Map.of(), new ClaimTest("t", Map.of()), Verdict.REFUTED);
        List<Claim> claims = List.of(claim("cohort", "A", "both", "2", "of", "9", "kind", "purchase"), claim("horoscope", ""),
                claim("attribute", "A", "attribute", "brand", "value", "Hario", "kind", "purchase"), refuted, history, history);
        assertThat(narrator.text("ecommerce", claims, Locale.ENGLISH, TITLES::get)).isEqualTo("Because you bought Green Tea."
                + " It is from the same brand, Hario, as Green Tea, which you bought."
                + " 2 of 9 people who bought Green Tea also bought this.");
        assertThat(narrator.text("ecommerce", claims, Locale.CHINESE, TITLES::get)).isEqualTo(
                "因为你买过“Green Tea”。它与你买过的“Green Tea”是同一品牌（Hario）。在买过“Green Tea”的 9 人中，有 2 人也买了它。");
        assertThat(narrator.text("ecommerce", List.of(), Locale.ENGLISH, TITLES::get)).isEmpty();
    }

    @Test
    void bothLanguagesHaveTheSameKeys() {
        for (String domain : List.of("", "ecommerce")) {
            assertThat(Wording.of(domain, "zh").patterns().keySet()).isEqualTo(Wording.of(domain, "en").patterns().keySet());
        }
    }
}
