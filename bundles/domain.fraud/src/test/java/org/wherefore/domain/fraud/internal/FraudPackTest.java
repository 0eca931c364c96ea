package org.wherefore.domain.fraud.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Factor;

class FraudPackTest {
    private final FraudPack pack = new FraudPack();
    private final Map<String, String> training = pack.trainingDefaults();

    private List<String> inputs() {
        return List.of(training.get("table.features").split(","));
    }

    /** Of the records as aggregates leave them. */
    private Set<String> fields() {
        Set<String> fields = pack.schemas().get(0).fields().stream().map(Field::name).collect(Collectors.toSet());
        for (String group : training.get("aggregates").split(";")) {
            String entity = group.substring(0, group.indexOf(':'));
            for (String measure : group.substring(group.indexOf(':') + 1, group.indexOf('@')).split(",")) {
                String name = measure.endsWith(")") ? measure.substring(measure.indexOf('(') + 1, measure.length() - 1) + "."
                        + measure.substring(0, measure.indexOf('(')) : measure;
                for (String window : group.substring(group.indexOf('@') + 1).split(",")) {
                    fields.add(entity + "." + name + "." + window);
                }
            }
        }
        return fields;
    }

    @Test
    void isCalledInTheReadersLanguage() {
        assertThat(pack.title(Locale.ENGLISH)).isEqualTo("Card fraud");
        assertThat(pack.title(Locale.SIMPLIFIED_CHINESE)).isEqualTo("银行卡欺诈");
    }

    @Test
    void judgesTransactionsAndKnowsWhoTakesPart() {
        assertThat(pack.schemas()).extracting(Schema::role).containsExactly("transactions", "customers", "terminals", "accounts");
        assertThat(pack.classification().orElseThrow().decisions()).containsExactly("pass", "review", "block");
        assertThat(pack.trainingDefaults()).containsKeys("threshold.review", "threshold.block");
    }

    @Test
    void neverLearnsFromTheTruthOrItsReason() {
        assertThat(inputs()).doesNotContain("fraud", "scenario", "id", "customer", "terminal").doesNotHaveDuplicates();
    }

    @Test
    void leavesThePaymentOutOfWhatWasBefore() {
        assertThat(training).containsEntry("aggregates.includeSelf", "false");
    }

    @Test
    void itsFactorsSpeakOfFieldsThatThereAre() {
        assertThat(pack.factors()).extracting(Factor::name).containsExactly("customer-amount", "terminal-risk", "amount-ceiling", "customer-amount");
        for (Factor f : pack.factors()) {
            assertThat(fields()).as(f.name()).containsAll(f.usual().keySet()).containsAll(f.cites());
            Stream<String> named = Stream.concat(f.usual().values().stream(), f.when().stream().map(w -> w.split("\\s+")[2]));
            assertThat(named.filter(s -> s.startsWith("field:")).map(s -> s.substring(6))).as(f.name()).allMatch(fields()::contains);
            assertThat(f.when().stream().map(w -> w.split("\\s+")[0])).as(f.name()).allMatch(fields()::contains);
        }
    }

    @Test
    void aFactorChangesAllThatItsNumbersFlowInto() {
        Set<String> changed = pack.factors().stream().flatMap(f -> f.usual().keySet().stream()).collect(Collectors.toSet());
        assertThat(inputs().stream().filter(i -> i.startsWith("terminal.risk"))).allMatch(changed::contains);
    }
}
