package org.wherefore.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanation.Aggregate;
import org.wherefore.api.explain.GlobalExplanation.Dependence;
import org.wherefore.api.explain.GlobalExplanation.Fall;
import org.wherefore.api.explain.GlobalExplanation.Importance;
import org.wherefore.api.explain.GlobalExplanation.Item;
import org.wherefore.api.explain.GlobalExplanation.Share;
import org.wherefore.api.model.ModelInfo;

/** What a model looks at overall, as people read it. */
class GlobalTableTest {
    private static Importance importance(String feature, String change, double mean, double error) {
        return new Importance(feature, change, 100, new Fall(mean, 0, error), new Fall(mean, 0, error));
    }

    private static Dependence dependence(String feature, String value, double ndcg) {
        return new Dependence(feature, value, 90, 2, -1, 0.5, 3, ndcg, ndcg);
    }

    private static GlobalExplanation explanation(List<Importance> importances, List<Dependence> dependences, Aggregate aggregate) {
        return new GlobalExplanation(new ModelInfo("shop", 3, "toy", "sha256:0"), "sha256:d", 7, 100, 5, 0.8, 0.7, importances, dependences, aggregate);
    }

    private static final List<Importance> ORDER = List.of(importance("order", "shuffled", 0.1, 0.01));
    private static final Aggregate NOTHING = new Aggregate("toy", "1.0.0", 0, "out of ideas", List.of(), List.of());

    private static String print(GlobalTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theSentenceOnImportanceTellsWhatIsSignificantFromWhatIsNot() {
        GlobalTable table = new GlobalTable(explanation(List.of(importance("events:newest", "permuted", 0.4, 0.01), importance("events:newest", "removed", 0.21, 0.01),
                importance("order", "shuffled", 0.05, 0.02), importance("kinds", "permuted", 0.03, 0.02), importance("events:older", "removed", 0, 0),
                importance("events:2-5", "removed", -0.02, 0.001)), List.of(), NOTHING), id -> id);
        assertThat(table.sentences().get(0)).isEqualTo("Leaving the newest event out costs 0.210 of NDCG@10, shuffling the order 0.050; exchanging the kinds of"
                + " events or leaving all events before the newest 20 out changes NDCG@10 by no more than two standard errors;"
                + " leaving the newest events 2 to 5 out raises NDCG@10 by 0.020.");
    }

    @Test
    void whereNothingIsSignificantNoCostIsClaimed() {
        GlobalTable table = new GlobalTable(explanation(List.of(importance("order", "shuffled", 0.01, 0.02)), List.of(), NOTHING), id -> id);
        assertThat(table.sentences()).containsExactly("Shuffling the order changes NDCG@10 by no more than two standard errors.",
                "No item added to the best output of any of 0 people.");
        assertThat(print(table)).contains("100 people are not in it, the first because: out of ideas");
    }

    @Test
    void theSentenceOnLengthNamesTheFewestEventsThatDo() {
        assertThat(new GlobalTable(explanation(ORDER, List.of(dependence("length", "1", 0.5), dependence("length", "5", 0.68),
                dependence("length", "10", 0.72), dependence("length", "all", 0.7)), NOTHING), id -> id).sentences().get(1))
                .isEqualTo("From the newest event alone NDCG@10 is 0.500, from the whole history 0.700; the newest 5 are the fewest tried that give 95 %"
                        + " of that; it is highest from the newest 10, 0.720.");
        assertThat(new GlobalTable(explanation(ORDER, List.of(dependence("length", "1", 0.7), dependence("length", "all", 0.7)), NOTHING), id -> id)
                .sentences().get(1)).isEqualTo("From the newest event alone NDCG@10 is 0.700, from the whole history 0.700; that event gives 95 % of that.");
        assertThat(new GlobalTable(explanation(ORDER, List.of(dependence("length", "1", 0), dependence("length", "all", 0)), NOTHING), id -> id)
                .sentences().get(1)).isEqualTo("From the newest event alone NDCG@10 is 0.000, from the whole history 0.000.");
    }

    @Test
    void theSentencesOnKinds() {
        List<String> sentences = new GlobalTable(explanation(ORDER, List.of(dependence("kind", "view", 0.6), dependence("kind", "purchase", 0.5),
                dependence("newest-kind", "view", 0.7), dependence("newest-kind", "purchase", 0.7)), NOTHING), id -> id).sentences();
        assertThat(sentences).contains("Were every event of kind 'view', NDCG@10 would be 0.600, of kind 'purchase' 0.500; as it is, it is 0.700.",
                "NDCG@10 is 0.700 whichever kind the newest event has, and 0.700 as it is.");
    }

    @Test
    void theSentencesOnContributionsAndItems() {
        Aggregate a = new Aggregate("occlusion", "1.0.0", 100, "", List.of(new Share("position", "1", 0.5, 0.4, 100, 100),
                new Share("position", "2", 0.2, 0.16, 100, 100), new Share("position", "6-10", 0.11, 0.44, 500, 100),
                new Share("kind", "purchase", 0.3, 0.5, 300, 90), new Share("kind", "view", 0.1, 0.5, 400, 80),
                new Share("category", "Tea", 0.25, 0.2, 100, 60)), List.of(new Item("50", 0.75, 12, 20)));
        GlobalTable table = new GlobalTable(explanation(ORDER, List.of(), a), id -> "Title of " + id);
        assertThat(table.sentences()).containsSequence("The newest event has 40 % of what all events contribute, the newest five together 56 %.",
                "One 'purchase' contributes 0.300, one 'view' 0.100.",
                "Of the values of category that 5 people or more have, events on 'Tea' contribute most, 0.250 each; the mean of all events is 0.179.",
                "“Title of 50” contributed most for 12 of 100 people; 20 have it in their history.");
        assertThat(print(table)).contains("event, from the newest", "6-10", "Title of 50", "by occlusion 1.0.0");
    }

    @Test
    void whatIsRoundedToNothingHasNoSign() {
        String text = print(new GlobalTable(explanation(List.of(importance("kinds", "permuted", -0.00001, 0.1)),
                List.of(new Dependence("kind", "view", 1, 2, -0.0001, 0.5, 3, 0.5, 0.5)), NOTHING), id -> id));
        assertThat(text).contains("0.000 to 0.500").doesNotContain("-0.0");
    }

    @Test
    void everySentenceIsPrintedAndInTheJson() {
        GlobalExplanation g = explanation(ORDER, List.of(dependence("length", "1", 0.5),
                dependence("length", "all", 0.7)), new Aggregate("toy", "1.0.0", 3, "", List.of(new Share("position", "1", 1, 1, 3, 3)), List.of()));
        GlobalTable table = new GlobalTable(g, id -> id);
        String text = print(table);
        assertThat(table.sentences()).hasSize(4).allSatisfy(s -> assertThat(text).contains(s));
        assertThat(table.json().at("/sentences").size()).isEqualTo(4);
        assertThat(table.json().at("/model/version").asInt()).isEqualTo(3);
        assertThat(table.json().at("/importances/0/ndcg/mean").asDouble()).isEqualTo(0.1);
    }

    @Test
    void anOptionThatMayHaveANumber() {
        assertThat(arguments("shop", "--global", "--json").number("global", 300)).isEqualTo(300);
        assertThat(arguments("shop", "--global", "12", "--json").number("global", 300)).isEqualTo(12);
        assertThat(arguments("--global", "shop").positional(0, "DOMAIN", "")).isEqualTo("shop");
        assertThat(arguments("shop").flag("global")).isFalse();
        assertThatThrownBy(() -> arguments("--globe")).isInstanceOf(WhereforeException.class);
    }

    private static Arguments arguments(String... args) {
        return new Arguments("usage", List.of(args), Set.of(), Set.of("json"), Set.of("global"));
    }
}
