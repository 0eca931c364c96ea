package org.wherefore.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.model.ToyTableModel;

class ToyTableModelTest {
    private final FeatureSchema schema = Tables.numbers(4);
    private final ToyTableModel model = ToyTableModel.linear(schema, new double[] {0.5}, new double[][] {{1, -2, 0.25, 0}})
            .withPair(0, 2, 1.5).withPair(0, 1, -1);
    private final TableInstance row = Tables.row(schema, 3);
    private final List<TableInstance> background = Tables.cases(schema, 3, 4).stream().map(e -> (TableInstance) e.instance()).toList();
    private final double[] weights = {0.5, 0.2, 0.3};

    @Test
    void closedFormAndDefinitionAgreeAndAddUp() {
        double[] closed = model.shapley(row, background, weights, 0);
        double[] defined = ToyTableModel.byDefinition(Parts.features(schema, row, background, weights), x -> model.scoreOf(x, 0));
        assertThat(closed).containsExactly(defined, within(1e-12));
        assertThat(java.util.Arrays.stream(closed).sum() + model.baseValue(background, weights, 0)).isCloseTo(model.scoreOf(row, 0), within(1e-12));
        assertThatThrownBy(() -> model.logistic().shapley(row, background, weights, 0)).hasMessageContaining("byDefinition");
    }

    @Test
    void partsOfOneGroupComeAndGoTogether() {
        FeatureSchema grouped = Tables.schema(FeatureSpec.number("age"), FeatureSpec.number("red").in("colour"),
                FeatureSpec.category("shape", "round", "square"), FeatureSpec.number("blue").in("colour"));
        Parts parts = Parts.features(grouped, new TableInstance(30, 1, 0, 0), List.of(new TableInstance(40, 0, 1, 1)), new double[] {1});
        assertThat(parts.count()).isEqualTo(3);
        assertThat(List.of(parts.feature(0), parts.feature(1), parts.feature(2))).containsExactly("feature:age", "feature:colour", "feature:shape");
        BitSet kept = new BitSet();
        kept.set(1);
        assertThat(parts.keeping(kept)).containsExactly(new TableInstance(40, 1, 1, 0));
    }

    @Test
    void refusesAnotherKindOfInstance() {
        assertThatThrownBy(() -> model.predict(Histories.sequence(1), 1, new BitSet())).isInstanceOf(WhereforeException.class)
                .hasMessageContaining("TableInstance");
        assertThat(model.predict(row, 1, new BitSet()).get(0).score()).isEqualTo(model.scoreOf(row, 0));
    }
}
