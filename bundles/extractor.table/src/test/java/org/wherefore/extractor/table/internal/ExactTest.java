package org.wherefore.extractor.table.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactTest {
    @Test
    void sumsAsBigDecimalsDoWhateverTheOrder() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            double[] values = new double[1 + random.nextInt(20)];
            BigDecimal sum = BigDecimal.ZERO;
            long high = 0;
            long low = 0;
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (random.nextInt(4)) {
                    case 0 -> Math.round(random.nextGaussian() * 10_000) / 100.0;
                    case 1 -> (random.nextDouble() - 0.5) * 2 * Exact.MAX;
                    case 2 -> (random.nextDouble() - 0.5) * 1e-3 + 0.25;
                    default -> random.nextInt(3) - 1;
                };
                sum = sum.add(new BigDecimal(values[i]));
                long l = Exact.low(values[i]);
                low += l;
                high += Exact.high(values[i]) + Exact.carry(low, l);
            }
            assertThat(Exact.toDouble(high, low)).isEqualTo(sum.doubleValue());
        }
    }

    @Test
    void readsEveryValueBackAndCutsWhatIsTooSmall() {
        for (double value : new double[] {0, 1, -1, 0.1, -0.1, 57.16, -57.16, 0x1p-12 + 0x1p-64, -0x1p-64, Exact.MAX, -Exact.MAX, 0.999999999}) {
            assertThat(Exact.toDouble(Exact.high(value), Exact.low(value))).isEqualTo(value);
        }
        assertThat(Exact.toDouble(Exact.high(-1e-30), Exact.low(-1e-30))).isZero();
        assertThat(Exact.toDouble(Exact.high(1e-18), Exact.low(1e-18))).isBetween(0.9e-18, 1e-18);
    }
}
