package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.node.Proposals.Waiting;
import org.junit.jupiter.api.Test;

class ProposalsTest {
    private final Proposals<String> proposals = new Proposals<>();

    private static Waiting<String> waiter(Kept<String> answer, int bytes) {
        return new Waiting<>(answer, bytes, 0, 100);
    }

    @Test
    void bytesThatWaitAreBoundedAndOneProposalOfAnySizeFits() {
        int quarter = (int) (Proposals.MAX_WAITING_BYTES / 4);
        for (long id = 1; id <= 4; id++) {
            assertThat(proposals.register(id, waiter(new Kept<>(), quarter))).isNull();
        }
        assertThat(proposals.register(5, waiter(new Kept<>(), 1))).isEqualTo(Refusal.TOO_MANY_REQUESTS);
        assertThat(proposals.take(1)).isNotNull();
        assertThat(proposals.register(5, waiter(new Kept<>(), 1))).isNull();
        for (long id = 2; id <= 5; id++) {
            assertThat(proposals.take(id)).isNotNull();
        }
        assertThat(proposals.size()).isZero();
        assertThat(proposals.register(6, waiter(new Kept<>(), Integer.MAX_VALUE)))
                .isNull();
    }

    @Test
    void whoeverIsGivenUpIsToldWhyByTheMomentOfItsStart() {
        var early = new Kept<String>();
        var late = new Kept<String>();
        assertThat(proposals.register(1, new Waiting<>(early, 1, 10, 100))).isNull();
        assertThat(proposals.register(2, new Waiting<>(late, 1, 20, 110))).isNull();
        proposals.expire(105, started -> started == 10 ? Refusal.TIMED_OUT_LEADER_FAILED : Refusal.TIMED_OUT);
        assertThat(early.refusals).containsExactly(Refusal.TIMED_OUT_LEADER_FAILED);
        assertThat(late.isOpen()).isTrue();
    }
}
