package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Behaviour as readable scripts. A difference is either a mistake or to be written into the script.
final class ScenarioTest {
    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenario.all().stream()
                .map(scenario -> dynamicTest(
                        scenario.name(), () -> assertThat(scenario.replay()).isEqualTo(scenario.text())));
    }
}
