package org.wherefore.api.explain.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;

class PartsTest {
    private static BitSet set(int... parts) {
        BitSet set = new BitSet();
        IntStream.of(parts).forEach(set::set);
        return set;
    }

    @Test
    void eventsAreNewestFirstAndTheOldestMakeTheRest() {
        FeatureSchema schema = FeatureSchema.of(List.of(), List.of("a", "b", "c", "d"));
        SequenceInstance history = new SequenceInstance(new int[] {0, 1, 2, 3}, new int[4]);
        Parts all = Parts.events(schema, history);
        assertThat(all.count()).isEqualTo(4);
        assertThat(all.feature(0)).isEqualTo("history:d");
        assertThat(all.position(0)).isEqualTo(3);
        assertThat(all.keeping(set(0, 3))).containsExactly(new SequenceInstance(new int[] {0, 3}, new int[2]));
        Parts few = all.limitedTo(2);
        assertThat(few.count()).isEqualTo(2);
        assertThat(List.of(few.rest(0), few.rest(1))).containsExactly(false, true);
        assertThat(few.keeping(set(1))).containsExactly(history.prefix(3));
        assertThat(few.keeping(set(0))).containsExactly(new SequenceInstance(new int[] {3}, new int[1]));
        assertThat(few.keeping(set(0, 1))).containsExactly(history);
        assertThat(all.limitedTo(4)).isSameAs(all);
    }

    @Test
    void absentFeaturesTakeTheValuesOfEachBackgroundRow() {
        FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.number("x"), FeatureSpec.category("y", "p", "q")), List.of("t"));
        Parts parts = Parts.features(schema, new TableInstance(1, 0), List.of(new TableInstance(2, 1), new TableInstance(Double.NaN, 0)),
                new double[] {0.25, 0.75});
        assertThat(parts.keeping(set(1))).containsExactly(new TableInstance(2, 0), new TableInstance(Double.NaN, 0));
        assertThat(parts.weights()).containsExactly(0.25, 0.75);
        assertThatThrownBy(() -> Parts.features(schema, new TableInstance(1), List.of(new TableInstance(1)), new double[] {1}))
                .hasMessageContaining("2 features");
        assertThatThrownBy(() -> Parts.features(schema, new TableInstance(1, 0), List.of(), new double[0])).hasMessageContaining("0 background");
    }

    @Test
    void aGroupAndAFeatureOfOneNameStayApart() {
        FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.number("a"), FeatureSpec.number("b").in("a"), FeatureSpec.number("c").in("a")),
                List.of("t"));
        assertThat(Parts.groups(schema, 3)).hasSize(2).containsEntry("a", new int[] {0}).containsEntry("a#1", new int[] {1, 2});
    }

    /** Left half dark, right half bright, with a little noise. */
    private static ImageInstance halves(int height, int width) {
        Random random = new Random(5);
        float[] values = new float[2 * height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % width < width / 2 ? 0.2f : 0.8f) + 0.01f * random.nextFloat();
        }
        return new ImageInstance(2, height, width, values);
    }

    @Test
    void regionsAreConnectedFollowTheEdgeAndCoverTheImage() {
        ImageInstance image = halves(30, 41);
        int[] regions = Superpixels.of(image, 12);
        int count = IntStream.of(regions).max().orElseThrow() + 1;
        assertThat(count).isBetween(6, 24);
        for (int r = 0; r < count; r++) {
            int region = r;
            int[] pixels = IntStream.range(0, regions.length).filter(i -> regions[i] == region).toArray();
            assertThat(pixels).isNotEmpty();
            assertThat(IntStream.of(pixels).mapToObj(i -> i % 41 < 20).distinct()).as("region %d does not cross the edge", r).hasSize(1);
            BitSet seen = set(pixels[0]);
            ArrayDeque<Integer> open = new ArrayDeque<>(List.of(pixels[0]));
            while (!open.isEmpty()) {
                int at = open.poll();
                for (int n : new int[] {at % 41 > 0 ? at - 1 : -1, at % 41 < 40 ? at + 1 : -1, at - 41, at + 41}) {
                    if (n >= 0 && n < regions.length && regions[n] == r && !seen.get(n)) {
                        seen.set(n);
                        open.add(n);
                    }
                }
            }
            assertThat(seen.cardinality()).as("region %d is connected", r).isEqualTo(pixels.length);
        }
        assertThat(Superpixels.of(image, 12)).isEqualTo(regions);
    }

    @Test
    void regionsOfAFlatImageAreAGrid() {
        Parts parts = Parts.regions(new ImageInstance(1, 4, 4, new float[16]), 4, Parts.Fill.MEAN);
        assertThat(IntStream.range(0, parts.count()).mapToObj(parts::feature)).containsExactly("region:0,0,2,2", "region:2,0,2,2",
                "region:0,2,2,2", "region:2,2,2,2");
    }

    @Test
    void absentRegionsAreFilledAndTheOthersStay() {
        ImageInstance image = halves(12, 12);
        for (Parts.Fill fill : Parts.Fill.values()) {
            Parts parts = Parts.regions(image, 9, fill);
            BitSet all = new BitSet();
            all.set(0, parts.count());
            assertThat(parts.keeping(all)).containsExactly(image);
            ImageInstance none = (ImageInstance) parts.keeping(new BitSet()).get(0);
            all.clear(0);
            float[] but = ((ImageInstance) parts.keeping(all).get(0)).values();
            float[] whole = image.values();
            long changed = IntStream.range(0, whole.length).filter(i -> but[i] != whole[i]).count();
            assertThat(changed).isBetween(2L, 60L);
            assertThat(IntStream.range(0, whole.length).allMatch(i -> but[i] == whole[i] || but[i] == none.values()[i])).isTrue();
        }
        float first = ((ImageInstance) Parts.regions(image, 9, Parts.Fill.MEAN).keeping(new BitSet()).get(0)).value(0, 0, 0);
        assertThat(first).isBetween(0.5f, 0.51f);
    }
}
