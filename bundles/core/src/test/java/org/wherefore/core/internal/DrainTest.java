package org.wherefore.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.predict.Asked;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.plugin.ToyExplainer;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryPopulation;

/** Strategies that leave while they are called. */
@Timeout(60)
class DrainTest {
    private final Bulkhead bulkhead = new Bulkhead();
    private final InstalledPlugins plugins = new InstalledPlugins(bulkhead, null);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @AfterEach
    void close() {
        go.countDown();
        bulkhead.close();
    }

    @Test
    void theCallInFlightEndsByTheOldOneAndNewCallsGetTheNewOne() throws Exception {
        Slow old = new Slow("1.0.0");
        plugins.addExplainer(old);
        CompletableFuture<Explanation> first = CompletableFuture.supplyAsync(() -> explain(plugins.explainer("slow"), 30_000));
        entered.await();
        plugins.addExplainer(new Fast("slow", "2.0.0"));
        CompletableFuture<Void> gone = CompletableFuture.runAsync(() -> plugins.removeExplainer(old));
        while (plugins.states().size() > 1) {
            Thread.onSpinWait();
        }
        assertThat(explain(plugins.explainer("slow"), 30_000).strategyVersion()).isEqualTo("2.0.0");
        assertThat(gone).as("its bundle does not stop yet").isNotDone();
        go.countDown();
        gone.get(30, TimeUnit.SECONDS);
        assertThat(first.get().status()).isEqualTo(Explanation.COMPLETE);
        assertThat(first.get().strategyVersion()).isEqualTo("1.0.0");
    }

    @Test
    void aCallThatDoesNotEndIsCutAtItsDeadline() throws Exception {
        Slow old = new Slow("1.0.0");
        plugins.addExplainer(old);
        CompletableFuture<Explanation> first = CompletableFuture.supplyAsync(() -> explain(plugins.explainer("slow"), 300));
        entered.await();
        plugins.removeExplainer(old);
        assertThat(first.get().status()).isEqualTo(Explanation.PARTIAL);
        assertThat(go.getCount()).as("nobody let it go on").isEqualTo(1);
    }

    @Test
    void oneThatWasLookedUpBeforeItLeftIsNotAskedAnyMore() {
        Fast old = new Fast("slow", "1.0.0");
        plugins.addExplainer(old);
        Explainer held = plugins.explainer("slow");
        plugins.addExplainer(new Fast("slow", "2.0.0"));
        plugins.removeExplainer(old);
        assertThat(explain(held, 30_000).strategyVersion()).isEqualTo("2.0.0");
        plugins.removeExplainer(((org.wherefore.core.internal.guard.InstalledStrategy) plugins.explainer("slow")).plugin());
        assertThat(explain(held, 30_000).reason()).isEqualTo("strategy 'slow' was removed");
    }

    private Explanation explain(Explainer strategy, int deadline) {
        FeatureSchema schema = FeatureSchemas.items(8);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3);
        ExplanationRequest d = ExplanationRequest.defaults(Locale.ENGLISH);
        return new ExplanationMaker(bulkhead).personal(Asked.ofHistory(new ToyPack(), model, schema, history, new BitSet(),
                model.predict(history, 1, new BitSet()), new MemoryPopulation(List.of())), strategy,
                new ExplanationRequest(d.strategy(), d.locale(), d.seed(), d.budget(), deadline, d.parameters(), null)).get(0);
    }

    private static class Fast implements Explainer {
        private final String name;
        private final String version;

        Fast(String name, String version) {
            this.name = name;
            this.version = version;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Support supports(Model model, Instance instance) {
            return Support.yes();
        }

        @Override
        public List<? extends Finding> explain(ExplanationContext context) {
            return new ToyExplainer().explain(context);
        }
    }

    /** Answers when it is let go on. */
    private final class Slow extends Fast {
        Slow(String version) {
            super("slow", version);
        }

        @Override
        public List<? extends Finding> explain(ExplanationContext context) {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return super.explain(context);
        }
    }
}
