package org.wherefore.registry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wherefore.registry.internal.DiskModelRegistryTest.add;
import static org.wherefore.registry.internal.DiskModelRegistryTest.fails;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;
import org.wherefore.registry.internal.DiskModelRegistryTest.FakeEngine;
import org.wherefore.registry.internal.DiskModelRegistryTest.FakeExtractor;
import org.wherefore.registry.internal.DiskModelRegistryTest.FaultyDisk;

/** Splitting traffic and deleting versions. */
class RetentionTest {
    @TempDir
    Path home;

    private DiskModelRegistry registry() {
        return new DiskModelRegistry(home, new Disk());
    }

    private static List<Integer> versions(DiskModelRegistry r) {
        return r.versions("m").stream().map(v -> v.info().version()).toList();
    }

    private DiskModelRegistry withVersions(int n) {
        DiskModelRegistry r = registry();
        for (int i = 1; i <= n; i++) {
            add(r, "m", "v" + i);
        }
        return r;
    }

    @Test
    void splitsTrafficDurablyWithWhoAndWhy() {
        DiskModelRegistry r = withVersions(4);
        fails(ErrorCode.CONFLICT, () -> r.split("m", new Traffic(2, 10, 0), "", ""), "no champion");
        r.promote("m", "champion", 1, "", "");
        Transition t = r.split("m", new Traffic(2, 12.5, 3), "ann", "to see");
        assertThat(t.kind()).isEqualTo(Transition.TRAFFIC);
        assertThat(t.to()).isEqualTo(2);
        assertThat(registry().traffic("m")).isEqualTo(new Traffic(2, 12.5, 3));
        assertThat(registry().transitions("m")).isEqualTo(r.transitions("m")).last().isEqualTo(t);
        fails(ErrorCode.CONFLICT, () -> r.split("m", new Traffic(0, 0, 1), "", ""), "is the champion");
        fails(ErrorCode.NOT_FOUND, () -> r.split("m", new Traffic(9, 1, 0), "", ""), "no version 9");
        r.promote("m", "challenger", 2, "", "");
        assertThat(r.traffic("m")).isEqualTo(new Traffic(2, 12.5, 3));
        r.promote("m", "champion", 2, "", "it was better");
        assertThat(registry().traffic("m")).as("the canary is the champion now").isEqualTo(new Traffic(0, 0, 3));
        r.rollback("m", "champion", "", "");
        assertThat(registry().traffic("m")).isEqualTo(new Traffic(0, 0, 3));
        assertThat(registry().aliases("m")).isEqualTo(Map.of("challenger", 2, "champion", 1));
        assertThat(registry().transitions("m")).extracting(Transition::kind).containsExactly("promote", "traffic", "promote", "promote", "rollback");
    }

    @Test
    void deletesAllButTheNewestAndThoseInUse() {
        DiskModelRegistry r = withVersions(9);
        FakeEngine engine = new FakeEngine();
        r.addEngine(engine);
        r.addExtractor(new FakeExtractor());
        r.promote("m", "champion", 3, "", "");
        r.promote("m", "mine", 1, "", "");
        r.split("m", new Traffic(4, 5, 5), "", "");
        Lease six = r.lease(ModelRef.version("m", 6)).orElseThrow();
        r.lease(ModelRef.version("m", 2)).orElseThrow().close();
        r.keep(ModelRef.version("m", 2), "importance", new byte[1]);
        assertThat(r.prunable("m", new Retention(2, false))).containsExactly(2, 7);
        List<Transition> deleted = r.prune("m", new Retention(2, false), "ann", "tidy");
        assertThat(deleted).extracting(Transition::from).containsExactly(2, 7);
        assertThat(r.transitions("m")).endsWith(deleted.toArray(Transition[]::new));
        assertThat(versions(r)).containsExactly(1, 3, 4, 5, 6, 8, 9);
        assertThat(versions(registry())).isEqualTo(versions(r));
        assertThat(home.resolve("models/m/2")).doesNotExist();
        assertThat(home.resolve("models/m/2.notes")).doesNotExist();
        assertThat(engine.closed).containsExactly("m:2");
        assertThat(r.find(ModelRef.version("m", 2))).isEmpty();
        assertThat(r.lease(ModelRef.version("m", 2))).isEmpty();
        six.close();
        assertThat(r.prune("m", new Retention(2, false), "", "")).extracting(Transition::from).containsExactly(6);
        assertThat(r.prune("m", new Retention(2, false), "", "")).isEmpty();
    }

    @Test
    void deletesWhatAnAliasCanGoBackToOnlyWhenTold() {
        DiskModelRegistry r = withVersions(5);
        for (int v : new int[] {1, 2, 1, 3}) {
            r.promote("m", "champion", v, "", "");
        }
        assertThat(r.prunable("m", new Retention(1, false))).containsExactly(4);
        assertThat(r.prune("m", new Retention(1, true), "", "")).extracting(Transition::from).containsExactly(1, 2, 4);
        fails(ErrorCode.CONFLICT, () -> registry().rollback("m", "champion", "", ""), "no version before");
    }

    @Test
    void goesBackOverDeletedVersions() throws IOException {
        DiskModelRegistry r = withVersions(6);
        for (int v : new int[] {5, 1, 5, 6}) {
            r.promote("m", "champion", v, "", "");
        }
        assertThat(r.prune("m", new Retention(2, true), "", "")).extracting(Transition::from).containsExactly(1, 2, 3, 4);
        assertThat(r.rollback("m", "champion", "", "").to()).isEqualTo(5);
        fails(ErrorCode.CONFLICT, () -> registry().rollback("m", "champion", "", ""), "no version before");
        assertThat(registry().aliases("m")).isEqualTo(Map.of("champion", 5));
    }

    @Test
    void neverUsesANumberAgain() {
        DiskModelRegistry r = withVersions(3);
        r.promote("m", "champion", 1, "", "");
        add(r, "m", "4");
        r.promote("m", "champion", 1, "", "");
        assertThat(r.prune("m", new Retention(1, true), "", "")).extracting(Transition::from).containsExactly(2, 3);
        r.promote("m", "champion", 4, "", "");
        assertThat(add(registry(), "m", "5").info().version()).isEqualTo(5);
        DiskModelRegistry again = registry();
        again.promote("m", "champion", 5, "", "");
        again.prune("m", new Retention(1, true), "", "");
        assertThat(add(registry(), "m", "6").info().version()).isEqualTo(6);
    }

    @Test
    void removesAtTheNextStartWhatCouldNotBeRemoved() throws IOException {
        DiskModelRegistry r = withVersions(3);
        r.prune("m", new Retention(1, false), "", "");
        Path left = Files.createDirectories(home.resolve("models/m/2"));
        Files.writeString(left.resolve("weights.bin"), "x");
        assertThat(versions(r)).containsExactly(3);
        registry();
        assertThat(left).doesNotExist();
        assertThat(add(registry(), "m", "4").info().version()).isEqualTo(4);
    }

    @Test
    void aFailureOrAKillWhileTrafficIsSplitLeavesTheOldOrTheNewSplit() {
        DiskModelRegistry first = withVersions(3);
        first.promote("m", "champion", 1, "", "");
        first.split("m", new Traffic(2, 1, 0), "", "");
        for (boolean dies : new boolean[] {false, true}) {
            boolean completed = false;
            for (int n = 0; !completed; n++) {
                Traffic old = registry().traffic("m");
                List<Transition> before = registry().transitions("m");
                Traffic fresh = new Traffic(3, 1 + n % 90, 2);
                FaultyDisk disk = new FaultyDisk();
                DiskModelRegistry r = new DiskModelRegistry(home, disk);
                disk.dies = dies;
                disk.left = n;
                boolean failed = false;
                try {
                    r.split("m", fresh, "", "");
                    completed = !disk.failed;
                } catch (WhereforeException e) {
                    failed = true;
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
                }
                Traffic now = registry().traffic("m");
                if (failed && !dies) {
                    assertThat(r.traffic("m")).isEqualTo(old);
                    assertThat(registry().transitions("m")).isEqualTo(before);
                }
                assertThat(now).isIn(old, fresh);
                assertThat(registry().aliases("m")).isEqualTo(Map.of("champion", 1));
            }
        }
    }

    @Test
    void aFailureOrAKillWhileVersionsAreDeletedLeavesEachThereWholeOrGone() {
        int newest = 0;
        for (boolean dies : new boolean[] {false, true}) {
            boolean completed = false;
            for (int n = 0; !completed; n++) {
                DiskModelRegistry first = registry();
                int champion = add(first, "m", "champion " + n).info().version();
                first.promote("m", "champion", champion, "", "");
                for (int i = 0; i < 4; i++) {
                    newest = add(first, "m", "v" + n + i).info().version();
                }
                List<Integer> old = versions(registry());
                List<Transition> before = registry().transitions("m");
                FaultyDisk disk = new FaultyDisk();
                DiskModelRegistry r = new DiskModelRegistry(home, disk);
                disk.dies = dies;
                disk.left = n;
                boolean failed = false;
                try {
                    r.prune("m", new Retention(1, true), "", "");
                    completed = !disk.failed;
                } catch (WhereforeException e) {
                    failed = true;
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
                }
                DiskModelRegistry after = registry();
                if (failed && !dies) {
                    assertThat(versions(r)).isEqualTo(old);
                    assertThat(after.transitions("m")).isEqualTo(before);
                    assertThat(after.versions("m")).allMatch(v -> r.prunable("m", new Retention(100, true)).isEmpty());
                }
                assertThat(after.transitions("m")).startsWith(before.toArray(Transition[]::new));
                assertThat(versions(after)).contains(champion, newest);
                if (!failed) {
                    assertThat(versions(after)).containsExactly(champion, newest);
                }
                for (ModelVersion v : after.versions("m")) {
                    assertThat(after.intact(v.info())).isTrue();
                }
                assertThat(after.aliases("m")).isEqualTo(Map.of("champion", champion));
                for (int v : old) {
                    if (!versions(after).contains(v)) {
                        assertThat(home.resolve("models/m/" + v)).doesNotExist();
                    }
                }
            }
        }
    }
}
