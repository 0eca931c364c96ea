package org.wherefore.core.internal.global;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.GlobalExplanation.Aggregate;
import org.wherefore.api.explain.GlobalExplanation.Item;
import org.wherefore.api.explain.GlobalExplanation.Share;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.model.ToyModel;

class ContributionsTest {
    private static final FeatureSchema SCHEMA = FeatureSchemas.sequence().target("tea", "category=Drinks", "brand=A").target("rye", "category=Food")
            .target("jam", "category=Food", "brand=A").target("mug").target("pan").kinds("view", "purchase").build();
    private static final ToyModel MODEL = ToyModel.additive(SCHEMA);

    private static void add(Contributions to, int target, int[] items, int... kinds) {
        SequenceInstance input = new SequenceInstance(items, kinds);
        double[] exact = MODEL.leaveOneOut(input, target);
        List<Contribution> parts = new ArrayList<>();
        for (int p = 0; p < exact.length; p++) {
            parts.add(new Contribution("history:" + SCHEMA.targets().get(items[p]), p, exact[p], 0));
        }
        to.add(input, new Attribution(target, MODEL.scoreOf(input, target), MODEL.baseValue(target), parts, 0));
    }

    @Test
    void addsUpByAgeKindAttributeAndItem() {
        Contributions all = new Contributions(SCHEMA);
        // weights of an event for target 3 are (item % 5 - 1) / 2: tea -0.5, rye 0, jam 0.5, mug 1, pan 1.5
        for (int p = 0; p < 5; p++) {
            add(all, 3, new int[] {4, 2, 0}, 1, 0, 0);
        }
        add(all, 3, new int[] {1, 3}, 0, 0);
        Aggregate a = all.sum("exact", "1.0.0", "");
        double total = 5 * (1.5 + 0.5 + 0.5) + 1;
        assertThat(a.explained()).isEqualTo(6);
        assertThat(a.shares()).filteredOn(s -> s.by().equals(Share.POSITION)).containsExactly(
                new Share("position", "1", (5 * 0.5 + 1) / 6, (5 * 0.5 + 1) / total, 6, 6),
                new Share("position", "2", 5 * 0.5 / 6, 5 * 0.5 / total, 6, 6),
                new Share("position", "3", 1.5, 5 * 1.5 / total, 5, 5));
        assertThat(a.shares()).filteredOn(s -> s.by().equals(Share.EVENT_KIND)).containsExactly(
                new Share("kind", "purchase", 1.5, 5 * 1.5 / total, 5, 5), new Share("kind", "view", 6.0 / 12, 6 / total, 12, 6));
        assertThat(a.shares()).filteredOn(s -> s.by().equals("brand")).containsExactly(new Share("brand", "A", 0.5, 5 / total, 10, 5));
        assertThat(a.shares()).filteredOn(s -> s.by().equals("category")).extracting(Share::value).containsExactly("Drinks", "Food");
        assertThat(a.items()).startsWith(new Item("pan", 1.5, 5, 5), new Item("mug", 1, 1, 1));
        assertThat(a.items()).filteredOn(i -> i.first() > 0).hasSize(2);
    }

    @Test
    void leavesOutWhatFewPeopleHave() {
        Contributions all = new Contributions(SCHEMA);
        for (int p = 0; p < Share.FEWEST_PEOPLE - 1; p++) {
            add(all, 3, new int[] {0, 4}, 0, 1);
        }
        assertThat(all.sum("exact", "1.0.0", "").shares()).extracting(Share::by).containsOnly(Share.POSITION);
    }

    @Test
    void nothingContributedIsNoErrorAndPutsNobodyFirst() {
        Contributions all = new Contributions(SCHEMA);
        assertThat(all.sum("exact", "1.0.0", "too late")).isEqualTo(new Aggregate("exact", "1.0.0", 0, "too late", List.of(), List.of()));
        add(all, 3, new int[] {1, 1}, 0, 0);
        assertThat(all.sum("exact", "1.0.0", "").shares()).allSatisfy(s -> assertThat(s.share()).isZero());
        assertThat(all.sum("exact", "1.0.0", "").items()).containsExactly(new Item("rye", 0, 0, 1));
    }

    @Test
    void everyPositionHasItsPlace() {
        Contributions all = new Contributions(SCHEMA);
        Random random = new Random(1);
        add(all, 3, random.ints(70, 0, 5).toArray(), new int[70]);
        assertThat(all.sum("exact", "1.0.0", "").shares()).extracting(Share::events).containsExactly(1L, 1L, 1L, 1L, 1L, 5L, 10L, 30L, 20L);
        assertThat(all.sum("exact", "1.0.0", "").shares().stream().mapToDouble(Share::share).sum()).isCloseTo(1, within(1e-12));
    }
}
