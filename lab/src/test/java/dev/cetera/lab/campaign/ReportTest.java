package dev.cetera.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.work.Kind;
import dev.cetera.lab.work.Tally;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Tale ONE = new Tale(
            1,
            0,
            Map.of(Kind.PUT, new Tally.Row(1000, 20, 3)),
            Map.of("kill one", 2),
            List.of(Duration.ofMillis(1500)),
            List.of(),
            70,
            5,
            2,
            1);

    @Test
    void roundsAddUp() {
        Tale more = new Tale(
                1,
                1,
                Map.of(Kind.PUT, new Tally.Row(1, 2, 3), Kind.KEEP_ALIVE, new Tally.Row(4, 0, 0)),
                Map.of("kill one", 1, "one deaf", 1),
                List.of(Duration.ofMillis(500)),
                List.of(Duration.ofSeconds(2)),
                1,
                1,
                1,
                0);
        Tale both = Tale.NONE.plus(ONE).plus(more);
        assertThat(both.faultCount()).isEqualTo(4);
        assertThat(both.calls().get(Kind.PUT)).isEqualTo(new Tally.Row(1001, 22, 6));
        assertThat(Report.of(both).replaceAll(" +", " "))
                .contains("put 1,001 22 6\n")
                .contains("keep alive 4 0 0\n")
                .contains("all 1,005 22 6\n")
                .contains("kill one 3\n")
                .contains("one deaf 1\n")
                .contains("elections: 2, least 0.50 s, half 1.50 s, 90 % 1.50 s, most 1.50 s\n")
                .contains("watches: 71 events over 6 streams; snapshots to members: 1; databases compared: 3\n")
                .endsWith("2 rounds: all promises kept; 1 too tangled to be judged in full\n");
    }

    @Test
    void whatNeverHappenedIsSaid() {
        assertThat(Report.of(ONE))
                .contains("no write for more than an election timeout: none")
                .endsWith("all promises kept\n");
    }
}
