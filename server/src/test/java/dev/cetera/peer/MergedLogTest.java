package dev.cetera.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.node.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

final class MergedLogTest {
    private static final String NAME = "rafthttp-merged-log-test";
    private static final Logger LOGGER = Logger.getLogger(NAME);

    private static final class Clock implements Time {
        long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long unixNanos() {
            return nanos;
        }
    }

    @Test
    void aLineThatComesAgainIsCounted() {
        List<String> lines = new ArrayList<>();
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                lines.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        var clock = new Clock();
        var log = new MergedLog(NAME, clock);
        for (int i = 0; i < 5; i++) {
            log.merged("full");
        }
        log.merged("other");
        assertThat(lines).containsExactly("full", "other");
        clock.nanos = 1_004_000_000;
        log.summarise();
        assertThat(lines).containsExactly("full", "other", "full [merged 4 repeated lines in 1s]");
        clock.nanos = 2_500_000_000L;
        log.summarise(); // both were silent: forgotten
        log.merged("full");
        assertThat(lines).hasSize(4).endsWith("full");
        for (int i = 0; i < 5000; i++) {
            log.merged("line " + i);
        }
        assertThat(lines.size()).isLessThan(1010);
    }
}
