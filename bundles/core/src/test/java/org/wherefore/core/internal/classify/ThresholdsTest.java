package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.model.Decision;
import org.wherefore.core.internal.classify.Thresholds.Rule;

import com.fasterxml.jackson.databind.ObjectMapper;

class ThresholdsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double[] P = {.05, .1, .2, .3, .4, .6, .7, .8, .9, .95};
    private static final boolean[] Y = {false, false, false, true, false, false, true, false, true, true};

    private static Thresholds two(Rule rule) {
        return Thresholds.choose(List.of("pass", "review"), List.of(rule), P, Y);
    }

    @Test
    void byCostIsWhereAlarmsAndMissesCostLeast() {
        // dear alarms: only .9 and .95, both right; dear misses: all four positives
        assertThat(two(new Rule.Cost(10, 1)).steps().get(1).threshold()).isEqualTo(.9);
        assertThat(two(new Rule.Cost(1, 10)).steps().get(1).threshold()).isEqualTo(.3);
        // costs 1:1.5: from .9 on 3, from .7 on 2.5, from .3 on 3
        assertThat(two(new Rule.Cost(1, 1.5)).steps().get(1).threshold()).isEqualTo(.7);
        assertThat(two(new Rule.Cost(1, 0)).decide(.95, true).name()).isEqualTo("pass");
    }

    @Test
    void byCostOfTrueProbabilitiesIsTheClosedForm() {
        Random random = new Random(7);
        double[] p = random.doubles(400_000).toArray();
        boolean[] y = new boolean[p.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = random.nextDouble() < p[i];
        }
        for (double miss : new double[] {1, 4, 19}) {
            double t = Thresholds.choose(List.of("a", "b"), List.of(new Rule.Cost(1, miss)), p, y).steps().get(1).threshold();
            assertThat(t).isCloseTo(1 / (1 + miss), within(.02));
        }
    }

    @Test
    void byCapacityTakesAsManyAsCanBeLookedAtAndNeverMore() {
        assertThat(two(new Rule.Capacity(.3)).steps().get(1).threshold()).isEqualTo(.8);
        assertThat(two(new Rule.Capacity(.39)).steps().get(1).share()).isEqualTo(.3);
        assertThat(two(new Rule.Capacity(1)).steps().get(1).threshold()).isEqualTo(.05);
        assertThat(two(new Rule.Capacity(0)).steps().get(1).share()).isZero();
        Thresholds ties = Thresholds.choose(List.of("a", "b"), List.of(new Rule.Capacity(.5)), new double[] {.1, .5, .5, .9}, new boolean[4]);
        assertThat(ties.steps().get(1).threshold()).isEqualTo(.9);
        Thresholds certain = Thresholds.choose(List.of("a", "b"), List.of(new Rule.Capacity(.5)), new double[] {1, 1}, new boolean[2]);
        assertThat(certain.steps().get(1).threshold()).isEqualTo(1);
    }

    @Test
    void byF1IsTheBestOfAllThresholds() {
        Thresholds.Step chosen = two(new Rule.F1()).steps().get(1);
        double best = 0;
        for (double t : P) {
            best = Math.max(best, BinaryMetrics.at(t, P, Y).f1());
        }
        assertThat(BinaryMetrics.at(chosen.threshold(), P, Y).f1()).isEqualTo(best);
        assertThat(chosen.precision()).isEqualTo(.75);
        assertThat(chosen.recall()).isEqualTo(.75);
    }

    @Test
    void aHigherDecisionNeverBeginsBelowALowerOne() {
        Thresholds t = Thresholds.choose(List.of("pass", "review", "block"), List.of(new Rule.Capacity(.2), new Rule.F1()), P, Y);
        assertThat(t.steps()).extracting(Thresholds.Step::threshold).containsExactly(0.0, .9, .9);
        assertThat(t.decide(.9, true).name()).isEqualTo("block");
        assertThat(t.decide(.89, true).name()).isEqualTo("pass");
    }

    @Test
    void decidesFromTheThresholdOn() {
        Thresholds t = Thresholds.choose(List.of("pass", "review", "block"), List.of(new Rule.F1(), new Rule.Cost(10, 1)), P, Y);
        assertThat(t.decide(.7, true)).isEqualTo(new Decision(.7, true, "review", .7));
        assertThat(t.decide(.69, false)).isEqualTo(new Decision(.69, false, "pass", 0));
        assertThat(t.decide(1, true)).isEqualTo(new Decision(1, true, "block", .9));
        assertThatThrownBy(() -> t.decide(1.1, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comesBackFromJsonAsItWas() throws Exception {
        Thresholds t = Thresholds.choose(List.of("pass", "review", "block"), List.of(new Rule.Cost(1, 20), new Rule.Capacity(.1)), P, Y);
        assertThat(Thresholds.read(JSON.readTree(JSON.writeValueAsString(t.json())))).isEqualTo(t);
        assertThat(t.steps()).extracting(Thresholds.Step::rule).containsExactly("lowest", "cost of a false alarm 1.0, of a miss 20.0", "at most a share of 0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"steps\":[{\"decision\":\"a\"}]}",
        "{\"steps\":[{\"decision\":\"a\",\"threshold\":0.2,\"rule\":\"lowest\",\"share\":1,\"precision\":0,\"recall\":1}]}",
        "{\"steps\":[{\"decision\":\"a\",\"threshold\":\"0\",\"rule\":\"lowest\",\"share\":1,\"precision\":0,\"recall\":1}]}"})
    void refusesDamagedJson(String text) throws Exception {
        var json = JSON.readTree(text);
        assertThatThrownBy(() -> Thresholds.read(json)).hasMessageContaining("train the model again");
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> Thresholds.choose(List.of("a", "b"), List.of(), P, Y)).hasMessageContaining("a rule for each");
        assertThatThrownBy(() -> new Rule.Cost(-1, 2)).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> new Rule.Capacity(1.2)).hasMessageContaining("1.2");
    }
}
