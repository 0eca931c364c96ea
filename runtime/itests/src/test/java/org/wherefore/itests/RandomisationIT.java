package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.engine.dl4j.internal.TransformerEngine;
import org.wherefore.engine.dl4j.internal.transformer.Transformer;
import org.wherefore.explainer.attention.internal.AttentionGradientExplainer;
import org.wherefore.explainer.attention.internal.AttentionRolloutExplainer;
import org.wherefore.explainer.attention.internal.RawAttentionExplainer;
import org.wherefore.explainer.gradients.internal.GradientTimesInputExplainer;
import org.wherefore.explainer.gradients.internal.IntegratedGradientsExplainer;
import org.wherefore.explainer.gradients.internal.SmoothGradExplainer;
import org.wherefore.explainer.occlusion.internal.OcclusionExplainer;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/**
 * Whether explanations are about the model at all: when its layers are made random one after the other, from the output on,
 * explanations have to change (Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018). A strategy that passes may still be
 * wrong; one that fails tells of its input alone. The model has learned something where the right explanation is known: one
 * event of each history decides what comes next.
 */
class RandomisationIT {
    private static final String ENTRY = "transformer.bin";
    private static final ModelInfo INFO = new ModelInfo("sanity", 1, "dl4j-transformer", "sha256:0");
    private static final FeatureSchema SCHEMA = FeatureSchemas.items(40);
    private static final int NOISE = 20;
    private static final int CAUSES = 10;
    private static final int LENGTH = 8;
    private static final int PEOPLE = 60;
    private static final Engine ENGINE = new TransformerEngine();
    private static MemoryArtifact trained;

    /** A history of noise with one cause, at a random position, and what follows from it. */
    private record Case(SequenceInstance history, int cause, int target) {}

    private static List<Case> cases(long seed, int count) {
        Random random = new Random(seed);
        return IntStream.range(0, count).mapToObj(i -> {
            int[] items = random.ints(LENGTH, 0, NOISE).toArray();
            int at = random.nextInt(LENGTH);
            items[at] = NOISE + random.nextInt(CAUSES);
            return new Case(new SequenceInstance(items, new int[LENGTH]), at, items[at] + CAUSES);
        }).toList();
    }

    @BeforeAll
    static void train() {
        trained = new MemoryArtifact();
        List<Example> examples = cases(1, 2000).stream().map(c -> new Example(c.history(), c.target())).toList();
        ENGINE.train(new TrainingRequest(SCHEMA, examples, List.of(), Map.of("dim", "32", "heads", "2", "maxLength", "16", "epochs", "40",
                "learningRate", "0.003", "dropout", "0.1", "sideInformation", "false"), 7, 2, null), trained, new RecordingProgress());
    }

    @AfterAll
    static void forget() {
        trained = null;
    }

    private static List<Explainer> strategies() {
        BundleContext bundle = proxy(BundleContext.class, proxy(Bundle.class, new Version(1, 0, 0)));
        return List.of(new OcclusionExplainer(bundle), new IntegratedGradientsExplainer(bundle), new GradientTimesInputExplainer(bundle),
                new SmoothGradExplainer(bundle), new RawAttentionExplainer(bundle), new AttentionRolloutExplainer(bundle),
                new AttentionGradientExplainer(bundle));
    }

    private static <T> T proxy(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> answer));
    }

    /** The trained model with the parameters of these names as they are before training. */
    private static Model randomised(Predicate<String> names) throws IOException {
        byte[] bytes = trained.bytes(ENTRY);
        Transformer<float[]> model = Transformer.load(new ByteArrayInputStream(bytes));
        Map<String, float[]> parameters = model.parameters();
        Map<String, float[]> fresh = Transformer.random(model.config(), 99).parameters();
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(changed);
        int header = 4 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        out.write(bytes, 0, header);
        for (Map.Entry<String, float[]> p : parameters.entrySet()) {
            for (float w : names.test(p.getKey()) ? fresh.get(p.getKey()) : p.getValue()) {
                out.writeInt(Integer.reverseBytes(Float.floatToIntBits(w)));
            }
        }
        CRC32 sum = new CRC32();
        sum.update(changed.toByteArray());
        out.writeInt(Integer.reverseBytes((int) sum.getValue()));
        return ENGINE.load(INFO, SCHEMA, trained.with(ENTRY, changed.toByteArray()));
    }

    /** From the output on, each with all before it. */
    private static Map<String, Predicate<String>> cascade() {
        Map<String, Predicate<String>> layers = new LinkedHashMap<>();
        layers.put("last block", p -> p.startsWith("block1.") || p.startsWith("norm."));
        layers.put("first block", layers.get("last block").or(p -> p.startsWith("block0.")));
        layers.put("embeddings", p -> true);
        return layers;
    }

    private static double[] byPosition(Explainer strategy, Model model, Case c) {
        Attribution a = (Attribution) strategy.explain(ExplanationContext.of(model, SCHEMA, c.history(), c.target())).get(0);
        double[] out = new double[LENGTH];
        a.contributions().forEach(x -> out[x.position()] = x.value());
        return out;
    }

    /** Equal values share the mean of their ranks. */
    private static double[] ranks(double[] values) {
        double[] ranks = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double v = values[i];
            ranks[i] = Arrays.stream(values).filter(o -> o < v).count() + Arrays.stream(values).filter(o -> o == v).count() / 2.0;
        }
        return ranks;
    }

    /** Spearman's; 0 when one of them ranks nothing. */
    private static double correlation(double[] a, double[] b) {
        double[] x = ranks(a);
        double[] y = ranks(b);
        double mean = a.length / 2.0;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }
        return xx == 0 || yy == 0 ? 0 : xy / Math.sqrt(xx * yy);
    }

    @Test
    void explanationsChangeWithTheModelLayerByLayer() throws IOException {
        List<Case> cases = cases(2, PEOPLE);
        SoftAssertions softly = new SoftAssertions();
        List<String> table = new ArrayList<>();
        table.add(String.format("%-22s%14s%s", "", "cause first", String.join("", cascade().keySet().stream()
                .map(l -> String.format("%14s", l)).toList())));
        try (Model model = randomised(p -> false)) {
            for (Explainer strategy : strategies()) {
                List<double[]> original = cases.stream().map(c -> byPosition(strategy, model, c)).toList();
                long found = IntStream.range(0, PEOPLE).filter(i -> IntStream.range(0, LENGTH).boxed()
                        .max(Comparator.comparingDouble(p -> original.get(i)[p])).orElseThrow() == cases.get(i).cause()).count();
                StringBuilder line = new StringBuilder(String.format("%-22s%11d/%d", strategy.name(), found, PEOPLE));
                for (Map.Entry<String, Predicate<String>> layer : cascade().entrySet()) {
                    double left;
                    try (Model random = randomised(layer.getValue())) {
                        left = IntStream.range(0, PEOPLE).mapToDouble(i -> correlation(original.get(i), byPosition(strategy, random, cases.get(i))))
                                .average().orElseThrow();
                    }
                    line.append(String.format("%14.2f", left));
                    // Half of rollout is residual, and the first block stays as it was: the last one changes it least.
                    softly.assertThat(left).as("%s: rank correlation with the explanation by the trained model when the weights are random up"
                            + " to the %s", strategy.name(), layer.getKey()).isLessThan(layer.getKey().equals("last block") ? 0.95 : 0.5);
                }
                if (strategy.name().equals("occlusion")) {
                    softly.assertThat(found).as("the cause comes first when it is left out: the model has learned").isGreaterThan(50);
                }
                table.add(line.toString());
            }
        }
        table.forEach(System.out::println);
        softly.assertAll();
    }

    @Test
    void aModelOfUnchangedWeightsIsExplainedAsItWas() throws IOException {
        try (Model model = ENGINE.load(INFO, SCHEMA, trained); Model same = randomised(p -> false)) {
            for (Explainer strategy : strategies()) {
                Case c = cases(3, 1).get(0);
                assertThat(byPosition(strategy, same, c)).as(strategy.name()).containsExactly(byPosition(strategy, model, c));
            }
        }
    }
}
