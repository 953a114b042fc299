package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A cluster at work into which somebody throws messages of every type with any content. Who lies well can
/// make members disagree; but no message makes a member throw, forget its term or its vote, take back what it
/// has committed, or apply anything out of order.
final class HostileMessagesTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 1000;

    /// What one member must not go back on.
    private static final class Memory {
        long term;
        long vote;
        long commit;
        final Map<Long, Long> committedTerms = new HashMap<>();
    }

    private final FakeCluster cluster = new FakeCluster(Checker.Trust.NONE);
    private final Map<Long, Memory> memories = new HashMap<>();
    private final Map<Objection.Reason, Integer> objections = new EnumMap<>(Objection.Reason.class);
    private final Map<Role, Integer> roles = new EnumMap<>(Role.class);
    private int taken;

    private static HostileMessagesTest run(long seed) {
        var test = new HostileMessagesTest();
        var random = new Random(seed);
        for (long id = 1; id <= 4; id++) {
            var config = RaftConfig.defaults(id, random.nextLong())
                    .withTicks(4, 1)
                    .withPreVote(seed % 2 == 0)
                    .withCheckQuorum(seed % 3 != 0)
                    .withLimits(1 + random.nextInt(200), 1 + random.nextInt(4), 1 + random.nextInt(500));
            if (id <= 3) {
                test.cluster.add(config, 1, 2, 3);
            } else {
                test.cluster.add(config);
            }
            test.memories.put(id, new Memory());
        }
        test.cluster.settle();
        test.cluster.member(1).raft().campaign();
        test.cluster.settle();
        for (int step = 0; step < STEPS; step++) {
            test.step(random);
        }
        return test;
    }

    private void step(Random random) {
        var member = cluster.member(1 + random.nextInt(4));
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                attack(member, random);
                roles.merge(member.raft().status().role(), 1, Integer::sum);
            }
            case 4, 5 -> {
                if (!cluster.inFlight.isEmpty()) {
                    cluster.deliver(random.nextInt(Math.min(cluster.inFlight.size(), 3)));
                }
            }
            case 6 -> {
                for (int n = random.nextInt(4); n >= 0; n--) {
                    member.raft().tick();
                }
            }
            case 7 -> member.persistAll();
            case 8 -> {
                while (member.hasWork()) {
                    member.applyOne();
                }
            }
            case 9 -> member.raft().propose(new byte[random.nextInt(20)]);
            case 10 -> reconfigure(member, random);
            default -> {
                if (random.nextInt(20) == 0) {
                    member.crash(random.nextInt(3), 0);
                    member.restart(FakeMember.StateAfterCrash.KEPT, random.nextLong());
                } else {
                    member.compact(random.nextInt(3));
                }
            }
        }
        if (random.nextInt(3) != 0) {
            cluster.up().forEach(FakeMember::work);
        }
        cluster.up().forEach(this::check);
    }

    private static void reconfigure(FakeMember member, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> member.proposeV2("~+4,-" + (1 + random.nextInt(3)));
            case 1 -> member.proposeV2("");
            default -> member.propose(change(random), 1 + random.nextInt(4));
        }
    }

    private static ConfChange.Type change(Random random) {
        return any(ConfChange.Type.values(), random);
    }

    private void attack(FakeMember member, Random random) {
        var before = member.raft().status();
        var terms = terms(member);
        var objection = member.raft().step(message(member, random));
        if (objection == null) {
            taken++;
        } else {
            objections.merge(objection.reason(), 1, Integer::sum);
            assertThat(member.raft().status()).as(objection.text()).isEqualTo(before);
            assertThat(terms(member)).as(objection.text()).isEqualTo(terms);
        }
    }

    private static List<Long> terms(FakeMember member) {
        var terms = new ArrayList<Long>();
        for (long index = member.raft().firstIndex() - 1; index <= member.raft().lastIndex(); index++) {
            terms.add(member.raft().termAt(index));
        }
        return terms;
    }

    private void check(FakeMember member) {
        var memory = memories.get(member.id);
        if (memory == null) {
            return;
        }
        var now = member.raft().status();
        var written = member.outstanding.isEmpty()
                ? member.hardState
                : member.outstanding.getLast().hardState();
        assertThat(written.term()).isGreaterThanOrEqualTo(memory.term);
        if (written.term() == memory.term && memory.vote != 0) {
            assertThat(written.vote()).isEqualTo(memory.vote);
        }
        memory.term = member.hardState.term();
        memory.vote = member.hardState.vote();
        // A crash may take back the knowledge that something is committed, but not what was.
        for (long index = member.raft().firstIndex(); index <= Math.min(now.commit(), memory.commit); index++) {
            Long term = memory.committedTerms.get(index);
            assertThat(term == null || term == member.raft().termAt(index))
                    .as("member %d, index %d", member.id, index)
                    .isTrue();
        }
        assertThat(now.applied()).isLessThanOrEqualTo(now.commit());
        assertThat(now.commit()).isLessThanOrEqualTo(now.lastIndex());
        long durable = Math.min(now.commit(), member.hardState.commit());
        for (long index = member.raft().firstIndex(); index <= durable; index++) {
            memory.committedTerms.put(index, member.raft().termAt(index));
        }
        memory.commit = Math.max(memory.commit, durable);
    }

    // ---- any message ----

    private static Message message(FakeMember to, Random random) {
        var now = to.raft().status();
        long me = random.nextInt(20) == 0 ? random.nextInt(6) : to.id;
        long from = random.nextInt(20) == 0 ? (random.nextBoolean() ? 0 : 77) : 1 + random.nextInt(4);
        long term = near(now.term(), random);
        long index = near(random.nextBoolean() ? now.commit() : now.lastIndex(), random);
        long other = near(random.nextBoolean() ? now.commit() : now.lastIndex(), random);
        byte[] context = random.nextBoolean() ? Reads.encode(random.nextInt(5)) : new byte[random.nextInt(12)];
        return switch (random.nextInt(14)) {
            case 0, 1 -> {
                long prevTerm = random.nextInt(4) != 0 ? termAt(to, index, now.term()) : near(term, random);
                yield new Message.Append(me, from, term, prevTerm, index, entries(index, term, random), other);
            }
            case 2 -> new Message.Heartbeat(me, from, term, index, context);
            case 3 -> new Message.AppendAccepted(me, from, term, index);
            case 4 -> new Message.AppendRejected(me, from, term, index, other, near(term, random));
            case 5 -> new Message.VoteRequest(me, from, term, any(Message.Campaign.values(), random), term - 1, index);
            case 6 -> new Message.VoteReply(me, from, term, any(Message.Ballot.values(), random), random.nextBoolean());
            case 7 -> {
                var voters = new ArrayList<Long>();
                for (long id = 1; id <= 4; id++) {
                    if (random.nextInt(4) != 0) {
                        voters.add(id);
                    }
                }
                var conf = random.nextInt(5) == 0
                        ? new ConfState(voters, List.of(), List.of(1L, 2L), List.of(2L), random.nextBoolean())
                        : ConfState.of(voters);
                var meta = new SnapshotMeta(index, random.nextBoolean() ? now.term() : near(term, random), conf);
                yield new Message.InstallSnapshot(me, from, term, new Snapshot(meta, FakeMember.encode(0)));
            }
            case 8 -> new Message.HeartbeatReply(me, from, term, context);
            case 9 -> new Message.TransferLeader(me, from, term);
            case 10 -> new Message.TimeoutNow(me, from, term);
            case 11 -> new Message.ReadIndex(me, from, context);
            case 12 -> new Message.ReadIndexReply(me, from, term, index, context);
            default ->
                new Message.Propose(me, from, List.of(new Message.Payload(EntryType.NORMAL, context), payload(random)));
        };
    }

    private static <T> T any(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    private static long near(long number, Random random) {
        return switch (random.nextInt(16)) {
            case 0 -> random.nextLong();
            case 1 -> Long.MAX_VALUE - random.nextInt(2);
            case 2 -> -random.nextInt(3);
            case 3 -> 1L << random.nextInt(63);
            case 4, 5 -> number + 1 + random.nextInt(3);
            case 6, 7 -> number - 1 - random.nextInt(3);
            default -> number;
        };
    }

    private static long termAt(FakeMember member, long index, long otherwise) {
        boolean there = index >= member.raft().firstIndex() - 1
                && index <= member.raft().lastIndex();
        return there ? member.raft().termAt(index) : otherwise;
    }

    private static Message.Payload payload(Random random) {
        if (random.nextInt(3) != 0) {
            return new Message.Payload(EntryType.NORMAL, new byte[random.nextInt(9)]);
        }
        return random.nextBoolean()
                ? new Message.Payload(EntryType.CONF_CHANGE, FakeMember.encode(change(random), 1 + random.nextInt(5)))
                : new Message.Payload(
                        EntryType.CONF_CHANGE_V2, random.nextBoolean() ? new byte[0] : new byte[] {'!', '-', '1'});
    }

    private static List<Entry> entries(long after, long term, Random random) {
        var entries = new ArrayList<Entry>();
        long index = after;
        for (int n = random.nextInt(4); n > 0; n--) {
            index += random.nextInt(15) == 0 ? 2 : 1;
            long entryTerm = random.nextInt(6) == 0 ? near(term, random) : term;
            var payload = payload(random);
            if (index >= 1 && entryTerm >= 1) {
                entries.add(new Entry(entryTerm, index, payload.type(), payload.data()));
            }
        }
        return entries;
    }

    @Test
    void noMessageMakesAMemberThrowOrGoBackOnItsWord() {
        int taken = 0;
        var objections = new EnumMap<Objection.Reason, Integer>(Objection.Reason.class);
        var roles = new EnumMap<Role, Integer>(Role.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                var test = run(seed);
                taken += test.taken;
                test.objections.forEach((reason, count) -> objections.merge(reason, count, Integer::sum));
                test.roles.forEach((role, count) -> roles.merge(role, count, Integer::sum));
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertThat(taken).isGreaterThan(SEEDS * 50);
        assertThat(objections.keySet()).containsExactlyInAnyOrder(Objection.Reason.values());
        assertThat(roles.keySet()).containsExactlyInAnyOrder(Role.values());
    }
}
