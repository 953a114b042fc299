package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BeatTest {
    private static final class Set implements Time {
        private long millis;

        @Override
        public long nanos() {
            return millis * 1_000_000;
        }

        @Override
        public long unixNanos() {
            return 0;
        }
    }

    @Test
    void runsThatHavePiledUpAreDroppedAndThePaceGoesOn() {
        var time = new Set();
        var runs = new AtomicInteger();
        var beat = new Beat(runs::incrementAndGet, time, 100);
        for (int i = 0; i < 10; i++) {
            time.millis += 100;
            beat.run();
        }
        assertThat(runs).hasValue(10);
        time.millis += 60_000;
        for (int i = 0; i < 600; i++) {
            beat.run();
        }
        assertThat(runs).hasValue(11);
        time.millis += 90;
        beat.run();
        time.millis += 110;
        beat.run();
        assertThat(runs).as("a little early or late is still a beat").hasValue(13);
    }
}
