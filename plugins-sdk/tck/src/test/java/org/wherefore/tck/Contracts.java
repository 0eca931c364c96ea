package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs a contract as a plugin author's build does and says which rules failed. */
final class Contracts {
    private Contracts() {}

    /** The good plugin keeps every rule, and so many are skipped. */
    static void passes(Class<?> contract, int skipped) {
        Events tests = run(selectClass(contract));
        assertThat(failures(tests)).as("rules that a good plugin breaks").isEmpty();
        assertThat(tests.started().count()).as("rules that ran").isGreaterThan(5);
        assertThat(tests.aborted().count() + tests.skipped().count()).as("rules not checked").isEqualTo(skipped);
        tests.started().stream().forEach(e -> assertThat(e.getTestDescriptor().getDisplayName()).as("a rule reads as a sentence")
                .contains(" ").doesNotContain("("));
    }

    /** The bad plugin breaks this rule, and its author is told in words that hold all of {@code words}. */
    static void breaks(Class<?> contract, String rule, String... words) {
        Map<String, String> failed = failures(run(selectMethod(contract, rule)));
        assertThat(failed).as("rules that this bad plugin breaks").containsOnlyKeys(rule);
        assertThat(failed.get(rule)).as("what its author is told").contains(words);
    }

    private static Events run(DiscoverySelector selector) {
        return EngineTestKit.engine("junit-jupiter").selectors(selector).execute().testEvents();
    }

    private static Map<String, String> failures(Events tests) {
        Map<String, String> failed = new TreeMap<>();
        tests.failed().stream().forEach(e -> failed.put(method(e.getTestDescriptor()), e.getPayload(TestExecutionResult.class)
                .flatMap(TestExecutionResult::getThrowable).map(Throwable::toString).orElse("")));
        return failed;
    }

    private static String method(TestDescriptor test) {
        return test.getSource().filter(MethodSource.class::isInstance).map(s -> ((MethodSource) s).getMethodName()).orElseThrow();
    }
}
