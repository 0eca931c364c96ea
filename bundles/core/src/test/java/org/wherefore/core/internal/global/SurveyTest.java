package org.wherefore.core.internal.global;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanation.Dependence;
import org.wherefore.api.explain.GlobalExplanation.Fall;
import org.wherefore.api.explain.GlobalExplanation.Importance;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.testkit.model.ToyModel;

class SurveyTest {
    private static final int ITEMS = 60;
    private static final int LENGTH = 8;
    private static final FeatureSchema SCHEMA = schema();

    private static FeatureSchema schema() {
        FeatureSchemas schemas = FeatureSchemas.sequence().kinds("view", "purchase");
        IntStream.range(0, ITEMS).forEach(i -> schemas.target("i" + i));
        return schemas.build();
    }

    /** Different items, half of them bought; the answer is the item after the newest, and so far behind that ties never reach the best ten. */
    private static List<Held> people(int count, int length) {
        Random random = new Random(5);
        List<Held> out = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            List<Integer> items = new ArrayList<>(IntStream.range(30, ITEMS - 1).boxed().toList());
            Collections.shuffle(items, random);
            int[] history = items.stream().limit(length).mapToInt(i -> i).toArray();
            int[] kinds = IntStream.range(0, length).map(i -> (i + 1) % 2).toArray();
            BitSet seen = new BitSet();
            IntStream.of(history).forEach(seen::set);
            out.add(new Held(new SequenceInstance(history, kinds), history[length - 1] + 1, seen));
        }
        return out;
    }

    /** Knows what follows the newest event, and nothing else. */
    private static Model newestOnly() {
        return ToyFunction.of(SCHEMA, SequenceInstance.class, (h, t) -> h.item(h.length() - 1) + 1 == t ? 1.0 : 0.0);
    }

    private static Survey survey(Model model, List<Held> people, long seed) {
        return Survey.of(model, SCHEMA, people, 5, seed, done -> { });
    }

    private static Importance importance(Survey survey, String feature, String change) {
        return survey.importances().stream().filter(i -> i.feature().equals(feature) && i.change().equals(change)).findFirst().orElseThrow();
    }

    private static Dependence dependence(Survey survey, String feature, String value) {
        return survey.dependences().stream().filter(d -> d.feature().equals(feature) && d.value().equals(value)).findFirst().orElseThrow();
    }

    @Test
    void orderAndKindsAreWorthNothingToAModelThatAddsUp() {
        Survey survey = survey(ToyModel.additive(SCHEMA), people(40, LENGTH), 7);
        for (Importance i : List.of(importance(survey, GlobalExplanation.ORDER, GlobalExplanation.SHUFFLED),
                importance(survey, GlobalExplanation.KINDS, GlobalExplanation.PERMUTED))) {
            assertThat(i.changed()).as("it was asked").isEqualTo(40);
            assertThat(i.ndcg()).isEqualTo(new Fall(0, 0, 0));
            assertThat(i.hr()).isEqualTo(new Fall(0, 0, 0));
            assertThat(i.ndcg().significant()).isFalse();
        }
        assertThat(survey.dependences().stream().filter(d -> !d.feature().equals(GlobalExplanation.LENGTH)))
                .hasSize(4).allSatisfy(d -> assertThat(new double[] {d.low(), d.high()}).containsOnly(0));
    }

    @Test
    void aModelThatReadsTheNewestEventOnlyIsFoundOut() {
        List<Held> people = people(200, LENGTH);
        Survey survey = survey(newestOnly(), people, 7);
        assertThat(survey.ndcg()).isEqualTo(1);
        assertThat(survey.hr()).isEqualTo(1);
        assertThat(importance(survey, GlobalExplanation.NEWEST, GlobalExplanation.REMOVED).ndcg()).isEqualTo(new Fall(1, 0, 0));
        for (String feature : List.of(GlobalExplanation.RECENT, GlobalExplanation.EARLIER)) {
            for (String change : List.of(GlobalExplanation.REMOVED, GlobalExplanation.PERMUTED)) {
                Importance i = importance(survey, feature, change);
                assertThat(i.changed()).isEqualTo(200);
                assertThat(i.hr()).isEqualTo(new Fall(0, 0, 0));
            }
        }
        assertThat(survey.importances()).extracting(Importance::feature).as("nobody has an older event")
                .doesNotContain(GlobalExplanation.OLDER).startsWith(GlobalExplanation.NEWEST);
        Fall order = importance(survey, GlobalExplanation.ORDER, GlobalExplanation.SHUFFLED).hr();
        assertThat(order.mean()).as("one shuffle of eight leaves the newest where it is").isCloseTo(7.0 / 8, within(4 * order.peopleError()));
        assertThat(order.repeatError()).isBetween(1e-9, 0.05);
        Fall exchanged = importance(survey, GlobalExplanation.NEWEST, GlobalExplanation.PERMUTED).hr();
        assertThat(exchanged.mean()).as("hardly anybody else has the same newest event").isGreaterThan(0.9).isLessThan(1);
    }

    @Test
    void dependenceOnTheLengthOfTheHistory() {
        List<Held> people = people(50, LENGTH);
        Survey newest = survey(newestOnly(), people, 7);
        assertThat(newest.dependences().stream().filter(d -> d.feature().equals(GlobalExplanation.LENGTH))).extracting(Dependence::value)
                .containsExactly("1", "2", "3", "5", "all");
        assertThat(dependence(newest, GlobalExplanation.LENGTH, "1")).isEqualTo(new Dependence(GlobalExplanation.LENGTH, "1", 50, 1, 0, 0, 1, 1, 1));
        assertThat(dependence(newest, GlobalExplanation.LENGTH, "all").changed()).isZero();

        ToyModel additive = ToyModel.additive(SCHEMA);
        Survey survey = survey(additive, people, 7);
        double mean = people.stream().mapToDouble(p -> additive.scoreOf(p.input().without(0, 1, 2, 3, 4, 5), p.answer())).average().orElseThrow();
        Dependence two = dependence(survey, GlobalExplanation.LENGTH, "2");
        assertThat(two.score()).isCloseTo(mean, within(1e-9));
        assertThat(two.low()).as("people differ in what their older events add").isLessThan(two.high());
    }

    @Test
    void kindsMatterToAModelThatCountsPurchasesOnly() {
        Model buyers = ToyFunction.of(SCHEMA, SequenceInstance.class,
                (h, t) -> h.kind(h.length() - 1) == 1 && h.item(h.length() - 1) + 1 == t ? 1.0 : 0.0);
        // the newest event is a view for histories of even length, a purchase for odd ones
        List<Held> people = people(100, 7);
        Survey survey = survey(buyers, people, 7);
        assertThat(survey.hr()).isEqualTo(1);
        assertThat(dependence(survey, GlobalExplanation.NEWEST_KIND, "view").hr()).isZero();
        assertThat(dependence(survey, GlobalExplanation.NEWEST_KIND, "view").rank()).isGreaterThan(10);
        assertThat(dependence(survey, GlobalExplanation.NEWEST_KIND, "purchase").hr()).isEqualTo(1);
        assertThat(dependence(survey, GlobalExplanation.KIND, "view").changed()).isEqualTo(100);
        Fall kinds = importance(survey, GlobalExplanation.KINDS, GlobalExplanation.PERMUTED).hr();
        assertThat(kinds.mean()).as("four events of seven are purchases").isCloseTo(3.0 / 7, within(4 * kinds.peopleError()));
        assertThat(kinds.significant()).isTrue();
    }

    @Test
    void theErrorOverPeopleIsThatOfAMean() {
        // every second person is answered by the newest event, the others never
        List<Held> people = new ArrayList<>(people(100, LENGTH));
        for (int p = 0; p < people.size(); p += 2) {
            Held h = people.get(p);
            people.set(p, new Held(h.input(), 29, h.seen()));
        }
        int n = people.size();
        double share = 0.5;
        Fall fall = importance(survey(newestOnly(), people, 7), GlobalExplanation.NEWEST, GlobalExplanation.REMOVED).hr();
        assertThat(fall.mean()).isCloseTo(share, within(1e-12));
        assertThat(fall.repeatError()).isZero();
        assertThat(fall.peopleError()).isCloseTo(Math.sqrt(share * (1 - share) / (n - 1)), within(1e-12));
    }

    @Test
    void sameSeedSameFigures() {
        List<Held> people = people(60, LENGTH);
        ToyModel model = ToyModel.additive(SCHEMA).withPair(31, 32, 9);
        Survey first = survey(model, people, 7);
        for (int i = 0; i < 5; i++) {
            Survey again = survey(model, people, 7);
            assertThat(again.importances()).isEqualTo(first.importances());
            assertThat(again.dependences()).isEqualTo(first.dependences());
        }
        assertThat(survey(newestOnly(), people, 8).importances()).isNotEqualTo(survey(newestOnly(), people, 7).importances());
    }
}
