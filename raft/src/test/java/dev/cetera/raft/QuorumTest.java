package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class QuorumTest {
    private static final int SEEDS = 5_000;

    @Test
    void reachedAgreesWithTheObviousVersion() {
        for (long seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var members = randomMembers(random);
            Map<Long, Long> acked = new HashMap<>();
            for (long id : members.all()) {
                acked.put(id, (long) random.nextInt(8));
            }
            assertThat(members.reached(id -> acked.getOrDefault(id, 0L)))
                    .as("seed %d: %s %s", seed, members.conf(), acked)
                    .isEqualTo(obviouslyReached(members.conf(), acked));
        }
    }

    /// The largest value such that, in each set of voters, more than half have at least that.
    private static long obviouslyReached(ConfState conf, Map<Long, Long> acked) {
        for (long value = 8; value > 0; value--) {
            long least = value;
            var having = acked.entrySet().stream()
                    .filter(e -> e.getValue() >= least)
                    .map(Map.Entry::getKey)
                    .toList();
            if (hasMajority(conf.voters(), having)
                    && (conf.votersOutgoing().isEmpty() || hasMajority(conf.votersOutgoing(), having))) {
                return value;
            }
        }
        return 0;
    }

    private static boolean hasMajority(List<Long> voters, List<Long> having) {
        return voters.stream().filter(having::contains).count() * 2 > voters.size();
    }

    @Test
    void aVerdictAgreesWithTryingAllWaysToGoOn() {
        for (long seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var members = randomMembers(random);
            Map<Long, Quorum.Answer> answers = new HashMap<>();
            for (long id : members.all()) {
                var possible = Quorum.Answer.values();
                answers.put(id, possible[random.nextInt(possible.length)]);
            }
            assertThat(members.verdict(id -> answers.getOrDefault(id, Quorum.Answer.NONE)))
                    .as("seed %d: %s %s", seed, members.conf(), answers)
                    .isEqualTo(obviousVerdict(members.conf(), answers));
        }
    }

    /// Won when it is won even if all who are silent say no; lost when it is lost even if they all say yes.
    private static Quorum.Verdict obviousVerdict(ConfState conf, Map<Long, Quorum.Answer> answers) {
        if (winsWith(conf, answers, List.of(Quorum.Answer.YES))) {
            return Quorum.Verdict.WON;
        }
        return winsWith(conf, answers, List.of(Quorum.Answer.YES, Quorum.Answer.NONE))
                ? Quorum.Verdict.OPEN
                : Quorum.Verdict.LOST;
    }

    private static boolean winsWith(ConfState conf, Map<Long, Quorum.Answer> answers, List<Quorum.Answer> counted) {
        var having = new ArrayList<Long>();
        answers.forEach((id, answer) -> {
            if (counted.contains(answer)) {
                having.add(id);
            }
        });
        return (conf.voters().isEmpty() || hasMajority(conf.voters(), having))
                && (conf.votersOutgoing().isEmpty() || hasMajority(conf.votersOutgoing(), having));
    }

    /// At least one voter, sometimes learners, sometimes a second set of voters.
    private static Membership randomMembers(Random random) {
        var voters = new ArrayList<Long>();
        var outgoing = new ArrayList<Long>();
        var learners = new ArrayList<Long>();
        for (long id = 1; id <= 7; id++) {
            switch (random.nextInt(4)) {
                case 0 -> learners.add(id);
                case 1 -> outgoing.add(id);
                case 2 -> voters.add(id);
                default -> {
                    voters.add(id);
                    outgoing.add(id);
                }
            }
        }
        if (voters.isEmpty()) {
            voters.add(8L);
        }
        boolean joint = random.nextBoolean();
        return new Membership(new ConfState(voters, learners, joint ? outgoing : List.of(), List.of(), false));
    }
}
