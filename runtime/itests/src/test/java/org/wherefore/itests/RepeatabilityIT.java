package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.wherefore.api.Parameters;
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
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/**
 * Same seed, same answer: every strategy that the distribution installs, whatever kind of finding it gives, is asked the same 1,000
 * times, half of them by eight threads at once that ask something else in between, and on a model that was loaded a second time.
 * What is compared are the bytes of the finding's text, which has every digit of every number.
 */
class RepeatabilityIT {
    private static final int TIMES = 1_000;
    private static final int THREADS = 8;
    private static final int LENGTH = 6;
    /** Fewer than the sets of events: what can sample has to. */
    private static final int BUDGET = 48;
    private static final FeatureSchema SCHEMA = FeatureSchemas.items(30);
    private static final ModelInfo INFO = new ModelInfo("repeated", 1, "dl4j-transformer", "sha256:0");
    private static final Engine ENGINE = new TransformerEngine();
    /** A component's description names its class and, among others, the service that it is. */
    private static final Pattern CLASS = Pattern.compile("<implementation class=\"([^\"]+)\"");
    private static final String SERVICE = "<provide interface=\"" + Explainer.class.getName() + "\"";
    private static final List<Example> CASES = cases(1, 300);
    private static final List<Example> KEPT = CASES.subList(0, 60);
    private static Model model;
    private static Model again;

    /** The item after the newest one follows, mostly. */
    private static List<Example> cases(long seed, int count) {
        Random random = new Random(seed);
        return IntStream.range(0, count).mapToObj(i -> {
            int[] items = random.ints(LENGTH, 0, 30).toArray();
            return new Example(new SequenceInstance(items, new int[LENGTH]), (items[LENGTH - 1] + 1) % 30);
        }).toList();
    }

    @BeforeAll
    static void train() {
        MemoryArtifact trained = new MemoryArtifact();
        ENGINE.train(new TrainingRequest(SCHEMA, CASES, List.of(), Map.of("dim", "16", "heads", "2", "maxLength", "8", "epochs", "3",
                "sideInformation", "false"), 7, 1, null), trained, new RecordingProgress());
        model = ENGINE.load(INFO, SCHEMA, trained);
        again = ENGINE.load(INFO, SCHEMA, trained);
    }

    @AfterAll
    static void close() {
        model.close();
        again.close();
    }

    /** The classes of all strategies that a user has after the installation, as the bundles of the distribution declare them. */
    private static List<String> installed() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("wherefore.dist"), "repository"))) {
            for (Path jar : files.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
                try (JarFile content = new JarFile(jar.toFile())) {
                    for (JarEntry e : content.stream().filter(e -> e.getName().matches("OSGI-INF/[^/]+\\.xml")).toList()) {
                        String component = new String(content.getInputStream(e).readAllBytes(), StandardCharsets.UTF_8);
                        Matcher name = CLASS.matcher(component);
                        if (component.contains(SERVICE) && name.find()) {
                            found.add(name.group(1));
                        }
                    }
                }
            }
        }
        return found.stream().sorted(Comparator.naturalOrder()).toList();
    }

    private static Explainer make(String strategy) {
        BundleContext bundle = proxy(BundleContext.class, proxy(Bundle.class, new Version(1, 0, 0)));
        try {
            return (Explainer) Class.forName(strategy).getConstructor(BundleContext.class).newInstance(bundle);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(strategy + " is installed and not tested: name its bundle in this module's dependencies", e);
        }
    }

    private static <T> T proxy(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> answer));
    }

    private static ExplanationContext question(Explainer strategy, Model asked, int person, long seed) {
        SequenceInstance history = (SequenceInstance) CASES.get(person).instance();
        BitSet seen = new BitSet();
        IntStream.of(history.items()).forEach(seen::set);
        int[] best = asked.predict(history, 3, seen).stream().mapToInt(o -> o.index()).toArray();
        return ExplanationContext.of(asked, SCHEMA, history, best).withRanking(seen, 3).withCases(KEPT).withSeed(seed).withBudget(BUDGET)
                .withParameters(Parameters.bind("", strategy.parameters(), Map.of()));
    }

    /** Records print each number with as many digits as tell it from every other. */
    private static byte[] answer(Explainer strategy, ExplanationContext question) {
        return strategy.explain(question).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void same(Explainer strategy, ExplanationContext question, byte[] first, String when) {
        byte[] now = answer(strategy, question);
        if (!Arrays.equals(now, first)) {
            assertThat(new String(now, StandardCharsets.UTF_8)).as("%s, asked again %s", strategy.name(), when)
                    .isEqualTo(new String(first, StandardCharsets.UTF_8));
        }
    }

    @Test
    void thereAreStrategiesOfEveryKindAndThoseThatSampleDo() throws IOException {
        List<Explainer> strategies = installed().stream().map(RepeatabilityIT::make).toList();
        assertThat(strategies).extracting(Explainer::name).contains("occlusion", "shap", "lime", "smoothgrad", "counterfactual", "examples");
        for (Explainer s : strategies) {
            if (Set.of("shap", "lime", "smoothgrad").contains(s.name())) {
                assertThat(answer(s, question(s, model, 0, 8))).as("%s, with another seed", s.name()).isNotEqualTo(answer(s, question(s, model, 0, 7)));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> sameSeedSameAnswerAThousandTimes() throws IOException {
        return installed().stream().map(RepeatabilityIT::make).filter(s -> s.supports(model, question(s, model, 0, 7).instance()).supported())
                .map(s -> DynamicTest.dynamicTest(s.name(), () -> repeat(s)));
    }

    private static void repeat(Explainer strategy) throws Exception {
        ExplanationContext question = question(strategy, model, 0, 7);
        ExplanationContext other = question(strategy, model, 1, 8);
        byte[] first = answer(strategy, question);
        byte[] second = answer(strategy, other);
        assertThat(second).as("%s: another person, another answer", strategy.name()).isNotEqualTo(first);
        for (int i = 1; i < TIMES / 2; i++) {
            same(strategy, question, first, "by one thread, time " + i);
        }
        same(strategy, question(strategy, again, 0, 7), first, "of the same model, loaded again");
        same(make(strategy.getClass().getName()), question, first, "of another component");
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CountDownLatch start = new CountDownLatch(THREADS);
            List<Future<Void>> asked = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                asked.add(threads.submit(() -> {
                    start.countDown();
                    start.await();
                    for (int i = 0; i < (TIMES / 2 + THREADS - 1) / THREADS; i++) {
                        same(strategy, question, first, "by eight threads at once");
                        if (i % 8 == 0) {
                            same(strategy, other, second, "by eight threads at once");
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> f : asked) {
                f.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
