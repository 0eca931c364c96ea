package org.wherefore.engine.classic.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;

/** The protocol of the published figures: all but each user's last item train; full ranking without seen items. */
class MovieLensTest {
    private static List<int[]> sequences() throws IOException {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : Path.of(System.getProperty("wherefore.root", "."), "..", "shared", "data");
        Path file = data.resolve("movielens-1m/ml-1m_sas_sequences.txt");
        Assumptions.assumeTrue(Files.isReadable(file), () -> "skipped: no MovieLens-1M at " + file + "; set WHEREFORE_DATA");
        List<int[]> sequences = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            sequences.add(Arrays.stream(line.strip().split(" ")).skip(1).mapToInt(Integer::parseInt).toArray());
        }
        return sequences;
    }

    /** @return HR@10 and NDCG@10 */
    private static double[] judge(Engine engine, List<int[]> sequences, int targets, Map<String, String> parameters) {
        List<Example> training = sequences.stream().map(s -> Toy.example(Arrays.copyOf(s, s.length - 1))).toList();
        double hits = 0;
        double gain = 0;
        try (Model model = Toy.model(engine, targets, training, parameters)) {
            for (int[] s : sequences) {
                int[] past = Arrays.copyOf(s, s.length - 1);
                BitSet seen = new BitSet();
                Arrays.stream(past).forEach(seen::set);
                // 200 newest events: what a served history holds.
                int[] recent = Arrays.copyOfRange(past, Math.max(0, past.length - 200), past.length);
                for (Output o : model.predict(Toy.history(recent), 10, seen)) {
                    if (o.index() == s[s.length - 1]) {
                        hits++;
                        gain += Math.log(2) / Math.log(o.rank() + 1);
                    }
                }
            }
        }
        return new double[] {hits / sequences.size(), gain / sequences.size()};
    }

    @Test
    void popularityGivesThePublishedFiguresInEitherOrderOfItems() throws IOException {
        List<int[]> raw = sequences();
        List<int[]> byNumber = raw.stream().map(s -> Arrays.stream(s).map(i -> i - 1).toArray()).toList();
        Map<Integer, Integer> first = new LinkedHashMap<>();
        raw.forEach(s -> Arrays.stream(s).limit(s.length - 1).forEach(i -> first.putIfAbsent(i, first.size())));
        raw.forEach(s -> first.putIfAbsent(s[s.length - 1], first.size()));
        List<int[]> byAppearance = raw.stream().map(s -> Arrays.stream(s).map(first::get).toArray()).toList();
        assertThat(first).hasSize(3416);
        for (List<int[]> order : List.of(byNumber, byAppearance)) {
            double[] figures = judge(new PopularityEngine(), order, 3416, Map.of());
            assertThat(figures[0]).isCloseTo(0.0362583, within(1e-7));
            assertThat(figures[1]).isCloseTo(0.0178180, within(1e-7));
        }
    }

    @Test
    void itemToItemAndMarkovAreFarBetterThanPopularity() throws IOException {
        List<int[]> items = sequences().stream().map(s -> Arrays.stream(s).map(i -> i - 1).toArray()).toList();
        // The default half-life, two events, was chosen on other events than these and is a little worse here.
        double[] newest = judge(new ItemToItemEngine(), items, 3416, Map.of("recency", "1"));
        double[] itemToItem = judge(new ItemToItemEngine(), items, 3416, Map.of());
        double[] markov = judge(new MarkovEngine(), items, 3416, Map.of());
        assertThat(newest[1]).isGreaterThan(0.085);
        assertThat(itemToItem[1]).isGreaterThan(0.08);
        assertThat(markov[1]).isGreaterThan(0.12);
    }
}
