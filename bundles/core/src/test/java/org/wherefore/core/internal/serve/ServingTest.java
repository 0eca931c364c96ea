package org.wherefore.core.internal.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Change;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ServingState;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.plugin.ToyEngine;
import org.wherefore.testkit.plugin.ToyExtractor;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryJournal;
import org.wherefore.testkit.service.MemoryPlugins;
import org.wherefore.testkit.service.MemoryRegistry;
import org.wherefore.testkit.service.RecordingProgress;

class ServingTest {
    /** The toy engine, whose versions can be made to fail or to wait. */
    static final class Moody implements Engine {
        final Set<Integer> failing = ConcurrentHashMap.newKeySet();
        final Set<Integer> refusing = ConcurrentHashMap.newKeySet();
        final Set<Integer> unloadable = ConcurrentHashMap.newKeySet();
        final Map<Integer, CountDownLatch> waiting = new ConcurrentHashMap<>();
        final List<String> asked = java.util.Collections.synchronizedList(new ArrayList<>());
        private final ToyEngine inner = new ToyEngine();

        @Override
        public String name() {
            return "moody";
        }

        @Override
        public List<Parameter> parameters() {
            return inner.parameters();
        }

        @Override
        public Support supports(FeatureSchema schema) {
            return inner.supports(schema);
        }

        @Override
        public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
            inner.train(request, artifact, progress);
        }

        @Override
        public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
            if (unloadable.contains(info.version())) {
                throw new IllegalStateException("the weights are of another shape");
            }
            Model model = inner.load(info, schema, artifact);
            return new Model() {
                @Override
                public ModelInfo info() {
                    return info;
                }

                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    asked.add(info.version() + " by " + (Thread.currentThread().getName().startsWith("wherefore-shadow") ? "shadow" : "caller"));
                    CountDownLatch latch = waiting.get(info.version());
                    try {
                        if (latch != null && !latch.await(30, TimeUnit.SECONDS)) {
                            throw new IllegalStateException("waited too long");
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    if (refusing.contains(info.version())) {
                        throw WhereforeException.invalid("/amount", "no such amount");
                    }
                    if (failing.contains(info.version())) {
                        throw new IllegalStateException("moody");
                    }
                    return model.predict(instance, k, excluded);
                }

                @Override
                public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                    return model.score(instances, targets, excluded, ranks);
                }

                @Override
                public <T> java.util.Optional<T> adapt(Class<T> ability) {
                    return model.adapt(ability);
                }

                @Override
                public void close() {
                    model.close();
                }
            };
        }
    }

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH.plusSeconds(60), ZoneOffset.UTC);
    private final CleanData data = ToyData.shop(60, 12, 3);
    private final Moody engine = new Moody();
    private final MemoryPlugins plugins = new MemoryPlugins().install(new ToyPack(), engine, new ToyExtractor());
    private final MemoryRegistry registry = new MemoryRegistry(plugins);
    private final MemoryJournal journal = new MemoryJournal();
    private final Routing routing = new Routing(registry, CLOCK, 4);
    private final List<Transition> told = new ArrayList<>();
    private final List<Change> trail = new ArrayList<>();
    private Serving serving;

    @BeforeEach
    void start() {
        serving = serving(CLOCK, Map.of());
        for (int v = 1; v <= 4; v++) {
            train(v, true);
        }
        serving.promote("toy", "champion", 1, ModelServing.ANY, "ann", "first");
    }

    @AfterEach
    void stop() {
        engine.waiting.values().forEach(CountDownLatch::countDown);
        routing.close();
    }

    private Serving serving(Clock clock, Map<String, String> properties) {
        Serving s = new Serving(registry, new NoArchives(), plugins, journal, routing, ServingLimits.of(properties::get), clock, false);
        s.listen(told::add);
        s.audit = new Audit() {
            @Override
            public AuditEntry append(Change change) {
                trail.add(change);
                return new AuditEntry(trail.size(), Instant.EPOCH, change, "", "");
            }

            @Override
            public List<AuditEntry> read(long before, int limit) {
                return List.of();
            }

            @Override
            public Check verify() {
                return new Check(trail.size(), "", null);
            }
        };
        return s;
    }

    private static final class NoArchives implements ModelArchives {
        @Override
        public void write(ModelRef ref, java.io.OutputStream out) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Import read(String name, java.io.InputStream in) {
            throw new UnsupportedOperationException();
        }
    }

    private void train(int seed, boolean cases) {
        FittedExtractor extractor = new ToyExtractor().fit(data, Map.of());
        List<Example> examples = data.histories().values().stream().map(h -> (SequenceInstance) extractor.extract(new History(h)))
                .map(h -> new Example(h.prefix(h.length() - 1), h.item(h.length() - 1))).toList();
        try (Staged staged = registry.stage("toy")) {
            extractor.save(staged);
            engine.train(new TrainingRequest(extractor.schema(), examples, List.of(), Map.of("noise", "1"), seed, 1, null), staged, new RecordingProgress());
            if (cases) {
                CaseFile.write(examples.subList(0, 3), staged);
            }
            registry.commit(staged, "moody", Map.of("extractor", "toy"), Map.of());
        }
    }

    /** One request, as the predictor makes it. @return the version that answered, 0 for an error */
    private int ask(String user) {
        try (Lease l = routing.lease("toy", () -> user).orElseThrow()) {
            List<Event> history = data.histories().get("u1");
            l.model().predict(l.extractor().extract(new History(history)), 5, new BitSet());
            return l.version().info().version();
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    private void ask(int requests) {
        for (int i = 0; i < requests; i++) {
            ask("user " + i);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void fails(ErrorCode code, Runnable run, String... words) {
        assertThatThrownBy(run::run).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(words);
        });
    }

    // ---- who answers

    @Test
    void givesTheCanaryItsPartAndEachPersonAlwaysTheSameVersion() {
        serving.split("toy", new Traffic(2, 12.5, 0), ModelServing.ANY, "", "");
        Set<String> canary = new HashSet<>();
        for (int i = 0; i < 4_000; i++) {
            if (ask("user " + i) == 2) {
                canary.add("user " + i);
            }
        }
        assertThat(canary.size() / 4_000.0).isBetween(0.11, 0.14);
        canary.forEach(u -> assertThat(ask(u)).isEqualTo(2));
        serving.split("toy", new Traffic(2, 30, 0), ModelServing.ANY, "", "");
        canary.forEach(u -> assertThat(ask(u)).as("a larger part has the smaller one in it").isEqualTo(2));
        serving.split("toy", Traffic.NONE, ModelServing.ANY, "", "");
        canary.forEach(u -> assertThat(ask(u)).isEqualTo(1));
    }

    @Test
    void drawsAnotherPartOfThePeopleForAnotherModel() {
        int both = 0;
        int one = 0;
        for (int i = 0; i < 20_000; i++) {
            boolean a = Sticky.within(20, "toy", "user " + i);
            boolean b = Sticky.within(20, "other", "user " + i);
            one += a ? 1 : 0;
            both += a && b ? 1 : 0;
        }
        assertThat(one / 20_000.0).isBetween(0.19, 0.21);
        assertThat(both / 20_000.0).isBetween(0.035, 0.045);
        assertThat(Sticky.within(100, "toy", "x")).isTrue();
        assertThat(Sticky.within(0, "toy", "x")).isFalse();
    }

    @Test
    void theChampionAnswersWhereTheCanaryCanNotBeLoaded() {
        serving.split("toy", new Traffic(2, 100, 0), ModelServing.ANY, "", "");
        engine.unloadable.add(2);
        assertThat(ask("ada")).isEqualTo(1);
        assertThat(serving.state("toy").versions()).filteredOn(v -> v.role().equals("canary")).singleElement()
                .satisfies(v -> assertThat(List.of(v.requests(), v.errors())).containsExactly(1L, 1L));
    }

    @Test
    void hidesNoAbilityOfTheVersion() {
        try (Lease l = routing.lease("toy", () -> "ada").orElseThrow()) {
            assertThat(l.model().adapt(Gradients.class)).isPresent();
            assertThat(l.model().info().version()).isEqualTo(1);
            assertThat(l.artifact().entries()).contains(CaseFile.ENTRY);
        }
        assertThat(routing.lease("nobody", () -> "ada")).isEmpty();
    }

    @Test
    void blamesNoVersionForAWrongRequest() {
        engine.refusing.add(1);
        fails(ErrorCode.INVALID_INPUT, () -> ask("ada"), "no such amount");
        engine.refusing.clear();
        engine.failing.add(1);
        assertThat(ask("ada")).isZero();
        assertThat(serving.state("toy").versions()).singleElement().satisfies(v -> assertThat(List.of(v.requests(), v.errors())).containsExactly(1L, 1L));
    }

    // ---- shadow

    @Test
    void asksTheShadowWhatTheChampionWasAskedAndShowsNothingOfIt() {
        serving.split("toy", new Traffic(0, 0, 3), ModelServing.ANY, "", "");
        engine.asked.clear();
        for (int i = 0; i < 5; i++) {
            assertThat(ask("user " + i)).isEqualTo(1);
            long n = i + 1;
            await(() -> serving.state("toy").shadow().compared() + serving.state("toy").shadow().dropped() == n);
        }
        ServingState.Shadow shadow = serving.state("toy").shadow();
        assertThat(shadow.version()).isEqualTo(3);
        assertThat(shadow.failed()).isZero();
        assertThat(shadow.compared()).isEqualTo(5);
        assertThat(shadow.overlap()).isBetween(0.2, 1.0);
        assertThat(shadow.difference()).isBetween(0.0, 2.0);
        assertThat(shadow.p99()).isPositive();
        assertThat(engine.asked).contains("1 by caller", "3 by shadow").doesNotContain("3 by caller", "1 by shadow");
    }

    @Test
    void aShadowThatIsTheSameAgreesInAll() {
        train(1, true);
        serving.split("toy", new Traffic(0, 0, 5), ModelServing.ANY, "", "");
        ask("ada");
        await(() -> serving.state("toy").shadow().compared() == 1);
        assertThat(serving.state("toy").shadow().overlap()).isEqualTo(1);
        assertThat(serving.state("toy").shadow().difference()).isZero();
    }

    @Test
    void dropsWhatABusyShadowCanNotTakeAndHoldsUpNoAnswer() {
        serving.split("toy", new Traffic(0, 0, 3), ModelServing.ANY, "", "");
        engine.waiting.put(3, new CountDownLatch(1));
        for (int i = 0; i < 50; i++) {
            assertThat(ask("user " + i)).isEqualTo(1);
        }
        assertThat(serving.state("toy").shadow().dropped()).as("one is asked, four wait").isGreaterThanOrEqualTo(45);
        assertThat(serving.state("toy").shadow().compared()).isZero();
        engine.waiting.get(3).countDown();
        await(() -> serving.state("toy").shadow().compared() + serving.state("toy").shadow().dropped() == 50);
    }

    @Test
    void countsAFailingShadowAndNobodySeesIt() {
        serving.split("toy", new Traffic(0, 0, 3), ModelServing.ANY, "", "");
        engine.failing.add(3);
        assertThat(ask("ada")).isEqualTo(1);
        await(() -> serving.state("toy").shadow().failed() == 1);
        assertThat(serving.state("toy").versions().get(0).errors()).isZero();
    }

    // ---- promotion

    @Test
    void triesAVersionBeforeTheAliasMoves() {
        engine.asked.clear();
        serving.promote("toy", "champion", 2, ModelServing.ANY, "ann", "better");
        assertThat(engine.asked).containsExactly("2 by caller", "2 by caller", "2 by caller");
        engine.failing.add(3);
        fails(ErrorCode.UNSUPPORTED, () -> serving.promote("toy", "champion", 3, ModelServing.ANY, "", ""), "version 3", "does not answer its own cases", "moody");
        engine.unloadable.add(4);
        fails(ErrorCode.UNSUPPORTED, () -> serving.promote("toy", "champion", 4, ModelServing.ANY, "", ""), "version 4", "can't be loaded");
        fails(ErrorCode.UNSUPPORTED, () -> serving.split("toy", new Traffic(1, 5, 3), ModelServing.ANY, "", ""), "version 3");
        fails(ErrorCode.NOT_FOUND, () -> serving.promote("toy", "champion", 9, ModelServing.ANY, "", ""), "no version 9");
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 2));
        engine.failing.add(1);
        fails(ErrorCode.UNSUPPORTED, () -> serving.rollback("toy", "champion", ModelServing.ANY, "", ""), "version 1");
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 2));
        serving.promote("toy", "mine", 3, ModelServing.ANY, "", "an own alias serves nothing, so nothing is tried");
        assertThat(told).extracting(Transition::to).containsExactly(1, 2, 3);
    }

    @Test
    void promotesAVersionWithoutCases() {
        train(9, false);
        engine.asked.clear();
        assertThat(serving.promote("toy", "champion", 5, ModelServing.ANY, "", "").to()).isEqualTo(5);
        assertThat(engine.asked).containsExactly("5 by caller");
    }

    @Test
    void changesNothingThatMovedSinceItWasSeen() {
        long seen = serving.moved("toy", "champion");
        serving.promote("toy", "champion", 2, seen, "", "");
        fails(ErrorCode.CONFLICT, () -> serving.promote("toy", "champion", 3, seen, "", ""), "moved since");
        fails(ErrorCode.CONFLICT, () -> serving.rollback("toy", "champion", seen, "", ""), "moved since");
        long split = serving.split("toy");
        serving.split("toy", new Traffic(3, 1, 0), split, "", "");
        fails(ErrorCode.CONFLICT, () -> serving.split("toy", Traffic.NONE, split, "", ""), "changed since");
        assertThat(serving.split("toy")).isGreaterThan(split);
        assertThat(serving.moved("toy", "mine")).isZero();
        serving.promote("toy", "mine", 3, 0, "", "");
        fails(ErrorCode.CONFLICT, () -> serving.promote("toy", "mine", 3, 0, "", ""), "moved since");
    }

    @Test
    void keepsTheNewestVersionsWhenTold() {
        Serving keeps = serving(CLOCK, Map.of("wherefore.models.keep", "1"));
        keeps.promote("toy", "champion", 4, ModelServing.ANY, "", "");
        assertThat(registry.versions("toy")).extracting(v -> v.info().version()).as("1 can be gone back to").containsExactly(1, 4);
        assertThat(told).filteredOn(t -> t.kind().equals(Transition.DELETE)).extracting(Transition::who).containsOnly("retention");
    }

    // ---- watch

    @Test
    void takesACanaryBackThatFailsAndSaysWhy() {
        serving.split("toy", new Traffic(2, 50, 3), ModelServing.ANY, "ann", "");
        ask(300);
        serving.look();
        assertThat(registry.traffic("toy").canary()).isEqualTo(2);
        engine.failing.add(2);
        ask(100);
        serving.look();
        assertThat(registry.traffic("toy")).as("the shadow stays").isEqualTo(new Traffic(0, 0, 3));
        Transition last = registry.transitions("toy").get(registry.transitions("toy").size() - 1);
        assertThat(last.who()).isEqualTo("watch");
        assertThat(last.why()).startsWith("canary 2 taken back: ").contains("requests failed", "0.0 % of version 1");
        assertThat(told).last().isEqualTo(last);
        assertThat(trail).as("what was asked for is in the trail already").singleElement().satisfies(c -> {
            assertThat(List.of(c.who(), c.action(), c.target(), c.before())).containsExactly("watch", "model traffic", "toy", "version 2");
            assertThat(c.after()).startsWith("no canary, shadow 3: canary 2 taken back: ");
        });
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 1));
        engine.failing.clear();
        ask(100);
        serving.look();
        assertThat(told).last().isEqualTo(last);
    }

    @Test
    void takesAFreshChampionBackThatFailsAndLeavesTheOneBefore() {
        ask(200);
        serving.promote("toy", "champion", 2, ModelServing.ANY, "ann", "");
        assertThat(serving.state("toy").watched()).isEqualTo(2);
        assertThat(serving.state("toy").until()).isEqualTo(Instant.EPOCH.plusSeconds(600));
        ask(150);
        serving.look();
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 2));
        engine.failing.add(2);
        ask(150);
        serving.look();
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 1));
        assertThat(told).last().satisfies(t -> {
            assertThat(t.kind()).isEqualTo(Transition.ROLLBACK);
            assertThat(t.who()).isEqualTo("watch");
            assertThat(t.why()).startsWith("version 2 taken back: 150 of 300 requests failed, 50.0 %, and 0.0 % of version 1");
        });
        engine.failing.add(1);
        ask(300);
        serving.look();
        assertThat(registry.aliases("toy")).as("what was rolled back to is not watched").isEqualTo(Map.of("champion", 1));
        assertThat(serving.state("toy").watched()).isZero();
    }

    @Test
    void watchesAFreshChampionForItsTimeOnly() {
        Serving later = serving(Clock.fixed(Instant.EPOCH.plusSeconds(601), ZoneOffset.UTC), Map.of());
        later.promote("toy", "champion", 2, ModelServing.ANY, "", "");
        engine.failing.add(2);
        ask(300);
        later.look();
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 2));
        serving.look();
        assertThat(registry.aliases("toy")).isEqualTo(Map.of("champion", 1));
    }

    private void answered(int version, int from, int answers, int clicks) {
        ModelInfo info = registry.find(ModelRef.version("toy", version)).orElseThrow().info();
        for (int i = from; i < from + answers; i++) {
            String id = version + "-" + i;
            journal.record(new StoredPrediction(id, "toy", info, "u1", new History(List.of()), List.of(), List.of(new Output(0, "i0", 1, 1)), List.of(), "",
                    Instant.EPOCH));
            if (i < from + clicks) {
                journal.record(new Feedback("f" + id, id, "i0", "click", 1, "", "", Instant.EPOCH));
            }
        }
    }

    @Test
    void takesACanaryBackThatIsLikedLess() {
        answered(1, 0, 10, 5);
        answered(2, 0, 2_000, 0);
        serving.split("toy", new Traffic(2, 50, 0), ModelServing.ANY, "", "");
        Clock[] now = {CLOCK};
        Serving s = serving(new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0].instant();
            }
        }, Map.of());
        ask(10);
        s.look();
        answered(1, 100, 1_000, 100);
        answered(2, 10_000, 1_000, 95);
        now[0] = Clock.offset(now[0], java.time.Duration.ofSeconds(20));
        s.look();
        assertThat(registry.traffic("toy").canary()).as("what it did before it was canary does not count").isEqualTo(2);
        answered(1, 2_000, 1_000, 100);
        answered(2, 20_000, 1_000, 0);
        s.look();
        assertThat(registry.traffic("toy").canary()).as("counted every few seconds only").isEqualTo(2);
        now[0] = Clock.offset(now[0], java.time.Duration.ofSeconds(20));
        s.look();
        assertThat(registry.traffic("toy")).isEqualTo(Traffic.NONE);
        assertThat(told).last().satisfies(t -> assertThat(t.why()).contains("its click rate is 0.0475 an answer over 2000, and 0.1000 of version 1"));
    }

    @Test
    void showsWhatEachVersionDid() {
        ask(20);
        serving.split("toy", new Traffic(2, 50, 0), ModelServing.ANY, "", "");
        ask(40);
        serving.state("toy");
        answered(1, 0, 10, 5);
        ServingState state = serving.state("toy");
        assertThat(state.versions()).extracting(ServingState.Version::role).containsExactly("champion", "canary");
        assertThat(state.versions().stream().mapToLong(ServingState.Version::requests).sum()).isEqualTo(40);
        assertThat(state.versions().get(0).predictions()).isEqualTo(10);
        assertThat(state.versions().get(0).feedback()).isEqualTo(Map.of("click", 0.5));
        assertThat(state.watched()).isEqualTo(2);
        assertThat(state.until()).isNull();
        serving.promote("toy", "champion", 2, ModelServing.ANY, "", "");
        state = serving.state("toy");
        assertThat(state.traffic()).isEqualTo(Traffic.NONE);
        assertThat(state.versions()).extracting(ServingState.Version::role).containsExactly("champion", "previous");
        assertThat(serving.state("nobody").champion()).isZero();
    }
}
