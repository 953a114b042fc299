package dev.cetera.ctl.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theSummaryHasTheRateTheSlowestAndTheStandardDeviation() {
        var samples = new Samples();
        samples.done(SECOND);
        samples.done(3 * SECOND);
        samples.failed("no");
        samples.failed("no");
        var summary = samples.summary(4 * SECOND);
        assertThat(summary.perSecond()).isEqualTo(0.5);
        assertThat(summary.slowest()).isEqualTo(3.0);
        assertThat(summary.deviation()).isEqualTo(1.0, within(1e-9));
        assertThat(summary.errors()).containsExactly(entry("no", 2));
    }

    @Test
    void nothingAtAllComesToNothing() {
        assertThat(new Samples().summary(SECOND)).isEqualTo(new Samples.Summary(0, 0, 0, java.util.Map.of()));
    }
}
