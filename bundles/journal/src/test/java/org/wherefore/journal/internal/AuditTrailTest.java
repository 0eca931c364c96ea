package org.wherefore.journal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Change;

class AuditTrailTest {
    private static final long SMALL = 4_000;
    @TempDir
    Path folder;

    private static Change change(int i) {
        return new Change("key:k", "PUT /x", "/x/" + i, "a", "b\n\u202e “c”", "done", "");
    }

    private AuditTrail filled(int n) {
        AuditTrail trail = new AuditTrail(folder, SMALL);
        for (int i = 1; i <= n; i++) {
            assertThat(trail.append(change(i)).sequence()).isEqualTo(i);
        }
        return trail;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> p.toString().endsWith(".log")).sorted().toList();
        }
    }

    @Test
    void chainsEntriesOverFilesAndReopens() throws Exception {
        AuditTrail trail = filled(40);
        assertThat(files()).hasSizeGreaterThan(2);
        assertThat(trail.verify().broken()).isNull();
        assertThat(trail.verify().entries()).isEqualTo(40);
        trail.close();
        AuditTrail again = new AuditTrail(folder, SMALL);
        AuditEntry next = again.append(change(41));
        assertThat(next.sequence()).isEqualTo(41);
        assertThat(next.previous()).isEqualTo(again.read(41, 1).get(0).hash());
        assertThat(again.verify()).isEqualTo(new org.wherefore.api.access.Audit.Check(41, next.hash(), null));
    }

    @Test
    void readsTheNewestFirstFromAnyPlace() {
        AuditTrail trail = filled(40);
        for (int before : new int[] {0, 1, 2, 15, 40, 41, 1000}) {
            long top = before == 0 ? 40 : Math.min(40, before - 1);
            for (int limit : new int[] {1, 7, 100}) {
                assertThat(trail.read(before, limit).stream().map(AuditEntry::sequence)).as(before + "/" + limit)
                        .containsExactlyElementsOf(LongStream.rangeClosed(0, top - 1).map(i -> top - i).limit(limit).boxed().toList());
            }
        }
        assertThat(trail.read(8, 1).get(0).change()).isEqualTo(change(7));
    }

    @Test
    void namesTheFirstBrokenLink() throws Exception {
        filled(40).close();
        Path first = files().get(0);
        List<String> lines = Files.readAllLines(first);
        AuditTrail trail = new AuditTrail(folder, SMALL);

        List<String> changed = new ArrayList<>(lines);
        changed.set(2, lines.get(2).replace("/x/3", "/x/9"));
        Files.write(first, changed);
        assertThat(trail.verify().broken()).contains(first.getFileName() + ":3").contains("entry 3 was changed");

        List<String> removed = new ArrayList<>(lines);
        removed.remove(2);
        Files.write(first, removed);
        assertThat(trail.verify().broken()).contains("entry 4 stands where entry 3 should be");

        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, 1, 2);
        Files.write(first, swapped);
        assertThat(trail.verify().broken()).contains("entry 3 stands where entry 2 should be");

        // written anew with a right hash of its own: the next one does not follow from it
        List<String> forged = new ArrayList<>(lines);
        AuditEntry other = AuditLine.entry(3, java.time.Instant.EPOCH, change(99), lines.get(1).substring(0, 64));
        forged.set(2, new String(AuditLine.bytes(other), StandardCharsets.UTF_8).strip());
        Files.write(first, forged);
        assertThat(trail.verify().broken()).contains(":4").contains("entry 4 does not follow from entry 3");

        Files.write(first, lines);
        assertThat(trail.verify().broken()).isNull();
        Path middle = files().get(1);
        byte[] kept = Files.readAllBytes(middle);
        Files.delete(middle);
        assertThat(trail.verify().broken()).contains("a file is missing");
        Files.write(middle, kept);
        Path lastFile = files().get(files().size() - 1);
        Files.delete(lastFile);
        assertThat(trail.verify().broken()).contains("are missing at the end");
    }

    @Test
    void aTornLastLineIsCutOffAndAnAcknowledgedOneThatIsTornIsMissed() throws Exception {
        filled(3).close();
        Path file = files().get(0);
        Files.writeString(file, "0123 {\"sequence\":4", StandardOpenOption.APPEND);
        AuditTrail trail = new AuditTrail(folder, SMALL);
        assertThat(trail.verify().broken()).isNull();
        assertThat(trail.append(change(4)).sequence()).isEqualTo(4);
        assertThat(trail.verify().broken()).isNull();
        trail.close();
        byte[] all = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(all, all.length - 10));
        assertThat(new AuditTrail(folder, SMALL).verify().broken()).contains("entries 4 to 4 are missing at the end");
    }

    @Test
    void twoProcessesAndManyThreadsWriteOneChain() throws Exception {
        AuditTrail one = new AuditTrail(folder, SMALL);
        AuditTrail two = new AuditTrail(folder, SMALL);
        for (int i = 0; i < 30; i++) {
            (i % 3 == 0 ? one : two).append(change(i));
        }
        assertThat(one.verify().entries()).isEqualTo(30);
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Callable<AuditEntry>> work = IntStream.range(0, 200).<Callable<AuditEntry>>mapToObj(i -> () -> one.append(change(i))).toList();
        pool.invokeAll(work);
        pool.shutdown();
        assertThat(two.append(change(0)).sequence()).isEqualTo(231);
        assertThat(one.verify()).isEqualTo(new org.wherefore.api.access.Audit.Check(231, two.read(0, 1).get(0).hash(), null));
    }

    @Test
    void theCommandSaysWholeOrNamesTheBreak() throws Exception {
        AuditTrail trail = filled(3);
        assertThat(new AuditCommand(trail).apply(List.of("verify"))).isZero();
        assertThat(new AuditCommand(trail).apply(List.of())).isEqualTo(2);
        Files.writeString(files().get(0), Files.readString(files().get(0)).replace("/x/2", "/x/7"));
        assertThat(new AuditCommand(trail).apply(List.of("verify"))).isEqualTo(3);
        assertThat(new AuditCommand(new AuditTrail(folder.resolve("none"), SMALL)).apply(List.of("verify"))).isZero();
    }
}
