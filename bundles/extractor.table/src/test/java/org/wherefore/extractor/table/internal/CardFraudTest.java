package org.wherefore.extractor.table.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.feature.spi.Aggregates;

/** All 1,754,155 transactions of the real data through the aggregates, against what the Handbook's own pandas code gives for them. */
class CardFraudTest {
    private static final int ROWS = 1_754_155;
    /** Sums over all rows, from the code of chapter 3 ("baseline feature transformation") under pandas 3.0. */
    private static final Map<String, Double> HANDBOOK = Map.ofEntries(
            Map.entry("customer.count.1d", 6_245_806.0),
            Map.entry("customer.amount.mean.1d", 94070820.44175312),
            Map.entry("customer.count.7d", 32_698_235.0),
            Map.entry("customer.amount.mean.7d", 94049157.7965263),
            Map.entry("customer.count.30d", 125_859_562.0),
            Map.entry("customer.amount.mean.30d", 94027588.19536117),
            Map.entry("terminal.count.1d", 1_683_536.0),
            Map.entry("terminal.risk.1d", 8880.388095238093),
            Map.entry("terminal.count.7d", 11_591_406.0),
            Map.entry("terminal.risk.7d", 13874.012063032875),
            Map.entry("terminal.count.30d", 46_326_926.0),
            Map.entry("terminal.risk.30d", 13223.969947352663));

    private static Path data() {
        String folder = System.getProperty("WHEREFORE_DATA", System.getenv().getOrDefault("WHEREFORE_DATA", ""));
        return (folder.isEmpty() ? Path.of(System.getProperty("wherefore.root", "../..")).resolve("../shared/data") : Path.of(folder)).resolve("card-fraud");
    }

    @Test
    void givesTheHandbooksNumbersForEveryTransaction() throws IOException {
        Path folder = data();
        boolean there = Files.isDirectory(folder);
        if (!there) {
            System.out.println("CardFraudTest skipped: there is no " + folder.toAbsolutePath().normalize() + "; set WHEREFORE_DATA");
        }
        assumeTrue(there, "no " + folder);
        Aggregates aggregates = new TableExtractor().aggregates(Transactions.SCHEMA, Transactions.HANDBOOK).orElseThrow();
        Map<String, Double> sums = new TreeMap<>();
        long rows = 0;
        long nanos = 0;
        long processor = 0;
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int month = 4; month <= 9; month++) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(folder.resolve("tx-2018-0" + month
                    + ".csv.gz")), 1 << 16), StandardCharsets.UTF_8))) {
                in.readLine();
                for (String line; (line = in.readLine()) != null; rows++) {
                    String[] cells = line.split(",");
                    Instant time = LocalDateTime.parse(cells[1].replace(' ', 'T')).toInstant(ZoneOffset.UTC);
                    DataRecord record = Transactions.of(cells[0], time, cells[2], cells[3], Double.valueOf(cells[4]), cells[7]);
                    long busy = threads.getCurrentThreadCpuTime();
                    long start = System.nanoTime();
                    DataRecord enriched = aggregates.enrich(record);
                    aggregates.add(record);
                    nanos += System.nanoTime() - start;
                    processor += threads.getCurrentThreadCpuTime() - busy;
                    for (Field field : enriched.schema().fields().subList(Transactions.SCHEMA.fields().size(), enriched.schema().fields().size())) {
                        sums.merge(field.name(), (Double) enriched.value(field.name()), Double::sum);
                    }
                }
            }
        }
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        aggregates.save(saved);
        System.gc();
        long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.printf("card-fraud: %,d transactions enriched and added in %.1f s (%.1f s of one processor); heap in use afterwards %d MB, "
                + "saved state %.1f MB%n", rows, nanos / 1e9, processor / 1e9, used >> 20, saved.size() / 1e6);
        assertThat(rows).isEqualTo(ROWS);
        assertThat(sums.keySet()).isEqualTo(HANDBOOK.keySet());
        HANDBOOK.forEach((name, sum) -> assertThat(sums.get(name)).as(name).isCloseTo(sum, within(Math.abs(sum) * 1e-9)));
        assertThat(aggregates.schema().fields()).hasSize(Transactions.SCHEMA.fields().size() + HANDBOOK.size());
    }
}
