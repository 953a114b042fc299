package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whole clusters under bad luck of all kinds, each from one seed. A failure names the seed; `run(seed, ...)`
/// replays it.
final class SimulationTest {
    private static final int SEEDS = 2000;
    private static final int STEPS = 1500;

    private final FakeCluster cluster = new FakeCluster();
    private int proposals;
    private long requests;

    private static SimulationTest run(long seed, FakeMember.Sabotage sabotage) {
        var simulation = new SimulationTest();
        var random = new Random(seed);
        int founders = 1 + random.nextInt(5);
        var ids = new long[founders];
        for (int i = 0; i < founders; i++) {
            ids[i] = i + 1L;
        }
        for (long id = 1; id <= 6; id++) {
            var config = RaftConfig.defaults(id, random.nextLong())
                    .withTicks(4, 1)
                    .withPreVote(seed % 2 == 0)
                    .withCheckQuorum(seed % 3 != 0)
                    .withLimits(1 + random.nextInt(200), 1 + random.nextInt(4), 1 + random.nextInt(500));
            if (id <= founders) {
                simulation.cluster.add(config, ids);
            } else {
                simulation.cluster.add(config);
            }
            simulation.cluster.member(id).sabotage = sabotage;
        }
        // Half of the clusters are at work before the trouble begins.
        if (random.nextBoolean()) {
            simulation.cluster.settle();
            simulation.cluster.member(1).raft().campaign();
            simulation.cluster.settle();
        }
        for (int step = 0; step < STEPS; step++) {
            simulation.step(random);
        }
        return simulation;
    }

    private void step(Random random) {
        var up = cluster.up();
        int dice = random.nextInt(1000);
        if (dice < 450 && !cluster.inFlight.isEmpty()) {
            network(random);
            return;
        }
        if (up.isEmpty() || dice >= 980) {
            trouble(random);
            return;
        }
        var member = up.get(random.nextInt(random.nextBoolean() ? up.size() : Math.min(up.size(), 3)));
        if (dice < 620) {
            // Now and then a member is left alone for so long that it campaigns.
            for (int n = random.nextInt(20) == 0 ? 8 : 1; n > 0; n--) {
                member.raft().tick();
            }
        } else if (dice < 780) {
            for (int n = random.nextInt(3); n >= 0 && !member.outstanding.isEmpty(); n--) {
                member.persistOne();
            }
        } else if (dice < 880) {
            for (int n = random.nextInt(4); n >= 0 && member.hasWork(); n--) {
                member.applyOne();
            }
        } else {
            client(random, dice, leaderOr(member, random));
        }
        cluster.touched(member);
        if (random.nextInt(5) != 0) {
            member.work();
        }
    }

    private FakeMember leaderOr(FakeMember member, Random random) {
        var leader = cluster.leader();
        return leader == null || random.nextInt(4) == 0 ? member : leader;
    }

    private void network(Random random) {
        // Mostly in order, so that work gets done, but not only.
        int position = random.nextInt(3) == 0 ? random.nextInt(cluster.inFlight.size()) : 0;
        var message = cluster.inFlight.get(position);
        switch (random.nextInt(20)) {
            case 0 -> cluster.lose(position);
            case 1 -> cluster.inFlight.add(message);
            default -> cluster.deliver(position);
        }
        var to = cluster.member(message.to());
        if (random.nextInt(5) != 0) {
            to.work();
        }
    }

    private void client(Random random, int dice, FakeMember member) {
        var raft = member.raft();
        if (dice < 940) {
            for (int n = random.nextInt(3); n >= 0; n--) {
                raft.propose(("p" + ++proposals).getBytes(StandardCharsets.UTF_8));
            }
        } else if (dice < 960) {
            cluster.checker.asked(member, ++requests);
            raft.readIndex(requests);
        } else if (dice < 965) {
            raft.transferLeader(1 + random.nextInt(6));
        } else if (dice < 970) {
            reconfigure(random, member);
        } else if (dice < 976) {
            member.compact(random.nextInt(4));
        } else if (dice < 978) {
            raft.unreachable(1 + random.nextInt(6));
        } else {
            raft.campaign();
        }
        cluster.touched(member);
        member.work();
    }

    /// Nobody is removed from a pair of voters: if the removed one stops before the other knows that this is
    /// committed, the other waits for its vote forever. Where configurations count from their application on,
    /// that can't be helped.
    private static void reconfigure(Random random, FakeMember member) {
        var types = ConfChange.Type.values();
        var type = types[random.nextInt(types.length)];
        var raft = member.raft();
        if (type != ConfChange.Type.REMOVE_NODE
                || (raft.status().role() == Role.LEADER
                        && raft.confState().voters().size() > 2)) {
            member.propose(type, 1 + random.nextInt(6));
        }
    }

    private void trouble(Random random) {
        var all = List.copyOf(cluster.members());
        var member = all.get(random.nextInt(all.size()));
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                if (member.isUp()) {
                    member.crash(random.nextInt(3), member.tornEntries(random));
                }
            }
            case 2 -> {
                int mask = random.nextInt(64);
                cluster.cut = (from, to) -> ((mask >> from) & 1) != ((mask >> to) & 1);
            }
            case 3 -> {
                // The leader alone is cut off, which makes for logs that contradict each other.
                var leader = cluster.leader();
                long id = leader == null ? 1 : leader.id;
                cluster.cut = (from, to) -> from == id || to == id;
            }
            case 4, 5 -> cluster.cut = (from, to) -> false;
            default -> {
                if (!member.isUp()) {
                    restart(member, random);
                }
            }
        }
    }

    private static void restart(FakeMember member, Random random) {
        var states = FakeMember.StateAfterCrash.values();
        member.restart(states[random.nextInt(2)], random.nextLong());
    }

    /// When the troubles are over there is a leader again, and what is proposed is applied by all who belong
    /// to it.
    private void recover(long seed) {
        var random = new Random(~seed);
        cluster.cut = (from, to) -> false;
        cluster.members().stream().filter(member -> !member.isUp()).forEach(member -> restart(member, random));
        for (int tick = 0; tick < 1000; tick++) {
            cluster.members().forEach(member -> member.raft().tick());
            cluster.settle();
            var leader = cluster.leader();
            if (tick >= 20 && leader != null && isServing(leader)) {
                return;
            }
        }
        fail("nobody serves in the end: "
                + cluster.members().stream()
                        .map(m -> m.raft().status() + " " + m.raft().confState().voters())
                        .toList());
    }

    private boolean isServing(FakeMember leader) {
        long before = cluster.checker.committed();
        cluster.checker.asked(leader, ++requests);
        leader.raft().readIndex(requests);
        leader.raft().propose(new byte[] {'!'});
        cluster.settle();
        var conf = leader.raft().confState();
        return cluster.checker.committed() > before
                && conf.voters().stream().allMatch(id -> cluster.member(id).applied == leader.applied)
                && conf.learners().stream().allMatch(id -> cluster.member(id).applied == leader.applied);
    }

    @Test
    void clustersKeepTheirPromisesUnderAnyTrouble() {
        var tally = new Checker.Tally(0, 0, 0, 0, 0);
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                var simulation = run(seed, FakeMember.Sabotage.NONE);
                tally = tally.plus(simulation.cluster.checker.tally());
                simulation.recover(seed);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        // Much must have happened for this to mean anything.
        assertThat(tally.committed()).isGreaterThan(SEEDS * 10);
        assertThat(tally.answers()).isGreaterThan(SEEDS * 2);
        assertThat(tally.leaders()).isGreaterThan(SEEDS);
        assertThat(tally.restored()).isGreaterThan(SEEDS / 100);
        assertThat(tally.overwritten()).isGreaterThan(SEEDS / 100);
    }

    @Test
    void aReceiptHandedBackTooEarlyIsNoticed() {
        assertNoticed(FakeMember.Sabotage.REPORTS_TOO_EARLY);
    }

    @Test
    void aVoteOrAcknowledgementSentTooEarlyIsNoticed() {
        assertNoticed(FakeMember.Sabotage.SENDS_TOO_EARLY);
    }

    private static void assertNoticed(FakeMember.Sabotage sabotage) {
        int noticed = 0;
        for (long seed = 0; seed < 100; seed++) {
            try {
                run(seed, sabotage);
            } catch (AssertionError | IllegalStateException expected) {
                noticed++;
            }
        }
        assertThat(noticed).isGreaterThan(40);
    }
}
