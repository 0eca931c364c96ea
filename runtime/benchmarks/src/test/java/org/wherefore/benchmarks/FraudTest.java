package org.wherefore.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FraudTest {
    private static final int HOUR = 3600;
    private static final int DAY = 24 * HOUR;
    @TempDir
    private Path folder;

    private static double input(double[] inputs, String name) {
        return inputs[FraudData.names(true).indexOf(name)];
    }

    @Test
    void inputsAreOfWhatWasKnownAtTheTime() {
        FraudData data = new FraudData(LocalDate.of(2018, 4, 1)); // a Sunday
        data.add(2 * HOUR, 0, 0, 10, false);
        data.add(2 * HOUR + 1, 1, 0, 300, true);
        data.add(DAY + HOUR, 0, 0, 30, true);
        data.add(8 * DAY + 7 * HOUR, 0, 0, 80, false);
        data.index(2, 1);
        double[] first = data.inputs(0, true);
        assertThat(input(first, "amount")).isEqualTo(10);
        assertThat(input(first, "weekend")).isEqualTo(1);
        assertThat(input(first, "night")).isEqualTo(1);
        assertThat(input(first, "customerCount1")).isEqualTo(1);
        assertThat(input(first, "customerMean30")).isEqualTo(10);
        assertThat(input(first, "terminalCount30")).isZero();
        assertThat(input(first, "terminalRisk30")).isZero();
        assertThat(input(first, "amountRatio")).isNaN();
        double[] third = data.inputs(2, true);
        assertThat(input(third, "weekend")).isZero();
        assertThat(input(third, "customerCount1")).as("within 24 hours, itself included").isEqualTo(2);
        assertThat(input(third, "customerMean1")).isEqualTo(20);
        assertThat(input(third, "terminalCount30")).as("nothing is known within seven days").isZero();
        assertThat(input(third, "amountRatio")).isCloseTo(Math.log(31 / 11.0), within(1e-12));
        double[] last = data.inputs(3, true);
        assertThat(input(last, "night")).isZero();
        assertThat(input(last, "customerCount7")).isEqualTo(1);
        assertThat(input(last, "customerCount30")).isEqualTo(3);
        assertThat(input(last, "customerMean30")).isEqualTo(40);
        assertThat(input(last, "terminalCount1")).as("from eight to seven days ago").isEqualTo(1);
        assertThat(input(last, "terminalRisk1")).isEqualTo(1);
        assertThat(input(last, "terminalCount7")).isEqualTo(3);
        assertThat(input(last, "terminalRisk7")).isEqualTo(2 / 3.0);
        assertThat(input(last, "terminalRun")).isEqualTo(2);
        assertThat(input(last, "terminalHiddenRisk28")).as("300 is over the ceiling and tells nothing of the terminal").isEqualTo(1 / 3.0);
        assertThat(input(last, "terminalFraudAge")).isCloseTo(7.25, within(1e-9));
        assertThat(data.inputs(3, false)).containsExactly(Arrays.copyOf(last, 15));
    }

    @Test
    void aFoldAsksOnlyCardsThatAreNotKnownToBeCompromised() {
        FraudData data = new FraudData(LocalDate.of(2018, 4, 1));
        // Training on days 1 to 7, test on days 15 to 21; card 0 is found in training, 1 on day 8, 2 never.
        data.add(0, 3, 0, 10, true);
        data.add(DAY, 0, 0, 10, true);
        data.add(8 * DAY, 1, 0, 10, true);
        data.add(15 * DAY, 0, 0, 10, false);
        data.add(15 * DAY + 1, 1, 0, 10, false);
        data.add(15 * DAY + 2, 2, 0, 10, true);
        data.add(16 * DAY, 1, 0, 10, false);
        data.add(16 * DAY + 1, 2, 0, 10, false);
        data.add(16 * DAY + 2, 3, 0, 10, false);
        data.add(22 * DAY, 2, 0, 10, false);
        data.index(4, 1);
        FraudBench.Fold fold = FraudBench.Fold.of(data, 1);
        assertThat(fold.training()).containsExactly(1);
        assertThat(fold.test()).as("what becomes of day 8 is known on day 16").containsExactly(4, 5, 7, 8);
    }

    @Test
    void figuresAreAsTheHandbookCountsThem() {
        double[] scores = {0.9, 0.8, 0.8, 0.1, 0.7, 0.6};
        boolean[] frauds = {true, false, true, false, false, true};
        FraudMetrics m = FraudMetrics.of(scores, frauds, new int[] {1, 1, 1, 1, 2, 2}, new int[] {1, 2, 3, 4, 5, 1});
        assertThat(m.auc()).isCloseTo((3 + 2.5 + 1) / 9, within(1e-12));
        assertThat(m.averagePrecision()).isCloseTo((1 + 2 / 3.0 + 3 / 5.0) / 3, within(1e-12));
        assertThat(m.cardPrecision()).as("two cards on the first day; the second day's was found by then").isCloseTo(0.01, within(1e-12));
    }

    @Test
    void readsTheFilesAndNamesALineThatIsNone() throws IOException {
        write("tx-2018-04.csv.gz", "7,2018-04-01 00:00:31,596,3156,57.16,31,0,0,0\n8,2018-04-02 00:02:10,596,77,81.51,130,1,1,3\n");
        FraudData data = FraudData.read(folder);
        assertThat(data.count()).isEqualTo(2);
        assertThat(data.fraud(1)).isTrue();
        assertThat(data.day(1)).isEqualTo(1);
        assertThat(data.between(1, 2)).containsExactly(1);
        write("tx-2018-05.csv.gz", "9,2018-03-01 00:00:31,596,3156,57.16,31,0,0,0\n");
        assertThatThrownBy(() -> FraudData.read(folder)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tx-2018-05.csv.gz, line 2").hasMessageContaining("older");
    }

    private void write(String file, String lines) throws IOException {
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(folder.resolve(file))), StandardCharsets.UTF_8)) {
            out.write("TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO\n" + lines);
        }
    }

    @Test
    void saysWhereItLookedForData() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        assertThat(Main.run(new String[] {"fraud", "--data", folder.toString()}, new PrintStream(new ByteArrayOutputStream()),
                new PrintStream(err))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(folder.toString(), "--data");
    }
}
