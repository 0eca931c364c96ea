package org.wherefore.engine.trees.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/** The card transactions of the Fraud Detection Handbook with its fifteen features, and its folds of train, delay and test weeks. */
final class Handbook {
    private static final int DAY = 86_400;
    private static final int[] WINDOWS = {1, 7, 30};
    private static final int DELAY = 7;
    private static final LocalDate FIRST = LocalDate.of(2018, 4, 1);
    static final FeatureSchema SCHEMA = FeatureSchema.of(java.util.stream.Stream.of("amount", "weekend", "night", "customer.count.1", "customer.mean.1",
            "customer.count.7", "customer.mean.7", "customer.count.30", "customer.mean.30", "terminal.count.1", "terminal.risk.1", "terminal.count.7",
            "terminal.risk.7", "terminal.count.30", "terminal.risk.30").map(FeatureSpec::number).toList(), List.of("fraud"));

    private int size;
    private int[] time = new int[1 << 21];
    private int[] customer = new int[1 << 21];
    private int[] terminal = new int[1 << 21];
    private double[] amount = new double[1 << 21];
    private boolean[] fraud = new boolean[1 << 21];
    private double[][] features;

    /** A week to train on and a later one to judge by. */
    record Fold(List<Example> training, List<Example> test, int[] days, int[] cards) {}

    static Path folder() {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : Path.of(System.getProperty("wherefore.root", "."), "..", "shared", "data");
        return data.resolve("card-fraud");
    }

    static Handbook read(Path folder) throws IOException {
        Handbook all = new Handbook();
        for (String month : List.of("04", "05", "06", "07", "08", "09")) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(
                    folder.resolve("tx-2018-" + month + ".csv.gz")), 1 << 16), StandardCharsets.US_ASCII), 1 << 16)) {
                in.readLine();
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    all.add(line.split(","));
                }
            }
        }
        all.features = new double[all.size][SCHEMA.features().size()];
        all.aggregate();
        return all;
    }

    private void add(String[] f) {
        time[size] = Integer.parseInt(f[5]);
        customer[size] = Integer.parseInt(f[2]);
        terminal[size] = Integer.parseInt(f[3]);
        amount[size] = Double.parseDouble(f[4]);
        fraud[size++] = f[7].equals("1");
    }

    private void aggregate() {
        for (int i = 0; i < size; i++) {
            features[i][0] = amount[i];
            int weekday = (time[i] / DAY + 6) % 7;
            features[i][1] = weekday >= 5 ? 1 : 0;
            features[i][2] = time[i] % DAY / 3600 <= 6 ? 1 : 0;
        }
        for (int[] rows : byKey(customer)) {
            for (int w = 0; w < WINDOWS.length; w++) {
                double sum = 0;
                for (int at = 0, from = 0; at < rows.length; at++) {
                    sum += amount[rows[at]];
                    while (time[rows[from]] <= time[rows[at]] - WINDOWS[w] * DAY) {
                        sum -= amount[rows[from++]];
                    }
                    features[rows[at]][3 + 2 * w] = at - from + 1;
                    features[rows[at]][4 + 2 * w] = sum / (at - from + 1);
                }
            }
        }
        for (int[] rows : byKey(terminal)) {
            int[] frauds = new int[rows.length + 1];
            for (int i = 0; i < rows.length; i++) {
                frauds[i + 1] = frauds[i] + (fraud[rows[i]] ? 1 : 0);
            }
            for (int w = 0; w < WINDOWS.length; w++) {
                for (int at = 0, from = 0, to = 0; at < rows.length; at++) {
                    while (time[rows[to]] <= time[rows[at]] - DELAY * DAY) {
                        to++;
                    }
                    while (time[rows[from]] <= time[rows[at]] - (DELAY + WINDOWS[w]) * DAY) {
                        from++;
                    }
                    features[rows[at]][9 + 2 * w] = to - from;
                    features[rows[at]][10 + 2 * w] = to == from ? 0 : (double) (frauds[to] - frauds[from]) / (to - from);
                }
            }
        }
    }

    private List<int[]> byKey(int[] key) {
        int keys = Arrays.stream(key, 0, size).max().orElse(0) + 1;
        int[] counts = new int[keys];
        for (int i = 0; i < size; i++) {
            counts[key[i]]++;
        }
        int[][] rows = new int[keys][];
        for (int i = 0; i < size; i++) {
            int k = key[i];
            rows[k] = rows[k] == null ? new int[counts[k]] : rows[k];
            rows[k][rows[k].length - counts[k]--] = i;
        }
        return Arrays.stream(rows).filter(r -> r != null).toList();
    }

    /** Seven days of training, seven of delay, seven of test without the cards that were known to be compromised by then. */
    Fold fold(LocalDate start) {
        int first = (int) ChronoUnit.DAYS.between(FIRST, start);
        List<Example> training = new ArrayList<>();
        BitSet known = new BitSet();
        for (int i = from(first); i < from(first + 7); i++) {
            training.add(example(i));
            known.set(customer[i], known.get(customer[i]) || fraud[i]);
        }
        List<Example> test = new ArrayList<>();
        List<int[]> who = new ArrayList<>();
        for (int day = 0; day < 7; day++) {
            for (int i = from(first + 7 + day - 1); i < from(first + 7 + day); i++) {
                known.set(customer[i], known.get(customer[i]) || fraud[i]);
            }
            for (int i = from(first + 14 + day); i < from(first + 15 + day); i++) {
                if (!known.get(customer[i])) {
                    test.add(example(i));
                    who.add(new int[] {first + 14 + day, customer[i]});
                }
            }
        }
        return new Fold(training, test, who.stream().mapToInt(w -> w[0]).toArray(), who.stream().mapToInt(w -> w[1]).toArray());
    }

    private Example example(int row) {
        return new Example(new TableInstance(features[row]), fraud[row] ? 0 : Example.NONE);
    }

    /** The first transaction of a day; they are in the order of time. */
    private int from(int day) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (time[middle] < day * DAY) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
