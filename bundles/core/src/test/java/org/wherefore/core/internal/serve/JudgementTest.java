package org.wherefore.core.internal.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.wherefore.core.internal.serve.Judgement.Online;

class JudgementTest {
    private final Judgement judgement = new Judgement(ServingLimits.of(p -> null));

    private static Figures.Seen seen(int version, int answers, int errors, double millis) {
        Figures f = new Figures(version, Instant.EPOCH);
        for (int i = 0; i < answers; i++) {
            f.answered((long) (millis * 1e6), (long) (millis * 1e5));
        }
        for (int i = 0; i < errors; i++) {
            f.failed();
        }
        return f.seen();
    }

    private Optional<String> judged(Figures.Seen version, Figures.Seen reference) {
        return judgement.champion(version, reference, null, null);
    }

    private Optional<String> canary(Figures.Seen version, Figures.Seen reference) {
        return judgement.canary(version, reference, null, null);
    }

    @Test
    void keepsWhatFaresAlike() {
        assertThat(judged(seen(2, 1_000, 10, 3), seen(1, 1_000, 10, 3))).isEmpty();
        assertThat(judged(seen(2, 1_000, 29, 3), seen(1, 1_000, 10, 3))).isEmpty();
    }

    @Test
    void takesBackWhatFailsMoreOften() {
        assertThat(judged(seen(2, 900, 100, 3), seen(1, 990, 10, 3)).orElseThrow())
                .isEqualTo("100 of 1000 requests failed, 10.0 %, and 1.0 % of version 1; more than 2.0 % above is too much");
        assertThat(judged(seen(2, 900, 100, 3), null).orElseThrow()).startsWith("100 of 1000 requests failed, 10.0 %; more");
    }

    @Test
    void judgesByFewRequestsOnlyWhatFailsMostly() {
        assertThat(judged(seen(2, 50, 10, 3), seen(1, 1_000, 0, 3))).isEmpty();
        assertThat(judged(seen(2, 0, 19, 3), seen(1, 1_000, 0, 3))).isEmpty();
        assertThat(judged(seen(2, 0, 20, 3), seen(1, 1_000, 0, 3))).isPresent();
    }

    @Test
    void takesBackWhatTakesLongerIfItMatters() {
        assertThat(canary(seen(2, 100, 0, 30), seen(1, 100, 0, 10)).orElseThrow())
                .isEqualTo("the 95th percentile of its time is 30.0 ms, and 10.0 ms of version 1; more than 2.0 times is too much");
        assertThat(canary(seen(2, 99, 0, 30), seen(1, 100, 0, 10))).isEmpty();
        assertThat(canary(seen(2, 100, 0, 30), seen(1, 99, 0, 10))).isEmpty();
        assertThat(canary(seen(2, 100, 0, 4), seen(1, 100, 0, 0.1))).as("four milliseconds hurt nobody").isEmpty();
        assertThat(canary(seen(2, 100, 0, 19), seen(1, 100, 0, 10))).isEmpty();
    }

    @Test
    void comparesAChampionWithTheOneBeforeByTheWorkOfTheProcessor() {
        assertThat(judged(seen(2, 100, 0, 30), seen(1, 100, 0, 10))).as("3 ms and 1 ms of the processor").isEmpty();
        assertThat(judged(seen(2, 100, 0, 300), seen(1, 100, 0, 100)).orElseThrow())
                .isEqualTo("the 95th percentile of its processor time is 30.0 ms, and 10.0 ms of version 1; more than 2.0 times is too much");
        assertThat(judged(seen(2, 100, 0, 300), null)).isEmpty();
    }

    @Test
    void takesBackWhatIsLikedLessIfThatIsSure() {
        Figures.Seen a = seen(2, 1, 0, 1);
        Figures.Seen b = seen(1, 1, 0, 1);
        Online before = new Online(10_000, Map.of("click", 1_000L, "purchase", 100L));
        assertThat(judgement.canary(a, b, new Online(1_000, Map.of("click", 50L, "purchase", 10L)), before).orElseThrow())
                .isEqualTo("its click rate is 0.0500 an answer over 1000, and 0.1000 of version 1 over 10000; a loss of more than 30 % is too much");
        assertThat(judgement.canary(a, b, new Online(499, Map.of()), before)).as("too few").isEmpty();
        assertThat(judgement.canary(a, b, new Online(1_000, Map.of("click", 80L, "purchase", 10L)), before)).as("a small loss").isEmpty();
        assertThat(judgement.canary(a, b, new Online(500, Map.of("click", 45L, "purchase", 2L)), before)).as("may be chance").isEmpty();
        assertThat(judgement.canary(a, b, new Online(1_000, Map.of("click", 500L, "purchase", 9L, "dismiss", 900L)), before)).isEmpty();
    }

    @Test
    void knowsPercentilesOfTheLastThousand() {
        Figures f = new Figures(1, Instant.EPOCH);
        assertThat(f.seen().p50()).isNaN();
        for (int i = 1; i <= 2_000; i++) {
            f.answered(i * 1_000_000L, i * 500_000L);
            if (i % 2 == 0) {
                f.failed();
            }
        }
        assertThat(f.seen()).isEqualTo(new Figures.Seen(1, 3_000, 1_000, 1_500, 1_950, 1_990, 975));
    }
}
