package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.wherefore.core.internal.classify.Bank.payment;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.journal.StoredRecord;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.predict.Records;
import org.wherefore.core.internal.data.RecordTable;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.MemoryJournal;
import org.wherefore.testkit.service.MemoryPlugins;

class RecordsTest {
    private static final long DAY = 86_400;
    private final Bank bank = new Bank();
    private final MemoryJournal journal = new MemoryJournal();
    private final LiveRecords live = new LiveRecords(new MemoryPlugins().install(bank), journal);

    private static List<DataRecord> days(int... days) {
        List<DataRecord> out = new ArrayList<>();
        for (int d : days) {
            out.add(payment("p" + out.size(), d * DAY, 10, out.size() % 2 == 0 ? "1" : "0"));
        }
        return out;
    }

    private static List<Slices.Part> parts(List<DataRecord> records, Map<String, String> parameters) {
        Slices slices = Slices.of(Bank.TASK, records, parameters);
        return records.stream().map(slices::of).toList();
    }

    @Test
    void aTableGivesBackWhatWasPutInByTime() {
        RecordTable table = new RecordTable(Bank.PAYMENTS);
        List<DataRecord> records = List.of(payment("c", 30, 1.5, null), payment("a", 10, 2, "1"), payment("b", 10, 3, "0"),
                new DataRecord(Bank.PAYMENTS, new org.wherefore.api.data.Location("other", 7), "d", null, 4.0, null, "test"));
        records.forEach(table::append);
        assertThat(table).isEqualTo(records);
        assertThat(table.get(3).location().toString()).isEqualTo("other:7");
        assertThat(table.by("time")).extracting(r -> r.text("id").orElseThrow()).containsExactly("d", "a", "b", "c");
        assertThatThrownBy(() -> table.by("amount")).hasMessageContaining("no field 'amount' of type TIME");
    }

    @Test
    void timePartsWhatTeachesFromWhatJudgesWithADelayBetween() {
        List<DataRecord> records = days(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(parts(records, Map.of("trainDays", "3", "validationDays", "2", "delayDays", "2", "testDays", "1", "testFrom", "1970-01-09"))).containsExactly(
                Slices.Part.NONE, Slices.Part.TRAIN, Slices.Part.TRAIN, Slices.Part.TRAIN, Slices.Part.VALIDATION, Slices.Part.VALIDATION, Slices.Part.NONE,
                Slices.Part.NONE, Slices.Part.TEST, Slices.Part.NONE);
        assertThat(parts(records, Map.of())).containsExactly(Slices.Part.TRAIN, Slices.Part.TRAIN, Slices.Part.TRAIN, Slices.Part.TRAIN, Slices.Part.TRAIN,
                Slices.Part.TRAIN, Slices.Part.VALIDATION, Slices.Part.VALIDATION, Slices.Part.TEST, Slices.Part.TEST);
        assertThat(parts(List.of(records.get(0).with("split", "Train"), records.get(1).with("split", "val"), records.get(2)), Map.of())).containsExactly(
                Slices.Part.TRAIN, Slices.Part.VALIDATION, Slices.Part.NONE);
        assertThatThrownBy(() -> parts(records, Map.of("trainDays", "a week"))).hasMessageContaining("trainDays is a number of days");
    }

    @Test
    void aggregatesAreOfWhatCameBefore() {
        Prepared prepared = Prepared.of(Bank.TASK, List.of(payment("a", 0, 10, "0"), payment("b", DAY, 20, "1"), payment("c", 2 * DAY, 60, "0"),
                payment("d", 3 * DAY, 1, null), payment("e", 4 * DAY, 5, "0")), new Bank.Mean(), Map.of());
        List<DataRecord> teach = prepared.part(Slices.Part.TRAIN);
        assertThat(teach).extracting(r -> r.value("mean")).containsExactly(null, 10.0, 15.0);
        assertThat(Prepared.examples(Bank.TASK, Bank.fitted(), teach)).extracting(e -> e.target()).containsExactly(-1, 0, -1);
        assertThat(Prepared.examples(Bank.TASK, Bank.fitted(), prepared.part(Slices.Part.VALIDATION))).isEmpty();
    }

    @Test
    void aJudgementComesBackAsItWasWritten() {
        double[] scores = {-3, -2, -1, 0, 1, 2, 3, 4};
        boolean[] labels = {false, false, false, false, true, false, true, true};
        Map<String, String> parameters = Map.of("threshold.review", "cost 1 3", "threshold.block", "capacity 0.25", "calibration", "platt");
        Judgement fitted = new Judgement(List.of(Judgement.fit(Bank.TASK, "fraud", scores, labels, parameters)), parameters,
                Judgement.quantiles(days(1, 2, 3)));
        MemoryArtifact artifact = new MemoryArtifact();
        fitted.write(artifact);
        Judgement read = Judgement.read(artifact);
        assertThat(read.targets().get(0).thresholds()).isEqualTo(fitted.targets().get(0).thresholds());
        assertThat(read.targets().get(0).calibration().json()).isEqualTo(fitted.targets().get(0).calibration().json());
        assertThat(read.parameters()).isEqualTo(parameters);
        assertThat(read.quantile("amount", 0.9)).isEqualTo(10);
        assertThat(read.quantile("nothing", 0.9)).isNaN();
        Output low = read.decide(new Output(0, "fraud", 1, -3));
        Output high = read.decide(new Output(0, "fraud", 1, 4));
        assertThat(low.decision().name()).isEqualTo("pass");
        assertThat(high.decision().name()).isEqualTo("block");
        assertThat(high.decision().probability()).isGreaterThan(low.decision().probability());
        assertThatThrownBy(() -> Judgement.fit(Bank.TASK, "fraud", scores, labels, Map.of("threshold.block", "often")))
                .hasMessageContaining("threshold.block is f1, capacity SHARE or cost FALSE_ALARM MISS");
        assertThatThrownBy(() -> Judgement.read(new MemoryArtifact())).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
    }

    @Test
    void whatIsOutOfTheOrdinaryIsSaidWhereSettingItToTheUsualLowersTheScore() {
        // the score is the amount less nothing: the mean does not matter to it
        Model model = ToyFunction.of(Bank.fitted().schema(), TableInstance.class, (row, target) -> row.value(0) / 10);
        DataRecord record = new Bank.Mean().enrich(payment("x", 5, 90, null)).with("mean", 30.0);
        Judgement judgement = new Judgement(List.of(new Judgement.Target("fraud", null, Thresholds.choose(Bank.TASK.decisions(),
                List.of(new Thresholds.Rule.F1(), new Thresholds.Rule.F1()), new double[] {0.1, 0.9}, new boolean[] {false, true}))), Map.of(),
                Map.of("amount", java.util.stream.IntStream.rangeClosed(0, Judgement.STEPS).mapToDouble(i -> 100.0 * i / Judgement.STEPS).toArray()));
        List<Output> outputs = List.of(judgement.decide(new Output(0, "fraud", 1, 9)));
        var audited = new FactorClaims(Bank.fitted(), judgement, record, bank.factors(), outputs).test(model).get(0);
        assertThat(audited.claims()).extracting(c -> c.values().get("factor")).containsExactly("own");
        Claim own = audited.claims().get(0);
        assertThat(own.values()).containsEntry("amount", "90.0").containsEntry("mean", "30.0").containsEntry("usual.amount", "30.0").containsEntry("times.amount", "3.0");
        assertThat(own.test().effect()).containsEntry("scoreBefore", 9.0).containsEntry("scoreAfter", 3.0);
        assertThat(own.test().effect().get("probabilityAfter")).isEqualTo(1 / (1 + Math.exp(-3)), within(1e-12));
        // the mean's factor applied but lowered nothing; the ceiling is at 90, which is not above it
        assertThat(audited.withheld()).isEqualTo(1);
        var higher = new FactorClaims(Bank.fitted(), judgement, record.with("amount", 91.0), bank.factors(), outputs).test(model).get(0);
        assertThat(higher.claims()).extracting(c -> c.values().get("factor")).containsExactly("own", "ceiling");
        assertThatThrownBy(() -> new FactorClaims(Bank.fitted(), judgement, record, List.of(new Factor("odd", Map.of("amount", "value:1"), List.of("amount is large"),
                List.of())), outputs).test(model)).hasMessageContaining("'amount is large' is no condition");
    }

    @Test
    void theNextPredictionKnowsWhatWasTakenIn() {
        journal.store("bank", List.of(new StoredRecord("old", Instant.ofEpochSecond(1), payment("old", 1, 4, null))));
        assertThat(live.enrich(bank, Map.of(), payment("x", 9, 1, null)).number("mean")).hasValue(4);
        Records.Taken taken = live.add("bank", List.of(payment("n1", 2, 6, null), payment("n1", 2, 6, null), payment("old", 1, 5, null),
                payment("old", 1, 4, null), new DataRecord(Bank.PAYMENTS, new org.wherefore.api.data.Location("t", 0), "n2", null, 1.0, null, null)));
        assertThat(live.add("bank", List.of(payment("late", 99_999_999_999L, 1, null))).refused()).extracting(b -> b.expected()).containsExactly("a time that is not in the future");
        assertThat(taken.added()).isEqualTo(1);
        assertThat(taken.refused()).extracting(b -> b.column()).containsExactly("id", "time");
        assertThat(live.enrich(bank, Map.of(), payment("x", 9, 1, null)).number("mean")).hasValue(5);
        assertThat(bank.made).hasSize(1);
        live.label("bank", "n1", "1");
        assertThat(bank.made.get(0).labels).containsExactly("+n1");
        assertThatThrownBy(() -> live.label("bank", "nobody", "1")).hasMessageContaining("no payment 'nobody'");
        // after a restart the same is known again, what was said of records included
        Bank again = new Bank();
        LiveRecords restarted = new LiveRecords(new MemoryPlugins().install(again), journal);
        assertThat(restarted.enrich(again, Map.of(), payment("x", 9, 1, null)).number("mean")).hasValue(5);
        assertThat(again.made.get(0).labels).containsExactly("+n1");
        assertThatThrownBy(() -> live.add("bank", java.util.Collections.nCopies(Records.MOST + 1, payment("n", 1, 1, null)))).hasMessageContaining("at most");
    }
}
