package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// How far a leader commits, beside a slow and obvious version of the rule, in configurations of all shapes.
final class CommitTest {
    private static final int SEEDS = 1500;

    private static ConfState conf(Random random) {
        var voters = new ArrayList<>(List.of(1L));
        var outgoing = new ArrayList<Long>();
        var learners = new ArrayList<Long>();
        for (long id = 2; id <= 7; id++) {
            switch (random.nextInt(5)) {
                case 0 -> learners.add(id);
                case 1 -> voters.add(id);
                case 2 -> outgoing.add(id);
                case 3 -> {
                    voters.add(id);
                    outgoing.add(id);
                }
                default -> {}
            }
        }
        if (random.nextBoolean()) {
            outgoing.clear();
        }
        return new ConfState(voters, learners, outgoing, List.of(), false);
    }

    private static boolean isOnMajority(List<Long> voters, Map<Long, Long> has, long index) {
        return voters.stream().filter(id -> has.getOrDefault(id, 0L) >= index).count() * 2 > voters.size();
    }

    /// The last entry of the leader's own term that is on a majority of each half.
    private static long obviouslyCommitted(Raft leader, long before, Map<Long, Long> has) {
        var conf = leader.confState();
        for (long index = leader.lastIndex(); index > before; index--) {
            boolean ofItsTerm = leader.termAt(index) == leader.status().term();
            boolean agreed = isOnMajority(conf.voters(), has, index)
                    && (conf.votersOutgoing().isEmpty() || isOnMajority(conf.votersOutgoing(), has, index));
            if (ofItsTerm && agreed) {
                return index;
            }
        }
        return before;
    }

    @Test
    void aLeaderCommitsAsTheObviousVersionDoes() {
        int moved = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var conf = conf(random);
            var terms = random.longs(random.nextInt(5), 1, 4).sorted().toArray();
            var member = new LoneMember(RaftConfig.defaults(1, seed), LoneMember.recovered(conf, 0, 1, terms));
            member.raft.campaign();
            member.settle();
            for (long id = 2; id <= 7 && member.role() != Role.LEADER; id++) {
                member.hears(LoneMember.vote(id, member.term()));
            }
            var raft = member.raft;
            assertThat(member.role()).as("seed %d: %s", seed, conf).isEqualTo(Role.LEADER);
            member.settle();
            var has = new HashMap<Long, Long>();
            has.put(1L, raft.lastIndex());
            long committed = obviouslyCommitted(raft, 1, has);
            assertThat(raft.status().commit()).isEqualTo(committed);
            Ready.Write pending = null;
            for (int step = 0; step < 30; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> raft.propose(LoneMember.DATA);
                    case 1 -> {
                        // The leader's own disk takes its time.
                        if (pending != null) {
                            raft.persisted(pending.done());
                            has.put(1L, pending.done().index());
                        }
                        pending = raft.ready().write();
                    }
                    default -> {
                        long id = 2L + random.nextInt(6);
                        long index = random.nextLong(raft.lastIndex() + 1);
                        raft.step(LoneMember.accepted(id, member.term(), index));
                        has.merge(id, index, Math::max);
                    }
                }
                long now = obviouslyCommitted(raft, committed, has);
                moved += now > committed ? 1 : 0;
                committed = now;
                assertThat(raft.status().commit())
                        .as("seed %d, step %d: %s has %s", seed, step, conf, has)
                        .isEqualTo(committed);
            }
        }
        assertThat(moved).isGreaterThan(SEEDS);
    }
}
