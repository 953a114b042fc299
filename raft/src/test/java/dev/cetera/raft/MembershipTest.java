package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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

    private static ConfState changed(Membership members, String changes) {
        return members.with(FakeMember.decodeV2(changes.getBytes(StandardCharsets.UTF_8)))
                .conf();
    }

    private static ConfState joint(List<Long> voters, List<Long> learners, List<Long> next, boolean autoLeave) {
        return new ConfState(voters, learners, List.of(1L, 2L, 3L), next, autoLeave);
    }

    @Test
    void oneChangeInTheNewerFormNeedsNoJointConfiguration() {
        assertThat(changed(THREE, "+4")).isEqualTo(ConfState.of(List.of(1L, 2L, 3L, 4L)));
        assertThat(changed(THREE, "-2")).isEqualTo(ConfState.of(List.of(1L, 3L)));
        assertThat(changed(THREE, "?2"))
                .isEqualTo(new ConfState(List.of(1L, 3L), List.of(2L), List.of(), List.of(), false));
    }

    @Test
    void severalChangesGoByAJointConfigurationThatIsLeftByItself() {
        assertThat(changed(THREE, "+4,-3")).isEqualTo(joint(List.of(1L, 2L, 4L), List.of(), List.of(), true));
        assertThat(changed(THREE, "~+4")).isEqualTo(joint(List.of(1L, 2L, 3L, 4L), List.of(), List.of(), true));
        assertThat(changed(THREE, "!+4,?5")).isEqualTo(joint(List.of(1L, 2L, 3L, 4L), List.of(5L), List.of(), false));
    }

    @Test
    void aVoterBecomesALearnerWhenTheJointConfigurationIsLeft() {
        var joint = new Membership(changed(THREE, "!?3,+4"));
        assertThat(joint.conf()).isEqualTo(joint(List.of(1L, 2L, 4L), List.of(), List.of(3L), false));
        assertThat(joint.isVoter(3)).isTrue();
        assertThat(changed(joint, ""))
                .isEqualTo(new ConfState(List.of(1L, 2L, 4L), List.of(3L), List.of(), List.of(), false));
    }

    @Test
    void theLastWordOnAMemberCounts() {
        assertThat(changed(THREE, "!+4,?4")).isEqualTo(joint(List.of(1L, 2L, 3L), List.of(4L), List.of(), false));
        assertThat(changed(THREE, "!?3,+3")).isEqualTo(joint(List.of(1L, 2L, 3L), List.of(), List.of(), false));
        assertThat(changed(THREE, "!?3,-3")).isEqualTo(joint(List.of(1L, 2L), List.of(), List.of(), false));
    }

    @Test
    void aJointConfigurationCanOnlyBeLeftAndNoOtherCan() {
        var joint = new Membership(changed(THREE, "!+4"));
        assertThat(changed(joint, "+5")).isEqualTo(joint.conf());
        assertThat(changed(joint, ConfChange.Type.ADD_NODE, 5)).isEqualTo(joint.conf());
        assertThat(changed(joint, ConfChange.Type.REMOVE_NODE, 1)).isEqualTo(joint.conf());
        assertThat(changed(THREE, "")).isEqualTo(THREE.conf());
    }

    @Test
    void aChangeThatLeavesNobodyOrIsAboutNobodyChangesNothing() {
        assertThat(changed(THREE, "-1,-2,-3")).isEqualTo(THREE.conf());
        assertThat(THREE.with(ConfChangeV2.NOTHING).conf()).isEqualTo(THREE.conf());
    }
}
