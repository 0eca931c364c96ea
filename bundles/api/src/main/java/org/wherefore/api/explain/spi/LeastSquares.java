package org.wherefore.api.explain.spi;

/**
 * The one piece of linear algebra of strategies that fit a simple model: the inverse of its normal equations, with which go slopes
 * ({@code inverse x right side}), standard errors and leverages. Stateless.
 */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * By Cholesky's factors; about {@code n^3} steps.
     *
     * @param normal {@code n x n}, symmetric and positive definite; its lower triangle is read, and it stays as it is
     * @return {@code n x n}
     * @throws ArithmeticException when it is not positive definite: columns that say the same, or too few points
     */
    public static double[][] inverse(double[][] normal) {
        double[][] a = new double[normal.length][];
        for (int i = 0; i < a.length; i++) {
            a[i] = normal[i].clone();
        }
        int n = a.length;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= a[i][k] * a[j][k];
                }
                if (i == j && !(sum > 0)) {
                    throw new ArithmeticException("the normal equations are not positive definite at row " + i + " of " + n + ": " + sum);
                }
                a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
            }
        }
        double[][] inverse = new double[n][n];
        for (int column = 0; column < n; column++) {
            double[] y = inverse[column];
            for (int i = column; i < n; i++) {
                double sum = i == column ? 1 : 0;
                for (int k = column; k < i; k++) {
                    sum -= a[i][k] * y[k];
                }
                y[i] = sum / a[i][i];
            }
            for (int i = n - 1; i >= 0; i--) {
                double sum = y[i];
                for (int k = i + 1; k < n; k++) {
                    sum -= a[k][i] * y[k];
                }
                y[i] = sum / a[i][i];
            }
        }
        return inverse;
    }
}
