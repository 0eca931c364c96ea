package org.wherefore.core.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.core.internal.predict.Asked;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.plugin.ToyExplainer;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryPopulation;

/** Strategies that do their worst: each costs its own answer, and the others answer meanwhile. */
@Timeout(60)
class BulkheadTest {
    private final FeatureSchema schema = FeatureSchemas.items(12);
    private final ToyModel model = ToyModel.additive(schema);
    private final SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 7, 3);
    private final Map<String, String> limits = Map.of("wherefore.explain.graceMillis", "100", "wherefore.explain.threads", "4",
            "wherefore.explain.allocationMiB", "64", "wherefore.explain.patienceMillis", "100");
    private final Bulkhead bulkhead = new Bulkhead(Limits.of(limits::get));
    private final ExplanationMaker maker = new ExplanationMaker(bulkhead);
    private final InstalledStrategy good = bulkhead.install(new ToyExplainer());
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void close() {
        end.countDown();
        bulkhead.close();
    }

    @Test
    void whatThrowsFailsWithItsReason() {
        InstalledStrategy bad = bad(c -> {
            throw new IllegalStateException("the moon is full");
        });
        failed(bad, "threw java.lang.IllegalStateException: the moon is full");
        assertThat(bad.state().faults()).isEqualTo(1);
        assertThat(bad.state().quarantined()).isFalse();
    }

    @Test
    void errorsFailToo() {
        failed(bad(c -> {
            throw new StackOverflowError();
        }), "threw java.lang.StackOverflowError");
        failed(bad(c -> {
            throw new OutOfMemoryError();
        }), "ran out of memory");
        failed(bad(c -> {
            throw new RuntimeException() {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException();
                }
            };
        }), "threw org.wherefore.core.internal.guard.BulkheadTest");
    }

    @Test
    void rubbishFailsWithTheRuleThatItBreaks() {
        failed(bad(c -> null), "answered null");
        failed(bad(c -> List.of()), "gave 0 findings for 3 targets");
        failed(bad(c -> Collections.nCopies(3, null)), "gave null for target");
        failed(spoilt(a -> new Attribution(a.target() + 1, a.score(), a.baseValue(), a.contributions(), a.completenessGap())), "in the place of");
        failed(spoilt(a -> new Attribution(a.target(), a.score() + 1, a.baseValue() + 1, a.contributions(), a.completenessGap())), "the model says");
        failed(spoilt(a -> new Attribution(a.target(), a.score(), a.baseValue(), a.contributions(), Double.NaN)), "completeness gap NaN");
        failed(spoilt(a -> new Attribution(a.target(), a.score(), a.baseValue() + 1, a.contributions(), a.completenessGap())), "broke the sum rule");
        failed(contributions(c -> new Contribution(c.feature(), c.position(), Double.NaN, 0)), "the contribution NaN");
        failed(contributions(c -> new Contribution(c.feature(), c.position() + 1, c.value(), 0)), "gave position 7 of 7");
        failed(contributions(c -> new Contribution(c.feature(), 0, c.value(), 0)), "gave position 0 twice");
        failed(contributions(c -> new Contribution(null, c.position(), c.value(), 0)), "without a name");
        failed(contributions(c -> new Contribution(c.feature(), c.position(), c.value(), -1)), "standard error -1.0");
        failed(spoilt(a -> {
            List<Contribution> turned = new ArrayList<>(a.contributions());
            Collections.reverse(turned);
            return new Attribution(a.target(), a.score(), a.baseValue(), turned, a.completenessGap());
        }), "largest first");
    }

    @Test
    void whatNeverReturnsIsLeftAtTheDeadlineAndEnded() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        InstalledStrategy bad = bad(c -> {
            thread.set(Thread.currentThread());
            while (true) {
                Thread.interrupted();
            }
        });
        late(bad);
        answersMeanwhile();
        ended(thread, bad);
        assertThat(bad.state().reason()).contains("did not answer at its deadline");
        answersMeanwhile();
    }

    @Test
    void whatCannotBeEndedIsNamedAndItsPlaceIsGivenToOthers() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicBoolean enough = new AtomicBoolean();
        InstalledStrategy bad = bad(c -> {
            thread.set(Thread.currentThread());
            while (!enough.get()) {
                try {
                    end.await();
                } catch (Throwable t) {
                    // goes on
                }
            }
            return List.of();
        });
        late(bad);
        await(() -> bad.state().abandoned() == 1);
        // its place is free again: as many calls as before can run at the same time
        IntStream.range(0, 4).forEach(i -> answersMeanwhile());
        enough.set(true);
        end.countDown();
        await(() -> !thread.get().isAlive());
    }

    @Test
    void noThreadIsStoppedWhereThatWouldHarmOthers() {
        StackTraceElement mine = new StackTraceElement("com.acme.Bad", "explain", "Bad.java", 1);
        StackTraceElement worker = new StackTraceElement("java.util.concurrent.ThreadPoolExecutor", "runWorker", "ThreadPoolExecutor.java", 1);
        assertThat(ThreadStop.harmless(mine, worker)).isTrue();
        assertThat(ThreadStop.harmless(new StackTraceElement("java.util.HashMap", "put", null, 1), mine)).isTrue();
        assertThat(ThreadStop.harmless(worker, mine)).isFalse();
        assertThat(ThreadStop.harmless(mine, new StackTraceElement("com.acme.Table", "<clinit>", null, 1), mine)).isFalse();
        assertThat(ThreadStop.harmless(mine, new StackTraceElement("java.lang.ClassLoader", "loadClass", null, 1), mine)).isFalse();
    }

    @Test
    void whatSleepsIsInterruptedAtMost() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        InstalledStrategy bad = bad(c -> {
            thread.set(Thread.currentThread());
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return List.of();
        });
        late(bad);
        await(() -> !thread.get().isAlive());
        await(() -> bad.state().faults() == 1);
    }

    @Test
    void whatAsksTheModelOnAfterItsDeadlineIsCutOffAndBlamed() {
        InstalledStrategy bad = bad(c -> {
            while (true) {
                long asked = System.nanoTime();
                while (System.nanoTime() - asked < 1_000_000) {
                    Thread.onSpinWait();
                }
                if (c.cancelled().getAsBoolean()) {
                    c.model().score(List.of(c.instance()), new int[] {1}, new BitSet(), false);
                }
            }
        });
        Explanation e = explain(bad, request(1_000, 512)).get(0);
        assertThat(e.status()).isEqualTo(Explanation.PARTIAL);
        await(() -> bad.state().reason().equals("went on asking the model after its deadline"));
    }

    @Test
    void aKeptModelAnswersNoMore() {
        AtomicReference<Model> kept = new AtomicReference<>();
        AtomicReference<Gradients> gradients = new AtomicReference<>();
        explain(bad(c -> {
            kept.set(c.model());
            gradients.set(c.model().adapt(Gradients.class).orElseThrow());
            assertThat(gradients.get().at(c.instance(), new int[] {1}, List.of(Gradients.Point.on(1)))[0][0].score())
                    .isEqualTo(model.scoreOf(history, 1));
            return new ToyExplainer().explain(c);
        }), request(5_000, 512));
        assertThatThrownBy(() -> kept.get().predict(history, 1, new BitSet())).hasMessageContaining("the call is over");
        assertThatThrownBy(() -> gradients.get().at(history, new int[] {1}, List.of(Gradients.Point.on(1)))).hasMessageContaining("the call is over");
        kept.get().close();
        assertThat(model.isClosed()).isFalse();
    }

    @Test
    void threadsLeftBehindAreAFaultAndAreEnded() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        InstalledStrategy bad = bad(c -> {
            Thread t = new Thread(() -> {
                while (true) {
                    Thread.interrupted();
                }
            }, "left-behind");
            thread.set(t);
            t.start();
            return new ToyExplainer().explain(c);
        });
        failed(bad, "left 1 thread(s) running: left-behind");
        ended(thread, bad);
    }

    @Test
    void threadsThatEndWithTheCallAreFine() {
        InstalledStrategy fine = bad(c -> {
            var pool = Executors.newFixedThreadPool(3);
            try {
                return pool.submit(() -> new ToyExplainer().explain(c)).get();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                pool.shutdown();
            }
        });
        assertThat(explain(fine, request(5_000, 512))).allMatch(e -> e.status().equals(Explanation.COMPLETE));
        assertThat(fine.state().faults()).isZero();
    }

    @Test
    void allocatingWithoutEndIsCutOff() {
        InstalledStrategy bad = bad(c -> {
            List<byte[]> all = new ArrayList<>();
            while (true) {
                all.add(new byte[1 << 16]);
                if (all.size() > 100) {
                    all.clear();
                }
            }
        });
        failed(bad, "allocated more than 64 MiB");
        answersMeanwhile();
    }

    @Test
    void aHugeArrayCostsTheAnswerOnly() {
        failed(bad(c -> {
            long[][] all = new long[64][];
            Arrays.setAll(all, i -> new long[Integer.MAX_VALUE - 8]);
            return List.of();
        }), "");
        answersMeanwhile();
    }

    @Test
    void theBudgetIsHeldToWithAMargin() {
        AtomicReference<Integer> asked = new AtomicReference<>(0);
        InstalledStrategy bad = bad(c -> {
            for (int i = 0;; i++) {
                asked.set(i);
                c.model().predict(c.instance(), 1, new BitSet());
            }
        });
        assertThat(explain(bad, request(5_000, 20)).get(0).reason()).contains("asked the model for").contains("28 are allowed");
        assertThat(asked.get()).isEqualTo(28);
        assertThat(bad.state().faults()).isEqualTo(1);
        failed(bad(c -> {
            c.model().score(Collections.nCopies(100_000, c.instance()), new int[] {99}, new BitSet(), false);
            return List.of();
        }), "target 99 is not one of the model's 12");
    }

    @Test
    void aRefusalThatConcernsTheCallerIsNoFault() {
        InstalledStrategy choosy = bad(c -> {
            throw WhereforeException.invalid("/explain/budget", "more, please");
        });
        assertThatThrownBy(() -> explain(choosy, request(5_000, 512))).hasMessage("more, please");
        assertThat(choosy.state().faults()).isZero();
        InstalledStrategy odd = bad(c -> {
            throw WhereforeException.invalid("/history", "no");
        });
        failed(odd, "threw org.wherefore.api.WhereforeException: no");
    }

    @Test
    void aModelThatFailsIsNotTheStrategysFault() {
        InstalledStrategy s = bad(c -> {
            model.close();
            return new ToyExplainer().explain(c);
        });
        assertThat(explain(s, request(5_000, 512)).get(0)).satisfies(e -> {
            assertThat(e.status()).isEqualTo(Explanation.FAILED);
            assertThat(e.reason()).startsWith("the model failed: ");
        });
        assertThat(s.state().faults()).isZero();
    }

    @Test
    void threeFaultsInARowBringQuarantineAndAGoodAnswerForgives() {
        List<StrategyState> told = new ArrayList<>();
        bulkhead.listen(told::add);
        AtomicBoolean broken = new AtomicBoolean(true);
        InstalledStrategy bad = bad(c -> {
            if (broken.get()) {
                throw new IllegalStateException("broken");
            }
            return new ToyExplainer().explain(c);
        });
        failed(bad, "broken");
        failed(bad, "broken");
        broken.set(false);
        assertThat(explain(bad, request(5_000, 512)).get(0).status()).isEqualTo(Explanation.COMPLETE);
        broken.set(true);
        failed(bad, "broken");
        failed(bad, "broken");
        assertThat(bad.state().quarantined()).isFalse();
        failed(bad, "broken");
        assertThat(bad.state().quarantined()).isTrue();
        assertThat(told).containsExactly(bad.state());
        broken.set(false);
        failed(bad, "strategy 'bad' is quarantined since ");
        assertThat(bad.release().quarantined()).isFalse();
        assertThat(explain(bad, request(5_000, 512)).get(0).status()).isEqualTo(Explanation.COMPLETE);
        assertThat(told).hasSize(2);
    }

    @Test
    void aFullPoolAnswersQuicklyAndLeavesRoomForOthers() throws InterruptedException {
        InstalledStrategy slow = bad(c -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                // the test is over
            }
            return new ToyExplainer().explain(c);
        });
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread t = new Thread(() -> explain(slow, request(30_000, 512)));
            t.start();
            callers.add(t);
        }
        await(() -> slow.threads.availablePermits() == 0);
        assertThat(explain(slow, request(30_000, 512)).get(0)).satisfies(e -> {
            assertThat(e.status()).isEqualTo(Explanation.FAILED);
            assertThat(e.reason()).contains("busy");
        });
        answersMeanwhile();
        end.countDown();
        for (Thread t : callers) {
            t.join();
        }
        assertThat(slow.state().faults()).isZero();
    }

    @Test
    void whatCannotSayItsNameIsListedInQuarantine() {
        for (Function<Void, String> name : List.<Function<Void, String>>of(v -> null, v -> "a b", v -> {
            throw new IllegalStateException("who am I?");
        })) {
            InstalledStrategy s = bulkhead.install(new Explainer() {
                @Override
                public String name() {
                    return name.apply(null);
                }

                @Override
                public String version() {
                    return "1";
                }

                @Override
                public List<Parameter> parameters() {
                    return List.of();
                }

                @Override
                public Support supports(Model m, Instance i) {
                    return Support.yes();
                }

                @Override
                public List<? extends Finding> explain(ExplanationContext c) {
                    return List.of();
                }
            });
            assertThat(s.isMute()).isTrue();
            assertThat(s.state().quarantined()).isTrue();
            assertThat(s.name()).startsWith(BulkheadTest.class.getName());
        }
    }

    @Test
    void whatDoesNotSupportAModelIsRefusedAsBefore() {
        assertThatThrownBy(() -> explain(bad(c -> {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "not this one");
        }), request(5_000, 512))).hasMessage("not this one");
    }

    private void answersMeanwhile() {
        assertThat(explain(good, request(5_000, 512))).hasSize(3).allMatch(e -> e.status().equals(Explanation.COMPLETE));
    }

    private void failed(InstalledStrategy s, String reason) {
        assertThat(explain(s, request(5_000, 512))).hasSize(3).allSatisfy(e -> {
            assertThat(e.status()).isEqualTo(Explanation.FAILED);
            assertThat(e.reason()).contains(reason);
            assertThat(e.finding()).isNull();
            assertThat(e.claims()).isEmpty();
        });
    }

    private void late(InstalledStrategy s) {
        assertThat(explain(s, request(50, 512))).hasSize(3).allSatisfy(e -> {
            assertThat(e.status()).isEqualTo(Explanation.PARTIAL);
            assertThat(e.reason()).isEqualTo("no answer within 50 ms");
        });
    }

    /** Stopped where this Java can, otherwise named. */
    private static void ended(AtomicReference<Thread> thread, InstalledStrategy s) {
        await(() -> !thread.get().isAlive() || s.state().abandoned() > 0);
        if (Runtime.version().feature() < 20) {
            assertThat(thread.get().isAlive()).isFalse();
        }
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(until);
            Thread.onSpinWait();
        }
    }

    private InstalledStrategy bad(Function<ExplanationContext, List<? extends Finding>> deed) {
        return bulkhead.install(new BadStrategy("bad", deed));
    }

    private InstalledStrategy spoilt(Function<Attribution, Attribution> spoil) {
        return bad(c -> new ToyExplainer().explain(c).stream().map(f -> spoil.apply((Attribution) f)).toList());
    }

    private InstalledStrategy contributions(Function<Contribution, Contribution> spoil) {
        return spoilt(a -> new Attribution(a.target(), a.score(), a.baseValue(), a.contributions().stream().map(spoil).toList(), a.completenessGap()));
    }

    private static ExplanationRequest request(long deadline, int budget) {
        return new ExplanationRequest("", Locale.ENGLISH, 7, budget, deadline, Map.of(), null);
    }

    private List<Explanation> explain(InstalledStrategy s, ExplanationRequest request) {
        List<Output> outputs = model.isClosed() ? List.of() : model.predict(history, 3, new BitSet());
        return maker.personal(Asked.ofHistory(new ToyPack(), model, schema, history, new BitSet(), outputs, new MemoryPopulation(List.of())), s, request);
    }
}
