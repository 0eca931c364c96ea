package org.wherefore.core.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;

class RecordRulesTest {
    private static final Schema SCHEMA = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT), Field.optional("time", FieldType.TIME),
            Field.optional("terminal", FieldType.TEXT), Field.optional("amount", FieldType.NUMBER), Field.optional("tags", FieldType.LIST)));
    private static final Instant NOON = Instant.parse("2018-04-01T12:00:00Z");
    private long line = 1;

    private static RecordRules rules(Map<String, String> cleaning) {
        return new RecordRules(SCHEMA, cleaning, "shop.json#/cleaning", (role, id) -> role.equals("terminals") && Set.of("m1", "m2").contains(id));
    }

    private DataRecord record(Instant time, String terminal, Double amount) {
        return new DataRecord(SCHEMA, new Location("tx.csv", line++), "t" + line, time, terminal, amount, null);
    }

    private static String said(Optional<BadRecord> bad) {
        return bad.map(BadRecord::toString).orElse("");
    }

    @Test
    void keepsNumbersAndTimesWithinTheirBounds() {
        RecordRules rules = rules(Map.of("min.amount", "0", "max.amount", "5000.5", "min.time", "2018-04-01", "max.time", "2018-04-02T00:00:00Z", "dedupe", "true"));
        assertThat(rules.check(record(NOON, "m1", 0.0))).isEmpty();
        assertThat(rules.check(record(NOON, "m1", 5000.5))).isEmpty();
        assertThat(rules.check(record(null, null, null))).isEmpty();
        assertThat(said(rules.check(record(NOON, "m1", -0.01)))).isEqualTo("tx.csv:4: column 'amount': '-0.01': expected a number of 0 or more");
        assertThat(said(rules.check(record(NOON, "m1", 1e12)))).isEqualTo("tx.csv:5: column 'amount': '1000000000000': expected a number of 5000.5 or less");
        assertThat(said(rules.check(record(NOON, "m1", Double.NaN)))).contains("'NaN'");
        assertThat(said(rules.check(record(Instant.parse("2018-03-31T23:59:59Z"), "m1", 1.0)))).contains("column 'time'", "not before 2018-04-01T00:00:00Z");
        assertThat(said(rules.check(record(Instant.parse("2018-04-02T00:00:01Z"), "m1", 1.0)))).contains("not after 2018-04-02T00:00:00Z");
    }

    @Test
    void knowsItsTerminalsAndWhatMustBeThere() {
        RecordRules rules = rules(Map.of("known.terminal", "terminals", "required.terminal", "true"));
        assertThat(rules.check(record(NOON, "m1", 1.0))).isEmpty();
        assertThat(said(rules.check(record(NOON, "m9", 1.0)))).isEqualTo("tx.csv:2: column 'terminal': 'm9': expected the id of one of the terminals");
        assertThat(said(rules.check(record(NOON, null, 1.0)))).isEqualTo("tx.csv:3: column 'terminal': expected a value");
        assertThat(said(rules(Map.of("oneOf.terminal", "web | shop")).check(record(NOON, "phone", 1.0)))).contains("one of [shop, web]");
        assertThat(rules(Map.of("required.terminal", "false")).check(record(NOON, null, 1.0))).isEmpty();
    }

    @Test
    void refusesTimeThatRunsBackwardsOrLeapsAndIsNotLedAstrayByWhatItRefused() {
        RecordRules rules = rules(Map.of("back.time", "1h", "ahead.time", "31d", "min.amount", "0"));
        assertThat(rules.check(record(NOON, "m1", 1.0))).isEmpty();
        assertThat(rules.check(record(NOON.minusSeconds(3_600), "m1", 1.0))).isEmpty();
        assertThat(said(rules.check(record(NOON.minusSeconds(3_601), "m1", 1.0)))).isEqualTo("tx.csv:3: column 'time': '2018-04-01T10:59:59Z': expected a time at most"
                + " 1h behind 2018-04-01T12:00:00Z, the newest before it: time runs backwards here");
        assertThat(said(rules.check(record(Instant.parse("2099-01-01T00:00:00Z"), "m1", 1.0)))).contains("at most 31d ahead of 2018-04-01T12:00:00Z");
        assertThat(rules.check(record(NOON.plusSeconds(86_400), "m1", -5.0))).isPresent();
        assertThat(rules.check(record(NOON.minusSeconds(60), "m1", 1.0))).as("neither of the refused counts").isEmpty();
    }

    @Test
    void refusesSettingsThatNameNoFieldOrNoRule() {
        for (Map.Entry<String, String> wrong : Map.of("min.amuont", "0", "min.amount", "none", "max.time", "tomorrow", "min.id", "1", "known.amount", "terminals",
                "back.time", "1w", "back.amount", "1h", "required.id", "yes", "oneOf.tags", "a").entrySet()) {
            assertThatThrownBy(() -> rules(Map.ofEntries(wrong)), wrong.toString()).isInstanceOfSatisfying(WhereforeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
                assertThat(e.pointer()).contains("shop.json#/cleaning/" + wrong.getKey());
            });
        }
        assertThat(rules(Map.of("kCore", "5", "missingTitle", "Film {id}", "minimum", "1")).check(record(NOON, null, -1.0))).isEmpty();
    }
}
