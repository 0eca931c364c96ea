package org.wherefore.core.internal.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.feature.SequenceInstance;

class ControlsTest {
    private final List<SequenceInstance> variants = new ArrayList<>();

    @Test
    void takesEverySetWhereThereAreFew() {
        int[] found = new Controls(history(7), 1, variants).without(new int[] {2, 5});
        assertThat(found).hasSize(10);
        assertThat(IntStream.of(found).mapToObj(variants::get).distinct()).hasSize(10);
    }

    @Test
    void neverRemovesACitedEventAndAlwaysAsMany() {
        for (int length : new int[] {5, 9, 13, 20, 50, 200}) {
            for (int[] cited : new int[][] {{0}, {1, 4}, {0, 2, 3}}) {
                for (int control : new Controls(history(length), 3, variants).without(cited)) {
                    SequenceInstance v = variants.get(control);
                    assertThat(v.length()).isEqualTo(length - cited.length);
                    assertThat(v.items()).contains(cited);
                }
            }
        }
    }

    @Test
    void comparesWithEnoughSetsWhenMostTouchTheCitedEvents() {
        int[] cited = IntStream.range(0, 9).toArray();
        assertThat(new Controls(history(21), 1, variants).without(cited).length).isGreaterThanOrEqualTo(Controls.FEWEST);
        assertThat(new Controls(history(18), 1, variants).without(cited)).as("there is only one other set").hasSize(1);
    }

    @Test
    void outputsShareWhatIsRemoved() {
        Controls controls = new Controls(history(50), 1, variants);
        for (int i = 0; i < 10; i++) {
            controls.without(new int[] {i, i + 20});
        }
        assertThat(variants).doesNotHaveDuplicates().hasSize(Controls.DRAWN);
    }

    @Test
    void comparesWithTheNewestOtherEventsWhateverIsDrawn() {
        for (int[] cited : new int[][] {{3}, {48, 2}, {49, 47, 46}}) {
            Controls controls = new Controls(history(50), 1, variants);
            BitSet free = new BitSet();
            free.set(0, 50);
            IntStream.of(cited).forEach(free::clear);
            int[] newest = free.stream().skip(50 - 2L * cited.length).toArray();
            assertThat(IntStream.of(controls.without(cited)).mapToObj(variants::get)).contains(history(50).without(newest));
            variants.clear();
        }
    }

    @Test
    void countsCombinations() {
        assertThat(Controls.combinations(13, 2)).isEqualTo(78);
        assertThat(Controls.combinations(3, 4)).isZero();
        assertThat(Controls.combinations(4, 4)).isEqualTo(1);
        assertThat(Controls.combinations(200, 4)).isGreaterThan(Controls.ALL);
    }

    private static SequenceInstance history(int length) {
        return new SequenceInstance(IntStream.range(0, length).toArray(), new int[length]);
    }
}
