package org.wherefore.explainer.shap.internal;

/** Inverse of a symmetric positive definite matrix by Cholesky's factors. */
final class Cholesky {
    private Cholesky() {}

    /**
     * @param a its lower triangle is read, and overwritten by the factor
     * @throws ArithmeticException when it is not positive definite
     */
    static double[][] inverse(double[][] a) {
        int n = a.length;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= a[i][k] * a[j][k];
                }
                if (i == j && !(sum > 0)) {
                    throw new ArithmeticException("not positive definite at row " + i + ": " + sum);
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
