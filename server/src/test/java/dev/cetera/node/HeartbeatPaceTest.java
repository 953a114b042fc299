package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.raft.Message;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HeartbeatPaceTest {
    private static final long MILLI = 1_000_000;

    private final AtomicInteger late = new AtomicInteger();
    private final HeartbeatPace pace = new HeartbeatPace(100, new Meters() {
        @Override
        public void heartbeatLate() {
            late.incrementAndGet();
        }
    });

    private void beat(long to, long millis) {
        pace.sent(List.of(new Message.Heartbeat(to, 1, 1, 0, Message.NO_CONTEXT)), millis * MILLI);
    }

    @Test
    void aHeartbeatIsLateBeyondTwoIntervalsAfterTheLastOneToTheSameMember() {
        beat(2, 0);
        beat(3, 150);
        beat(2, 200);
        assertThat(late).hasValue(0);
        beat(3, 351);
        assertThat(late).hasValue(1);
        beat(2, 600);
        assertThat(late).hasValue(2);
    }

    @Test
    void whatWasBeforeALeadershipDoesNotCount() {
        beat(2, 0);
        pace.reset();
        beat(2, 10_000);
        assertThat(late).hasValue(0);
    }
}
