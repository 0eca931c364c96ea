package org.wherefore.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * The card transactions of the Fraud Detection Handbook with the inputs of its baselines. Every input is of what was known at the
 * time: a customer's past transactions, the current one included, and of a terminal those whose outcome was known, seven days later.
 */
final class FraudData {
    static final int DELAY = 7;
    private static final int DAY = 86_400;
    private static final int[] WINDOWS = {1, 7, 30};
    /** The handbook's inputs. */
    static final List<String> HANDBOOK = List.of("amount", "weekend", "night", "customerCount1", "customerMean1", "customerCount7",
            "customerMean7", "customerCount30", "customerMean30", "terminalCount1", "terminalRisk1", "terminalCount7", "terminalRisk7",
            "terminalCount30", "terminalRisk30");
    /** What else may be given. */
    static final List<String> MORE = List.of("amountRatio", "amountDeviation", "customerPeak7", "terminalRun", "terminalFraudAge",
            "terminalHiddenRisk28");

    final LocalDate start;
    private int[] seconds = new int[1 << 16];
    private int[] customers = new int[1 << 16];
    private int[] terminals = new int[1 << 16];
    private double[] amounts = new double[1 << 16];
    private boolean[] frauds = new boolean[1 << 16];
    private int count;
    private int[][] byCustomer;
    private int[][] byTerminal;
    /** For each transaction its place among those of its customer and its terminal. */
    private int[] customerPlace;
    private int[] terminalPlace;

    /**
     * Reads all {@code tx-*.csv.gz} of a folder, which are in the order of time.
     *
     * @throws IllegalArgumentException when there are none, or a line is not as expected; it says which
     */
    static FraudData read(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            files = all.filter(f -> f.getFileName().toString().matches("tx-.*\\.csv\\.gz")).sorted().toList();
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no tx-*.csv.gz in " + folder + "; name the folder of the card transactions by --data");
        }
        FraudData data = null;
        Map<Integer, Integer> customers = new HashMap<>();
        Map<Integer, Integer> terminals = new HashMap<>();
        for (Path file : files) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(file), 1 << 16),
                    StandardCharsets.UTF_8))) {
                List<String> head = List.of(in.readLine().split(","));
                int[] at = Stream.of("TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD").mapToInt(head::indexOf).toArray();
                int number = 1;
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    number++;
                    try {
                        String[] cells = line.split(",");
                        LocalDateTime time = LocalDateTime.parse(cells[at[0]].replace(' ', 'T'));
                        if (data == null) {
                            data = new FraudData(time.toLocalDate());
                        }
                        data.add((int) ChronoUnit.SECONDS.between(data.start.atStartOfDay(), time),
                                customers.computeIfAbsent(Integer.valueOf(cells[at[1]]), k -> customers.size()),
                                terminals.computeIfAbsent(Integer.valueOf(cells[at[2]]), k -> terminals.size()),
                                Double.parseDouble(cells[at[3]]), cells[at[4]].equals("1"));
                    } catch (RuntimeException e) {
                        throw new IllegalArgumentException(file + ", line " + number + ": '" + line + "' is no transaction in the order of"
                                + " time: " + e.getMessage(), e);
                    }
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        if (data == null) {
            throw new IllegalArgumentException("the files in " + folder + " have no transaction");
        }
        data.index(customers.size(), terminals.size());
        return data;
    }

    FraudData(LocalDate start) {
        this.start = start;
    }

    /** @throws IllegalArgumentException when it is older than the one before */
    void add(int second, int customer, int terminal, double amount, boolean fraud) {
        if (count > 0 && second < seconds[count - 1]) {
            throw new IllegalArgumentException("it is older than the one before");
        }
        if (count == seconds.length) {
            int size = 2 * count;
            seconds = Arrays.copyOf(seconds, size);
            customers = Arrays.copyOf(customers, size);
            terminals = Arrays.copyOf(terminals, size);
            amounts = Arrays.copyOf(amounts, size);
            frauds = Arrays.copyOf(frauds, size);
        }
        seconds[count] = second;
        customers[count] = customer;
        terminals[count] = terminal;
        amounts[count] = amount;
        frauds[count++] = fraud;
    }

    /** To be called once, after the last {@link #add}. */
    void index(int customerCount, int terminalCount) {
        customerPlace = new int[count];
        terminalPlace = new int[count];
        byCustomer = index(customers, customerCount, customerPlace);
        byTerminal = index(terminals, terminalCount, terminalPlace);
    }

    private int[][] index(int[] of, int n, int[] place) {
        int[] sizes = new int[n];
        for (int i = 0; i < count; i++) {
            place[i] = sizes[of[i]]++;
        }
        int[][] out = new int[n][];
        Arrays.setAll(out, i -> new int[sizes[i]]);
        for (int i = 0; i < count; i++) {
            out[of[i]][place[i]] = i;
        }
        return out;
    }

    int count() {
        return count;
    }

    int customer(int i) {
        return customers[i];
    }

    boolean fraud(int i) {
        return frauds[i];
    }

    int day(int i) {
        return seconds[i] / DAY;
    }

    /** Transactions of the days from the first to before the last. */
    int[] between(int firstDay, int lastDay) {
        int from = Arrays.binarySearch(Arrays.copyOf(seconds, count), firstDay * DAY);
        from = from < 0 ? -from - 1 : from;
        while (from > 0 && seconds[from - 1] >= firstDay * DAY) {
            from--;
        }
        int to = from;
        while (to < count && seconds[to] < lastDay * DAY) {
            to++;
        }
        int[] out = new int[to - from];
        int first = from;
        Arrays.setAll(out, i -> first + i);
        return out;
    }

    /** @param more whether those of {@link #MORE} follow */
    double[] inputs(int i, boolean more) {
        double[] out = new double[HANDBOOK.size() + (more ? MORE.size() : 0)];
        LocalDateTime time = LocalDateTime.ofEpochSecond(start.toEpochDay() * DAY + seconds[i], 0, ZoneOffset.UTC);
        out[0] = amounts[i];
        out[1] = time.getDayOfWeek().getValue() >= 6 ? 1 : 0;
        out[2] = time.getHour() <= 6 ? 1 : 0;
        int[] own = byCustomer[customers[i]];
        for (int w = 0; w < WINDOWS.length; w++) {
            int n = 0;
            double sum = 0;
            for (int p = customerPlace[i]; p >= 0 && seconds[own[p]] > seconds[i] - WINDOWS[w] * DAY; p--) {
                n++;
                sum += amounts[own[p]];
            }
            out[3 + 2 * w] = n;
            out[4 + 2 * w] = sum / n;
        }
        int[] at = byTerminal[terminals[i]];
        int known = terminalPlace[i];
        while (known >= 0 && seconds[at[known]] > seconds[i] - DELAY * DAY) {
            known--;
        }
        for (int w = 0; w < WINDOWS.length; w++) {
            int n = 0;
            int bad = 0;
            for (int p = known; p >= 0 && seconds[at[p]] > seconds[i] - (DELAY + WINDOWS[w]) * DAY; p--) {
                n++;
                bad += frauds[at[p]] ? 1 : 0;
            }
            out[9 + 2 * w] = n;
            out[10 + 2 * w] = n == 0 ? 0 : (double) bad / n;
        }
        if (more) {
            more(i, own, at, known, out, HANDBOOK.size());
        }
        return out;
    }

    private void more(int i, int[] own, int[] at, int known, double[] out, int o) {
        int n = 0;
        double sum = 0;
        double squares = 0;
        double peak = 0;
        for (int p = customerPlace[i] - 1; p >= 0 && seconds[own[p]] > seconds[i] - 30 * DAY; p--) {
            double a = amounts[own[p]];
            n++;
            sum += a;
            squares += a * a;
            if (seconds[own[p]] > seconds[i] - 7 * DAY) {
                peak = Math.max(peak, a);
            }
        }
        double mean = n == 0 ? Double.NaN : sum / n;
        double deviation = n < 2 ? Double.NaN : Math.sqrt(Math.max(0, squares / n - mean * mean));
        out[o] = n == 0 ? Double.NaN : Math.log((amounts[i] + 1) / (mean + 1));
        out[o + 1] = n < 2 ? Double.NaN : (amounts[i] - mean) / (deviation + 1);
        out[o + 2] = n == 0 ? Double.NaN : Math.log((peak + 1) / (mean + 1));
        // How many of the last known transactions in a row were frauds.
        int run = 0;
        while (known - run >= 0 && frauds[at[known - run]] && seconds[at[known - run]] > seconds[i] - 37 * DAY) {
            run++;
        }
        out[o + 3] = run;
        double age = Double.NaN;
        int hidden = 0;
        int seen = 0;
        for (int p = known; p >= 0 && seconds[at[p]] > seconds[i] - (DELAY + 28) * DAY; p--) {
            seen++;
            if (frauds[at[p]] && amounts[at[p]] <= 220) {
                hidden++;
                // Of the oldest one: when the trouble began.
                age = (seconds[i] - seconds[at[p]]) / (double) DAY;
            }
        }
        out[o + 4] = age;
        out[o + 5] = seen == 0 ? 0 : (double) hidden / seen;
    }

    /** Names of {@link #inputs}. */
    static List<String> names(boolean more) {
        List<String> out = new ArrayList<>(HANDBOOK);
        if (more) {
            out.addAll(MORE);
        }
        return out;
    }
}
