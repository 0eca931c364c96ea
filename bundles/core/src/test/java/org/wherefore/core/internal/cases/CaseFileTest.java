package org.wherefore.core.internal.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.service.MemoryArtifact;

class CaseFileTest {
    private static List<Example> back(List<Example> cases) {
        MemoryArtifact artifact = new MemoryArtifact();
        CaseFile.write(cases, artifact);
        return CaseFile.read(artifact);
    }

    @Test
    void everyKindOfInputComesBackAsItWent() {
        List<Example> cases = List.of(new Example(new SequenceInstance(new int[] {0, 127, 128, 20_000_000}, new int[] {0, 1, 2, 300}), 16_384),
                new Example(new SequenceInstance(new int[0], new int[0]), 0), new Example(new TableInstance(1.5, -0.0, Double.NaN), 1),
                new Example(new ImageInstance(1, 2, 2, new float[] {0, 1, 0.5f, -3}), Integer.MAX_VALUE));
        assertThat(back(cases)).isEqualTo(cases);
        assertThat(back(List.of())).isEmpty();
    }

    @Test
    void aModelWithoutTheEntryHasNoCases() {
        assertThat(CaseFile.read(new MemoryArtifact())).isEmpty();
    }

    @Test
    void keepsAThousandThatDependOnTheSeedAlone() {
        List<Example> all = IntStream.range(0, 3_000).mapToObj(i -> new Example(Histories.sequence(i), i)).toList();
        List<Example> kept = CaseFile.sample(all, 7);
        assertThat(kept).hasSize(CaseFile.MOST).doesNotHaveDuplicates().isEqualTo(CaseFile.sample(all, 7)).isNotEqualTo(CaseFile.sample(all, 8));
        assertThat(all).containsAll(kept);
        assertThat(CaseFile.sample(all.subList(0, 3), 7)).containsExactlyInAnyOrderElementsOf(all.subList(0, 3));
    }

    @Test
    void saysThatTheEntryIsDamagedWhateverByteIsWrong() throws IOException {
        MemoryArtifact good = new MemoryArtifact();
        CaseFile.write(List.of(new Example(Histories.sequence(1, 2, 3), 4), new Example(new TableInstance(1, 2), 1)), good);
        byte[] bytes = good.open(CaseFile.ENTRY).readAllBytes();
        Random random = new Random(1);
        int refused = 0;
        for (int n = 0; n < 2_000; n++) {
            byte[] bad = java.util.Arrays.copyOf(bytes, n % 2 == 0 ? random.nextInt(bytes.length) : bytes.length);
            if (n % 2 == 1) {
                bad[random.nextInt(bad.length)] ^= 1 << random.nextInt(8);
            }
            MemoryArtifact artifact = new MemoryArtifact();
            try (OutputStream out = artifact.create(CaseFile.ENTRY)) {
                out.write(bad);
            }
            try {
                CaseFile.read(artifact);
            } catch (WhereforeException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
                refused++;
            }
        }
        assertThat(refused).as("every one that is cut, and most that differ in a bit").isGreaterThan(1_000);
    }
}
