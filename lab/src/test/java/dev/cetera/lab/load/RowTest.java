package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RowTest {
    private final Settings settings =
            new Settings(1000, 100, 0, Duration.ofSeconds(1), Duration.ZERO, 0, 8, 10, 1000, 10, 1, 1, 1);

    @Test
    void aTitleAloneIsTheWorkloadAsTheOptionsSay() {
        assertThat(Row.of("txn", settings)).isEqualTo(new Row("txn", Workload.TXN, settings));
    }

    @Test
    void clientsAfterTheAtSignShareTheConnectionsThatThereAre() {
        assertThat(Row.of("put@16000", settings).settings().clients()).isEqualTo(16_000);
        assertThat(Row.of("put@16000", settings).settings().connections()).isEqualTo(100);
        assertThat(Row.of("put@1", settings).settings().connections()).isEqualTo(1);
    }

    @Test
    void withoutAnyNamedEveryWorkloadHasARowAndPutsHaveSeveral() {
        assertThat(Row.all(settings).stream().map(Row::workload).distinct()).containsExactly(Workload.values());
        assertThat(Row.all(settings).stream().map(Row::title)).contains("put", "put@1", "put@16000");
    }
}
