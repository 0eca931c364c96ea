package org.wherefore.engine.classic.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.wherefore.engine.classic.internal.Toy.example;
import static org.wherefore.engine.classic.internal.Toy.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

class ClassicEnginesTest {
    private static final List<Example> EXAMPLES = List.of(example(0, 1, 2), example(0, 1, 3), example(2, 1), example(0, 1));

    private static Engine engine(String name) {
        return switch (name) {
            case "popularity" -> new PopularityEngine();
            case "markov" -> new MarkovEngine();
            default -> new ItemToItemEngine();
        };
    }

    private static List<Example> random(long seed, int targets, int people) {
        Random random = new Random(seed);
        List<Example> examples = new ArrayList<>();
        for (int u = 0; u < people; u++) {
            examples.add(example(random.ints(2 + random.nextInt(20), 0, targets)
                    .map(i -> (int) ((long) i * i / targets)).toArray()));
        }
        return examples;
    }

    @Test
    void popularityCountsEventsAndTargetsAndBreaksTiesByIndex() {
        try (Model model = Toy.model(new PopularityEngine(), 5, EXAMPLES, Map.of())) {
            assertThat(model.predict(history(), 9, new BitSet())).containsExactly(new Output(1, "i1", 1, 4),
                    new Output(0, "i0", 2, 3), new Output(2, "i2", 3, 2), new Output(3, "i3", 4, 1), new Output(4, "i4", 5, 0));
        }
    }

    @Test
    void itemToItemIsShrunkCosineSummedOverTheHistory() {
        try (Model model = Toy.model(new ItemToItemEngine(), 5, EXAMPLES, Map.of("shrinkage", "1", "recency", "0"))) {
            RankedScore[] s = model.score(List.of(history(0, 3)), new int[] {1, 2, 4}, new BitSet(), true)[0];
            double from0 = 3 / Math.sqrt(3 * 4) * 3 / 4;
            double from3 = 1 / Math.sqrt(1 * 4) * 1 / 2;
            assertThat(s[0].score()).isCloseTo(from0 + from3 + 1e-6, within(1e-7));
            assertThat(s[1].score()).isCloseTo(1 / Math.sqrt(3 * 2) / 2 + 0.5e-6, within(1e-7));
            assertThat(s[2].score()).isZero();
            assertThat(s[0].rank()).isEqualTo(1);
        }
    }

    @Test
    void itemToItemKnowsJaccardAndRecency() {
        try (Model model = Toy.model(new ItemToItemEngine(), 5, EXAMPLES,
                Map.of("similarity", "jaccard", "shrinkage", "0", "recency", "1"))) {
            double score = model.score(List.of(history(0, 3)), new int[] {1}, new BitSet(), false)[0][0].score();
            assertThat(score).isCloseTo(0.5 * 3 / 4 + 1 / 4.0 + 1e-6, within(1e-7));
        }
    }

    @Test
    void itemToItemKeepsTheNearestNeighboursOnly() {
        try (Model model = Toy.model(new ItemToItemEngine(), 5, EXAMPLES, Map.of("neighbours", "1", "shrinkage", "0"))) {
            RankedScore[] s = model.score(List.of(history(0)), new int[] {1, 2}, new BitSet(), false)[0];
            assertThat(s[0].score()).isGreaterThan(0.8);
            assertThat(s[1].score()).isLessThan(1e-6);
        }
    }

    @Test
    void markovIsTheSmoothedTransitionProbability() {
        try (Model model = Toy.model(new MarkovEngine(), 5, EXAMPLES, Map.of("backoff", "2"))) {
            RankedScore[] s = model.score(List.of(history(2, 0)), new int[] {0, 1, 2, 3, 4}, new BitSet(), false)[0];
            assertThat(s[1].score()).isCloseTo((3 + 2 * 0.4) / (3 + 2), within(1e-12));
            assertThat(s[0].score() + s[1].score() + s[2].score() + s[3].score() + s[4].score()).isCloseTo(1, within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"popularity", "item-to-item", "markov"})
    void anEmptyHistoryIsRankedByPopularity(String name) {
        List<Example> examples = random(3, 40, 60);
        try (Model popularity = Toy.model(new PopularityEngine(), 40, examples, Map.of());
                Model model = Toy.model(engine(name), 40, examples, Map.of())) {
            assertThat(model.predict(history(), 40, new BitSet())).extracting(Output::index)
                    .isEqualTo(popularity.predict(history(), 40, new BitSet()).stream().map(Output::index).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"popularity", "item-to-item", "markov"})
    void predictionsAndScoresAgreeBitForBitAndRanksSkipTheExcluded(String name) {
        int targets = 60;
        try (Model model = Toy.model(engine(name), targets, random(5, targets, 80), Map.of("recency", "5", "neighbours", "20"))) {
            SequenceInstance history = history(1, 7, 7, 30, 2);
            BitSet excluded = new BitSet();
            excluded.set(1);
            excluded.set(7);
            List<Output> outputs = model.predict(history, targets, excluded);
            assertThat(outputs).hasSize(targets - 2);
            int[] asked = outputs.stream().mapToInt(Output::index).toArray();
            RankedScore[][] with = model.score(List.of(history(), history), asked, excluded, true);
            RankedScore[][] without = model.score(List.of(history(), history), asked, excluded, false);
            for (int n = 0; n < asked.length; n++) {
                assertThat(with[1][n]).isEqualTo(new RankedScore(outputs.get(n).score(), outputs.get(n).rank()));
                assertThat(without[1][n]).isEqualTo(new RankedScore(outputs.get(n).score(), 0));
                assertThat(without[0][n].score()).isEqualTo(with[0][n].score());
            }
            assertThat(model.predict(history, 3, excluded)).isEqualTo(outputs.subList(0, 3));
            // An excluded target that is asked for still gets the rank it would have.
            assertThat(model.score(List.of(history), new int[] {7}, excluded, true)[0][0].rank()).isPositive();
            assertThat(excluded.cardinality()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"popularity", "item-to-item", "markov"})
    void trainingTwiceWritesTheSameBytes(String name) {
        assertThat(Toy.train(engine(name), 50, random(9, 50, 100), Map.of()).files.get("classic.bin"))
                .isEqualTo(Toy.train(engine(name), 50, random(9, 50, 100), Map.of()).files.get("classic.bin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"popularity", "item-to-item", "markov"})
    void refusesEveryDamagedArtifact(String name) {
        byte[] good = Toy.train(engine(name), 5, EXAMPLES, Map.of()).files.get("classic.bin");
        List<byte[]> damaged = new ArrayList<>();
        for (int i = 0; i < good.length; i++) {
            byte[] flipped = good.clone();
            flipped[i] ^= 0x11;
            damaged.add(flipped);
            damaged.add(java.util.Arrays.copyOf(good, i));
        }
        damaged.add(java.util.Arrays.copyOf(good, good.length + 1));
        for (byte[] bytes : damaged) {
            Toy.Artifact artifact = new Toy.Artifact();
            artifact.files.put("classic.bin", bytes);
            refused(() -> engine(name).load(Toy.INFO, Toy.schema(5), artifact));
        }
        Toy.Artifact artifact = new Toy.Artifact();
        refused(() -> engine(name).load(Toy.INFO, Toy.schema(5), artifact));
        artifact.files.put("classic.bin", good);
        refused(() -> engine(name).load(Toy.INFO, Toy.schema(6), artifact));
        refused(() -> engine(name.equals("markov") ? "popularity" : "markov").load(Toy.INFO, Toy.schema(5), artifact));
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
    }

    @Test
    void namesTheParameterThatIsWrong() {
        for (Map<String, String> bad : List.of(Map.of("similarity", "euclid"), Map.of("shrinkage", "-1"),
                Map.of("neighbours", "1.5"), Map.of("recency", "soon"), Map.of("shrinkage", "NaN"))) {
            assertThatThrownBy(() -> Toy.train(new ItemToItemEngine(), 5, EXAMPLES, bad))
                    .isInstanceOfSatisfying(WhereforeException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
                        assertThat(e.pointer()).contains(bad.keySet().iterator().next());
                    });
        }
    }

    @Test
    void stopsWhenTrainingIsCancelled() {
        TrainingProgress cancelled = new TrainingProgress() {
            @Override
            public void update(double done, Map<String, Double> figures) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        Toy.Artifact artifact = new Toy.Artifact();
        assertThatThrownBy(() -> new MarkovEngine().train(
                new TrainingRequest(Toy.schema(5), EXAMPLES, List.of(), Map.of(), 7, 1, null), artifact, cancelled))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(artifact.files).isEmpty();
    }

    @Test
    void gradientsOfItemToItemAreTheTermsOfItsSum() {
        Model model = Toy.model(new ItemToItemEngine(), 5, EXAMPLES, Map.of());
        Gradients gradients = model.adapt(Gradients.class).orElseThrow();
        SequenceInstance history = history(2, 0, 1, 0);
        int[] targets = {3, 1};
        Gradients.Slope[][] slopes = gradients.at(history, targets,
                List.of(Gradients.Point.on(0), Gradients.Point.on(1), new Gradients.Point(1, 0.2, 5)));
        RankedScore[][] scores = model.score(List.of(history, history()), targets, new BitSet(), false);
        for (int t = 0; t < targets.length; t++) {
            assertThat(slopes[0][t].score()).isEqualTo(scores[1][t].score());
            assertThat(slopes[1][t].score()).isEqualTo(scores[0][t].score());
            assertThat(slopes[2][t].score()).isNotEqualTo(scores[0][t].score());
            assertThat(slopes[2][t].products()).containsExactly(slopes[1][t].products());
            // The oldest event weighs the same whether it is there or not: what it adds is what the score falls by without it.
            assertThat(slopes[1][t].products()[0]).isCloseTo(scores[0][t].score()
                    - model.score(List.of(history.without(0)), targets, new BitSet(), false)[0][t].score(), within(1e-12));
            assertThat(DoubleStream.of(slopes[1][t].products()).sum()).isCloseTo(scores[0][t].score() - scores[1][t].score(), within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"popularity", "markov"})
    void countsHaveNoGradients(String name) {
        assertThat(Toy.model(engine(name), 5, EXAMPLES, Map.of()).adapt(Gradients.class)).isEmpty();
    }

    @Test
    void aClosedModelRefusesToAnswer() {
        Model model = Toy.model(new PopularityEngine(), 5, EXAMPLES, Map.of());
        model.close();
        model.close();
        assertThatThrownBy(() -> model.predict(history(), 1, new BitSet())).isInstanceOf(IllegalStateException.class);
    }
}
