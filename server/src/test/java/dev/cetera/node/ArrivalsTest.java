package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Membership;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals(1, () -> new Membership(List.of(), Set.of(9L), null));

    private static Message heartbeat(long from) {
        return new Message.Heartbeat(1, from, 1, 0, Message.NO_CONTEXT);
    }

    private static Message append(int bytes) {
        return new Message.Append(1, 2, 1, 0, 0, List.of(new Entry(1, 1, EntryType.NORMAL, new byte[bytes])), 0);
    }

    private static Message proposal() {
        return new Message.Propose(1, 2, List.of(new Message.Payload(EntryType.NORMAL, new byte[1])));
    }

    @Test
    void proposalsDoNotKeepTheRestOut() {
        for (int i = 0; i < Arrivals.MAX_PROPOSALS; i++) {
            assertThat(arrivals.admit(proposal())).isTrue();
        }
        assertThat(arrivals.admit(proposal())).isFalse();
        for (int i = 0; i < Arrivals.MAX_OTHERS; i++) {
            assertThat(arrivals.admit(heartbeat(2))).isTrue();
        }
        assertThat(arrivals.admit(heartbeat(2))).isFalse();
        arrivals.release(proposal());
        assertThat(arrivals.admit(heartbeat(2))).isFalse();
        assertThat(arrivals.admit(proposal())).isTrue();
    }

    @Test
    void bytesAreBoundedAndOneMessageOfAnySizeFits() {
        int half = (int) (Arrivals.MAX_BYTES / 2);
        assertThat(arrivals.admit(append(half))).isTrue();
        assertThat(arrivals.admit(append(half))).isFalse();
        arrivals.release(append(half));
        var huge = append((int) Arrivals.MAX_BYTES + 1);
        assertThat(arrivals.admit(huge)).isTrue();
        assertThat(arrivals.admit(heartbeat(2))).isFalse();
        arrivals.release(huge);
        assertThat(arrivals.admit(heartbeat(2))).isTrue();
    }

    @Test
    void strangersAreCountedAndTakeNoRoom() {
        for (int i = 0; i < 2 * Arrivals.MAX_OTHERS; i++) {
            assertThat(arrivals.admit(heartbeat(9))).as("removed").isFalse();
            assertThat(arrivals.admit(heartbeat(1))).as("this one").isFalse();
            assertThat(arrivals.admit(new Message.TimeoutNow(3, 2, 1)))
                    .as("for another")
                    .isFalse();
        }
        assertThat(arrivals.refused()).isEqualTo(6L * Arrivals.MAX_OTHERS);
        assertThat(arrivals.admit(heartbeat(2))).isTrue();
    }

    @Test
    void whatThisMemberAskedMayComeBackToItWhenItLeadsByNow() {
        assertThat(arrivals.admit(new Message.ReadIndex(1, 1, new byte[8]))).isTrue();
        assertThat(arrivals.admit(
                        new Message.Propose(1, 1, List.of(new Message.Payload(EntryType.NORMAL, new byte[1])))))
                .isTrue();
    }
}
