package org.wherefore.core.internal.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.Event;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;

class ClaimAuditTest {
    private static final int ITEMS = 12;
    private final SequenceInstance history = new SequenceInstance(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, new int[8]);
    private final BitSet seen = bits(0, 1, 2, 3, 4, 5, 6, 7);

    @Test
    void showsTheEventThatTheModelActedOn() {
        double[][] w = new double[ITEMS][ITEMS];
        w[3][9] = 5;
        Claim claim = only("history", audit(model(w), Set.of("history")));
        assertThat(claim.items()).containsExactly("t3");
        assertThat(claim.test().effect()).containsEntry("scoreBefore", 5.5).containsEntry("scoreAfter", 0.5)
                .containsEntry("randomControl", 5.5).containsEntry("rankBefore", 1.0).containsEntry("rankAfter", 4.0);
    }

    @Test
    void withholdsAClaimWhenEveryEventMattersAlike() {
        double[][] w = new double[ITEMS][ITEMS];
        for (int i = 0; i < 8; i++) {
            w[i][9] = 1;
        }
        ClaimAudit.Audited audited = audit(model(w), Set.of("history"));
        assertThat(audited.claims()).isEmpty();
        assertThat(audited.withheld()).isEqualTo(1);
    }

    @Test
    void citesASharedAttributeOnlyWithTwoEventsThatHaveIt() {
        double[][] w = new double[ITEMS][ITEMS];
        w[0][9] = 2;
        w[1][9] = 2;
        w[2][9] = 2;
        Claim claim = only("attribute", audit(model(w), Set.of("attribute")));
        assertThat(claim.values()).containsEntry("attribute", "category").containsEntry("value", "Tea").containsEntry("count", "2");
        assertThat(claim.items()).containsExactly("t0", "t1");
    }

    @Test
    void aSecondRunGivesTheSameClaims() {
        double[][] w = new double[ITEMS][ITEMS];
        w[3][9] = 5;
        w[4][9] = 1;
        assertThat(audit(model(w), Set.of("history", "attribute", "cohort")))
                .isEqualTo(audit(model(w), Set.of("history", "attribute", "cohort")));
    }

    @Test
    void countsACohortFromThePopulation() {
        double[][] w = new double[ITEMS][ITEMS];
        w[3][9] = 5;
        Claim claim = only("cohort", audit(model(w), Set.of("cohort")));
        assertThat(claim.items()).containsExactly("t3");
        assertThat(claim.values()).containsEntry("both", "6").containsEntry("of", "8");
    }

    @Test
    void saysNothingOfAFallbackItemNobodyHas() {
        assertThat(ClaimAudit.fallback(new Output(0, "unheard", 1, 0), "no-history", people()).claims()).isEmpty();
        assertThat(ClaimAudit.fallback(new Output(9, "t9", 1, 0), "no-history", people()).claims().get(0).values())
                .containsEntry("users", "7").containsEntry("rank", "2");
    }

    @Test
    void withholdsAPairThatManyOtherPairsOutweigh() {
        double[][] w = new double[ITEMS][ITEMS];
        w[3][9] = 0.6;
        w[4][9] = 0.55;
        assertThat(only("history", audit(model(w), Set.of("history"), List.of(3, 4))).items()).containsExactly("t3", "t4");
        // the pair still decides the rank, but five of the fifteen other pairs hold item 5, which weighs more than both together
        w[3][9] = 0.15;
        w[4][9] = 0.15;
        w[5][9] = 0.45;
        ClaimAudit.Audited audited = audit(model(w), Set.of("history"), List.of(3, 4));
        assertThat(audited.claims()).isEmpty();
        assertThat(audited.withheld()).isEqualTo(1);
    }

    private ClaimAudit.Audited audit(ToyModel model, Set<String> kinds) {
        return audit(model, kinds, List.of(0, 1, 2, 3, 4, 5, 6, 7));
    }

    /** @param blamed positions that the strategy puts forward */
    private ClaimAudit.Audited audit(ToyModel model, Set<String> kinds, List<Integer> blamed) {
        List<Output> outputs = model.predict(history, 1, seen);
        List<Contribution> contributions = new ArrayList<>();
        for (int p : blamed) {
            contributions.add(new Contribution("history:t" + history.item(p), p,
                    outputs.get(0).score() - model.score(history.without(p), outputs.get(0).index()), 0));
        }
        contributions.sort((a, b) -> Double.compare(b.value(), a.value()));
        Attribution a = new Attribution(outputs.get(0).index(), outputs.get(0).score(), 0.5, contributions, 0);
        return new ClaimAudit(model, schema(), history, seen, people(), kinds, 7).personal(List.of(a), outputs).get(0);
    }

    private static Claim only(String kind, ClaimAudit.Audited audited) {
        assertThat(audited.claims()).extracting(Claim::kind).containsExactly(kind);
        return audited.claims().get(0);
    }

    private static ToyModel model(double[][] weight) {
        double[] bias = new double[ITEMS];
        bias[8] = 1;
        bias[9] = 0.5;
        bias[10] = 0.9;
        bias[11] = 0.8;
        return new ToyModel(bias, weight);
    }

    /** Ten people; eight have t3, seven have t9, six have both; more have t3 than t9. */
    private static CountedPopulation people() {
        List<List<Event>> all = new ArrayList<>();
        for (int u = 0; u < 10; u++) {
            List<Event> h = new ArrayList<>();
            if (u < 8) {
                h.add(event(u, 3));
            }
            if (u >= 2 && u < 9) {
                h.add(event(u, 9));
            }
            h.add(event(u, u == 9 ? 1 : 2 + 100 + u));
            all.add(h);
        }
        return new CountedPopulation(all);
    }

    private static Event event(int user, int item) {
        return new Event("e" + user + "-" + item, "u" + user, "t" + item, "view", Instant.EPOCH);
    }

    private static FeatureSchema schema() {
        List<int[]> attributes = new ArrayList<>(Collections.nCopies(ITEMS, new int[0]));
        attributes.set(0, new int[] {0});
        attributes.set(1, new int[] {0});
        attributes.set(9, new int[] {0});
        return new FeatureSchema(List.of(), IntStream.range(0, ITEMS).mapToObj(i -> "t" + i).toList(), List.of("view"),
                List.of("category=Tea"), attributes);
    }

    private static BitSet bits(int... set) {
        BitSet b = new BitSet();
        IntStream.of(set).forEach(b::set);
        return b;
    }
}
