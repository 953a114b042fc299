package dev.cetera.ctl.print;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private static final long SECOND = 1_000_000_000L;

    private static String line(long done, ProgressBar.Stage stage, long seconds, int width) {
        return ProgressBar.line(done, 60, String::valueOf, seconds * SECOND, stage, width);
    }

    @Test
    void theBarGrowsFromTheLeftAndFillsTheLine() {
        assertThat(line(0, ProgressBar.Stage.RUNNING, 0, 40)).isEqualTo(" 0 / 60 B" + " ".repeat(22) + "!   0.00%");
        assertThat(line(15, ProgressBar.Stage.RUNNING, 15, 40))
                .isEqualTo(" 15 / 60 Boooom" + " ".repeat(12) + "!  25.00% 45s");
        assertThat(line(60, ProgressBar.Stage.ENDED, 61, 40))
                .isEqualTo(" 60 / 60 B" + "o".repeat(16) + "! 100.00% 1m1s");
        assertThat(line(15, ProgressBar.Stage.RUNNING, 15, 40)).hasSize(40);
    }

    @Test
    void whereThereIsNoRoomThereIsNoBar() {
        assertThat(line(30, ProgressBar.Stage.RUNNING, 10, 0)).isEqualTo(" 30 / 60   50.00% 10s");
    }

    @Test
    void whatIsDoneInAMomentIsNotShown() {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (var bar = new ProgressBar(stream, 40, ProgressBar.Appears.WHEN_IT_TAKES_LONG, 60, String::valueOf)) {
            bar.add(60);
        }
        assertThat(out.size()).isZero();
        try (var bar = new ProgressBar(stream, 40, ProgressBar.Appears.AT_ONCE, 60, String::valueOf)) {
            bar.add(60);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("! 100.00% 0s\n");
    }
}
