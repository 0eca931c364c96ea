package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

class CalibrationErrorTest {
    @Test
    void weighsTheDistanceOfEachBinByItsCases() {
        double[] p = {.1, .2, .3, .6, .9, 1};
        boolean[] y = {false, true, false, true, true, true};
        CalibrationError wide = CalibrationError.equalWidth(p, y, 2);
        assertThat(wide.bins()).extracting(CalibrationError.Bin::cases).containsExactly(3, 3);
        assertThat(wide.bins().get(0).rate()).isEqualTo(1 / 3.0);
        assertThat(wide.expected()).isCloseTo(.5 * Math.abs(.2 - 1 / 3.0) + .5 * (1 - 2.5 / 3), within(1e-12));
        assertThat(wide.most()).isCloseTo(1 - 2.5 / 3, within(1e-12));
        CalibrationError mass = CalibrationError.equalMass(p, y, 3);
        assertThat(mass.bins()).extracting(CalibrationError.Bin::from).containsExactly(.1, .3, .9);
        assertThat(mass.expected()).isCloseTo((.35 + .05 + .05) / 3, within(1e-12));
    }

    @Test
    void equalProbabilitiesStayInOneBinAndTheOrderDoesNotMatter() {
        double[] p = {.2, .2, .2, .2, .2, .7};
        boolean[] y = {true, false, false, false, false, true};
        CalibrationError e = CalibrationError.equalMass(p, y, 3);
        assertThat(e.bins()).hasSize(2);
        assertThat(e.expected()).isCloseTo(.3 / 6, within(1e-12));
        assertThat(CalibrationError.equalMass(new double[] {.7, .2, .2, .2, .2, .2}, new boolean[] {true, false, false, false, false, true}, 3)).isEqualTo(e);
        assertThat(CalibrationError.equalMass(new double[] {.3, .3}, new boolean[] {true, false}, 10).bins()).hasSize(1);
    }

    @Test
    void theBordersBelongToTheUpperBinAndOneToTheLast() {
        CalibrationError e = CalibrationError.equalWidth(new double[] {0, .5, 1}, new boolean[3], 2);
        assertThat(e.bins()).extracting(CalibrationError.Bin::cases).containsExactly(1, 2);
    }

    @Test
    void isNearNothingOfTrueProbabilitiesAndAsFarAsTheyAreShifted() {
        Random random = new Random(2);
        double[] p = random.doubles(200_000, 0, .8).toArray();
        boolean[] y = new boolean[p.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = random.nextDouble() < p[i];
        }
        double[] shifted = Arrays.stream(p).map(v -> v + .1).toArray();
        assertThat(CalibrationError.equalMass(p, y, 10).expected()).isLessThan(.006);
        assertThat(CalibrationError.equalWidth(p, y, 10).expected()).isLessThan(.006);
        assertThat(CalibrationError.equalMass(shifted, y, 10).expected()).isCloseTo(.1, within(.005));
        assertThat(CalibrationError.equalWidth(shifted, y, 10).expected()).isCloseTo(.1, within(.005));
        assertThat(CalibrationError.equalMass(p, y, 10).bins()).allMatch(b -> b.cases() == 20_000);
    }

    @Test
    void refusesWhatIsNoProbability() {
        assertThatThrownBy(() -> CalibrationError.equalMass(new double[] {-.1}, new boolean[1], 3)).hasMessageContaining("case 0 has -0.1");
        assertThatThrownBy(() -> CalibrationError.equalWidth(new double[] {.1}, new boolean[1], 0)).hasMessageContaining("got 0");
    }
}
