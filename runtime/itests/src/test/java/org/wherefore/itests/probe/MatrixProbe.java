package org.wherefore.itests.probe;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.function.Function;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * The activator of a bundle that a test makes: offers the product of two matrices ({@code {a, b}} to {@code a·b}), computed by ND4J
 * in the precision that the service property {@code type} names.
 */
public final class MatrixProbe implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put("type", type.name());
            properties.put("probe", context.getBundle().getSymbolicName());
            Function<double[][][], double[][]> product = m -> multiply(m[0], m[1], type);
            context.registerService(Function.class, product, properties);
        }
    }

    @Override
    public void stop(BundleContext context) {
        // the framework withdraws the services
    }

    private static double[][] multiply(double[][] a, double[][] b, DataType type) {
        try (INDArray x = Nd4j.create(a).castTo(type); INDArray y = Nd4j.create(b).castTo(type); INDArray z = Nd4j.gemm(x, y, false, false)) {
            if (z.dataType() != type) {
                throw new IllegalStateException("computed in " + z.dataType());
            }
            return z.castTo(DataType.DOUBLE).toDoubleMatrix();
        }
    }
}
