package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Whole clusters under bad luck of all kinds, each from one seed. A failure names the seed; `run(seed, ...)`
/// replays it.
final class SimulationTest {
    private static final int SEEDS = 2000;
    private static final int STEPS = 1500;

    private final FakeCluster cluster = new FakeCluster();
    private int proposals;
    private long requests;

    private boolean removedLeave;
    private final List<Message> old = new ArrayList<>();
    private final Set<Long> removed = new HashSet<>();
    private final Set<Long> gone = new HashSet<>();

    private static SimulationTest run(long seed, FakeMember.Sabotage sabotage) {
        var simulation = new SimulationTest();
        var random = new Random(seed);
        int founders = 1 + random.nextInt(5);
        simulation.removedLeave = random.nextBoolean();
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
            leave(member);
            if (!member.isUp()) {
                return;
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

    private FakeMember anyLeaderOr(FakeMember member, Random random) {
        var leaders = cluster.up().stream()
                .filter(each -> each.raft().status().role() == Role.LEADER)
                .toList();
        return leaders.isEmpty() || random.nextInt(3) == 0 ? member : leaders.get(random.nextInt(leaders.size()));
    }

    private void network(Random random) {
        // Mostly in order, so that work gets done, but not only.
        int position = random.nextInt(3) == 0 ? random.nextInt(cluster.inFlight.size()) : 0;
        var message = cluster.inFlight.get(position);
        switch (random.nextInt(22)) {
            case 0 -> cluster.lose(position);
            case 1 -> cluster.inFlight.add(message);
            case 2 -> misdirect(message, random);
            case 3 -> replayLater(message, random);
            default -> cluster.deliver(position);
        }
        var to = cluster.member(message.to());
        if (random.nextInt(5) != 0) {
            to.work();
        }
    }

    /// It comes to the wrong member, or back to the one that sent it.
    private void misdirect(Message message, Random random) {
        var member = cluster.member(1 + random.nextInt(6));
        if (member.isUp() && member.id != message.to()) {
            assertThat(member.raft().step(message)).isNotNull();
        }
    }

    /// The network remembers a message and delivers it once more at some time, however much has happened
    /// since.
    private void replayLater(Message message, Random random) {
        if (old.size() < 20) {
            old.add(message);
        } else {
            cluster.inFlight.add(old.set(random.nextInt(20), message));
        }
    }

    private void client(Random random, int dice, FakeMember member) {
        var raft = member.raft();
        if (dice < 940) {
            for (int n = random.nextInt(3); n >= 0; n--) {
                raft.propose(("p" + ++proposals).getBytes(StandardCharsets.UTF_8));
            }
        } else if (dice < 960) {
            // Those that wrongly believe that they lead are the ones to ask.
            var asked = anyLeaderOr(member, random);
            cluster.checker.asked(asked, ++requests);
            asked.raft().readIndex(requests);
            asked.work();
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

    private void reconfigure(Random random, FakeMember member) {
        if (removedLeave && member.raft().status().role() != Role.LEADER) {
            // It might arrive when the member that it adds has left.
            return;
        }
        if (random.nextInt(3) == 0) {
            var changes = new ArrayList<String>();
            for (int n = random.nextInt(4); n > 0; n--) {
                changes.add(change(random));
            }
            String transition = changes.isEmpty() ? "" : List.of("", "~", "!").get(random.nextInt(3));
            if (changes.stream().allMatch(this::mayBeMade)) {
                member.proposeV2(transition + String.join(",", changes));
            }
            return;
        }
        var change = change(random);
        if (mayBeMade(change)) {
            var single = FakeMember.decode(change.getBytes(StandardCharsets.UTF_8));
            member.propose(single.type(), single.nodeId());
        }
    }

    private static String change(Random random) {
        var types = ConfChange.Type.values();
        var encoded = FakeMember.encode(types[random.nextInt(types.length)], 1 + random.nextInt(6));
        return new String(encoded, StandardCharsets.UTF_8);
    }

    /// Who leaves for good is not added again.
    private boolean mayBeMade(String change) {
        if (removedLeave && change.startsWith("-")) {
            removed.add(Long.parseLong(change.substring(1)));
        }
        return change.startsWith("-") || !removed.contains(Long.parseLong(change.substring(1)));
    }

    /// A removed member stops at once and never comes back, unless it leads: then it sees to it first that
    /// another one does.
    private void leave(FakeMember member) {
        if (removedLeave
                && member.isUp()
                && member.removed
                && member.raft().status().role() != Role.LEADER) {
            member.crash(0, 0);
            gone.add(member.id);
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
                if (!member.isUp() && !gone.contains(member.id)) {
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
        cluster.members().stream()
                .filter(member -> !member.isUp() && !gone.contains(member.id))
                .forEach(member -> restart(member, random));
        for (int tick = 0; tick < 1000; tick++) {
            cluster.up().forEach(member -> member.raft().tick());
            cluster.settle();
            cluster.up().forEach(this::leave);
            var leader = cluster.leader();
            if (tick >= 20 && leader != null && isServing(leader)) {
                return;
            }
        }
        fail("nobody serves in the end: "
                + cluster.up().stream()
                        .map(m -> m.raft().status() + " " + m.raft().confState())
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
        var tally = Checker.Tally.NONE;
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
        assertThat(tally.joint()).isGreaterThan(SEEDS / 10);
        assertThat(tally.pairs()).isGreaterThan(SEEDS / 10);
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
