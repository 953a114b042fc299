package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.raft.Entry;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import org.junit.jupiter.api.Test;

class DeparturesTest {
    private final Departures departures = new Departures();

    private static InstallSnapshot to(long member) {
        return new InstallSnapshot(member, 1, 1, new Snapshot(SnapshotMeta.NONE, Entry.NO_DATA));
    }

    @Test
    void oneIsMadeAtATimeInTheOrderTheyCame() {
        assertThat(departures.next()).isNull();
        departures.add(to(2));
        departures.add(to(3));
        assertThat(departures.next()).isEqualTo(to(2));
        assertThat(departures.next()).isNull();
        departures.made();
        assertThat(departures.next()).isEqualTo(to(3));
    }

    @Test
    void whatIsTooManyIsNotTaken() {
        for (int i = 0; i < Departures.MAX_WAITING; i++) {
            assertThat(departures.add(to(i))).isTrue();
        }
        assertThat(departures.add(to(99))).isFalse();
        departures.next();
        assertThat(departures.add(to(99))).isTrue();
    }

    @Test
    void theLogIsHeldWhileOneIsUnderWayAndHalfAMinuteAfterItHasArrived() {
        assertThat(departures.holdTheLog(0)).isFalse();
        departures.left();
        assertThat(departures.holdTheLog(0)).isTrue();
        departures.ended(true, 1_000);
        assertThat(departures.holdTheLog(1_000 + Departures.HELD_AFTER_NANOS - 1))
                .isTrue();
        assertThat(departures.holdTheLog(1_000 + Departures.HELD_AFTER_NANOS)).isFalse();
    }

    @Test
    void oneThatFailedHoldsNothing() {
        departures.left();
        departures.left();
        departures.ended(false, 0);
        assertThat(departures.holdTheLog(0)).isTrue();
        departures.ended(false, 0);
        assertThat(departures.holdTheLog(0)).isFalse();
    }

    @Test
    void theLogIsHeldFromTheMomentThatOneIsAskedFor() {
        departures.add(to(2));
        assertThat(departures.holdTheLog(0)).as("it waits").isTrue();
        departures.next();
        assertThat(departures.holdTheLog(0)).as("it is made").isTrue();
        departures.left();
        departures.made();
        assertThat(departures.holdTheLog(0)).as("it is on its way").isTrue();
        departures.ended(false, 0);
        assertThat(departures.holdTheLog(0)).isFalse();
    }
}
