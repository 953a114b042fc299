package dev.cetera.ctl.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void writesAreDueAtEvenIntervalsUntilTheTimeIsOver() {
        var pace = new Pace(4, 2, 0, SECOND);
        for (long due = 0; due < SECOND; due += SECOND / 4) {
            assertThat(pace.next(0)).hasValue(due);
        }
        assertThat(pace.next(0)).isEmpty();
        assertThat(pace.next(0)).isEmpty();
    }

    @Test
    void whoComesLateMakesUpForNoMoreThanTheBacklog() {
        var pace = new Pace(10, 2, 0, 60 * SECOND);
        assertThat(pace.next(0)).hasValue(0);
        // Ten were missed in the second that nobody came.
        assertThat(pace.next(SECOND)).hasValue(8 * SECOND / 10);
        assertThat(pace.next(SECOND)).hasValue(9 * SECOND / 10);
        assertThat(pace.next(SECOND)).isEqualTo(OptionalLong.of(SECOND));
        assertThat(pace.next(SECOND)).hasValue(11 * SECOND / 10);
    }
}
