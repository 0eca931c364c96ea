package org.wherefore.api.explain.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LeastSquaresTest {
    @Test
    void theInverseTimesTheMatrixIsTheIdentity() {
        Random random = new Random(1);
        for (int n : new int[] {0, 1, 2, 7, 40}) {
            double[][] rows = new double[n + 5][n];
            for (double[] row : rows) {
                for (int i = 0; i < n; i++) {
                    row[i] = random.nextGaussian();
                }
            }
            double[][] normal = new double[n][n];
            for (double[] row : rows) {
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < n; j++) {
                        normal[i][j] += row[i] * row[j];
                    }
                }
            }
            double[][] inverse = LeastSquares.inverse(normal);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    double product = 0;
                    for (int k = 0; k < n; k++) {
                        product += inverse[i][k] * normal[k][j];
                    }
                    assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-9));
                }
            }
        }
    }

    @Test
    void refusesWhatHasNoInverse() {
        assertThatThrownBy(() -> LeastSquares.inverse(new double[][] {{1, 1}, {1, 1}})).isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("row 1 of 2");
    }
}
