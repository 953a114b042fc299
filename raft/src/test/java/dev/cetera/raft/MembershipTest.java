package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MembershipTest {
    private static final Membership THREE = new Membership(ConfState.of(List.of(1L, 2L, 3L)));

    private static ConfState changed(Membership members, ConfChange.Type type, long id) {
        return members.with(new ConfChange(0, type, id, new byte[0])).conf();
    }

    @Test
    void aMemberIsAddedInTheOrderOfUnsignedIds() {
        assertThat(changed(new Membership(ConfState.of(List.of(2L, -1L))), ConfChange.Type.ADD_NODE, 7)
                        .voters())
                .containsExactly(2L, 7L, -1L);
    }

    @Test
    void aMemberIsRemovedFromWhereverItIs() {
        assertThat(changed(THREE, ConfChange.Type.REMOVE_NODE, 2).voters()).containsExactly(1L, 3L);
        var withLearner = new Membership(changed(THREE, ConfChange.Type.ADD_LEARNER, 4));
        assertThat(withLearner.conf().learners()).containsExactly(4L);
        assertThat(changed(withLearner, ConfChange.Type.REMOVE_NODE, 4)).isEqualTo(THREE.conf());
    }

    @Test
    void aLearnerBecomesAVoterButAVoterNoLearner() {
        var withLearner = new Membership(changed(THREE, ConfChange.Type.ADD_LEARNER, 4));
        var promoted = changed(withLearner, ConfChange.Type.ADD_NODE, 4);
        assertThat(promoted.voters()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(promoted.learners()).isEmpty();
        assertThat(changed(THREE, ConfChange.Type.ADD_LEARNER, 3)).isEqualTo(THREE.conf());
    }

    @Test
    void whatIsThereAlreadyAndWhatIsInvalidChangesNothing() {
        assertThat(changed(THREE, ConfChange.Type.ADD_NODE, 3)).isEqualTo(THREE.conf());
        assertThat(changed(THREE, ConfChange.Type.UPDATE_NODE, 3)).isEqualTo(THREE.conf());
        assertThat(changed(THREE, ConfChange.Type.REMOVE_NODE, 9)).isEqualTo(THREE.conf());
        assertThat(changed(THREE, ConfChange.Type.ADD_NODE, 0)).isEqualTo(THREE.conf());
    }

    @Test
    void withoutVotersNothingIsReached() {
        assertThat(new Membership(ConfState.NONE).reached(id -> 5)).isZero();
    }
}
