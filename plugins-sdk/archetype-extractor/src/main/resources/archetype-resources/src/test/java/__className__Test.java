package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.testkit.data.ToyData;

/** What this extractor does and others don't. */
class ${className}Test {
    @Test
    void whatHappenedBeforeAPauseIsLeftOut() {
        FittedExtractor fitted = new ${className}().fit(ToyData.shop(30, 9, 5), Map.of("pauseHours", "2"));
        List<Event> history = List.of(event("i0", "2026-01-01T10:00:00Z"), event("i1", "2026-01-01T12:00:00Z"),
                event("unknown", "2026-01-01T13:30:00Z"), event("i2", "2026-01-01T13:59:59Z"));
        assertThat(fitted.positions(new History(history))).containsExactly(1, 3);
    }

    @Test
    void aParameterThatIsNoNumberIsNamed() {
        assertThatThrownBy(() -> new ${className}().fit(ToyData.shop(30, 9, 5), Map.of("pauseHours", "soon")))
                .hasMessageContaining("'pauseHours' is a whole number from 1, got 'soon'");
    }

    private static Event event(String item, String time) {
        return new Event(item + time, "u", item, "view", Instant.parse(time));
    }
}
