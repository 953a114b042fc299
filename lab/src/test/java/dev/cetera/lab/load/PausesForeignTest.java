package dev.cetera.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PausesForeignTest {
    private static final List<String> WORKS =
            List.of("nothing", "watcher catches up", "3 full lists", "snapshot", "compaction", "defragment");

    @Test
    void everyWorkHasARowWithWhatProbesMetMeanwhile(@TempDir Path dir) {
        var told = Commands.run(
                new Pauses(Commands.contenders()),
                "--dir=" + dir,
                "--keys=300",
                "--history=2000",
                "--lists=3",
                "--least=0.2",
                "--warm-up=0");
        assertThat(told.code()).isZero();
        List<String> rows = told.out().lines().skip(2).toList();
        assertThat(rows.stream().map(row -> row.substring(0, 20).strip())).containsExactlyElementsOf(WORKS);
        assertThat(rows).allSatisfy(row -> {
            var cells = Commands.numbers(row.substring(31));
            assertThat(cells).hasSize(10);
            assertRisesWithinAMinute(cells.subList(1, 5));
            assertRisesWithinAMinute(cells.subList(5, 9));
            assertThat(cells.getLast()).as("peak MB").isBetween(20.0, 20_000.0);
        });
    }

    /// Percentiles of what probes met, in milliseconds, and the longest: there were some.
    private static void assertRisesWithinAMinute(List<Double> percentiles) {
        assertThat(percentiles).isSorted();
        assertThat(percentiles.getFirst()).isPositive();
        assertThat(percentiles.getLast()).isLessThan(60_000);
    }
}
