package dev.cetera.raft;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// Who votes and who only listens. Immutable. In a joint configuration (§6) both sets of voters must agree.
final class Membership {
    private final ConfState conf;
    private final long[] voters;
    private final long[] outgoing;

    /// Everybody who is sent the log.
    private final long[] all;

    Membership(ConfState conf) {
        this.conf = conf;
        voters = array(conf.voters());
        outgoing = array(conf.votersOutgoing());
        var members = new LinkedHashSet<>(conf.voters());
        members.addAll(conf.votersOutgoing());
        members.addAll(conf.learners());
        all = array(sorted(members));
    }

    private static long[] array(List<Long> ids) {
        return ids.stream().mapToLong(Long::longValue).toArray();
    }

    private static List<Long> sorted(Iterable<Long> ids) {
        var list = new ArrayList<Long>();
        ids.forEach(list::add);
        list.sort(Long::compareUnsigned);
        return list;
    }

    ConfState conf() {
        return conf;
    }

    /// In ascending order of unsigned ids, each once.
    long[] all() {
        return all;
    }

    boolean isVoter(long id) {
        return contains(voters, id) || contains(outgoing, id);
    }

    boolean isMember(long id) {
        return contains(all, id);
    }

    boolean hasVoters() {
        return voters.length > 0;
    }

    boolean isJoint() {
        return outgoing.length > 0;
    }

    /// Whether two voters, who need each other, are the configuration or one half of it.
    boolean isPair() {
        return voters.length == 2 || outgoing.length == 2;
    }

    /// Whether this member alone decides everything.
    boolean isAlone(long id) {
        return outgoing.length == 0 && voters.length == 1 && voters[0] == id;
    }

    private static boolean contains(long[] ids, long id) {
        for (long each : ids) {
            if (each == id) {
                return true;
            }
        }
        return false;
    }

    /// The highest value that a quorum has reached; 0 when nobody votes.
    long reached(LongUnaryOperator valueOf) {
        if (!hasVoters()) {
            return 0;
        }
        return Math.min(Quorum.reached(voters, valueOf), Quorum.reached(outgoing, valueOf));
    }

    Quorum.Verdict verdict(Quorum.Answers answers) {
        var one = Quorum.verdict(voters, answers);
        var other = Quorum.verdict(outgoing, answers);
        if (one == Quorum.Verdict.LOST || other == Quorum.Verdict.LOST) {
            return Quorum.Verdict.LOST;
        }
        return one == Quorum.Verdict.WON ? other : one;
    }

    /// The configuration after `change`; this one when it is joint, because only one that is not may change
    /// this way. A voter that is added again as a learner stays a voter.
    Membership with(ConfChange change) {
        long id = change.nodeId();
        if (id == 0 || isJoint()) {
            return this;
        }
        return switch (change.type()) {
            case ADD_NODE ->
                conf.voters().contains(id) ? this : of(plus(conf.voters(), id), minus(conf.learners(), id));
            case ADD_LEARNER -> isMember(id) ? this : of(conf.voters(), plus(conf.learners(), id));
            case REMOVE_NODE -> of(minus(conf.voters(), id), minus(conf.learners(), id));
            case UPDATE_NODE -> this;
        };
    }

    /// The configuration after `change`; this one when the change can't be made in it, on all members alike.
    Membership with(ConfChangeV2 change) {
        if (change.leavesJoint()) {
            return isJoint() ? left() : this;
        }
        if (isJoint()) {
            return this;
        }
        var voters = new ArrayList<>(conf.voters());
        var learners = new ArrayList<>(conf.learners());
        var learnersNext = new ArrayList<Long>();
        for (var single : change.changes()) {
            Long id = single.nodeId();
            if (id == 0 || single.type() == ConfChange.Type.UPDATE_NODE) {
                continue;
            }
            boolean stays = change.entersJoint() && conf.voters().contains(id);
            voters.remove(id);
            learners.remove(id);
            learnersNext.remove(id);
            switch (single.type()) {
                case ADD_NODE -> voters.add(id);
                // It can't listen only while it still votes in the other half.
                case ADD_LEARNER -> (stays ? learnersNext : learners).add(id);
                case REMOVE_NODE, UPDATE_NODE -> {}
            }
        }
        if (voters.isEmpty()) {
            return this;
        }
        return new Membership(new ConfState(
                sorted(voters),
                sorted(learners),
                change.entersJoint() ? conf.voters() : List.of(),
                sorted(learnersNext),
                change.entersJoint() && change.transition() != ConfChangeV2.Transition.JOINT_EXPLICIT));
    }

    private Membership left() {
        var newLearners = new ArrayList<>(conf.learners());
        newLearners.addAll(conf.learnersNext());
        return new Membership(new ConfState(conf.voters(), sorted(newLearners), List.of(), List.of(), false));
    }

    private Membership of(List<Long> newVoters, List<Long> newLearners) {
        return new Membership(
                new ConfState(newVoters, newLearners, conf.votersOutgoing(), conf.learnersNext(), conf.autoLeave()));
    }

    private static List<Long> plus(List<Long> ids, long id) {
        var longer = new ArrayList<>(ids);
        longer.add(id);
        return sorted(longer);
    }

    private static List<Long> minus(List<Long> ids, long id) {
        return ids.stream().filter(each -> each != id).toList();
    }
}
