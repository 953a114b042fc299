package dev.cetera.raft;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// An entry's way through the machine: proposed or received, handed out to be written and sent, acknowledged,
/// committed, handed out to be applied. An operation is one entry; the disk, the peers and the state machine
/// answer at once.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RaftBench {
    /// As many entries as gather during a sync under load.
    static final int BATCH = 64;

    /// A log in memory as long as a member's, so that an entry lives as long as it would there.
    private static final long KEPT = 5_000;

    /// A put of an 8-byte key and a 256-byte value.
    private static final byte[] DATA = new byte[300];

    private final Machine alone;
    private final Machine leader;
    private final Machine follower;

    public RaftBench() {
        alone = Machine.leading(ConfState.of(List.of(1L)));
        leader = Machine.leading(LoneMember.THREE);
        follower = Machine.following();
    }

    @Benchmark
    public void committedByOneVoter(Blackhole out) {
        alone.propose(1, out);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void committedByOneVoterInBatches(Blackhole out) {
        alone.propose(BATCH, out);
    }

    @Benchmark
    public void committedByThreeVoters(Blackhole out) {
        leader.propose(1, out);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void committedByThreeVotersInBatches(Blackhole out) {
        leader.propose(BATCH, out);
    }

    @Benchmark
    public void followed(Blackhole out) {
        follower.receive(1, out);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void followedInBatches(Blackhole out) {
        follower.receive(BATCH, out);
    }

    @Benchmark
    public void heartbeatAndTick(Blackhole out) {
        follower.hear(out);
    }

    /// Member 1, and what answers it.
    private static final class Machine {
        final Raft raft;
        private final long term;
        private final long[] peers;

        private Machine(Raft raft, long... peers) {
            this.raft = raft;
            this.term = raft.status().term();
            this.peers = peers;
        }

        static Machine leading(ConfState conf) {
            var raft = LoneMember.in(conf).leads().raft;
            var machine = new Machine(
                    raft,
                    conf.voters().stream()
                            .mapToLong(Long::longValue)
                            .filter(id -> id != 1)
                            .toArray());
            machine.acknowledge();
            return machine;
        }

        static Machine following() {
            var member = LoneMember.withLog();
            member.hears(LoneMember.heartbeat(2, 1, 0));
            return new Machine(member.raft, 2);
        }

        void propose(int entries, Blackhole out) {
            for (int i = 0; i < entries; i++) {
                if (!(raft.propose(DATA) instanceof Proposal.Accepted)) {
                    throw new IllegalStateException("a proposal was refused");
                }
            }
            settle(out);
            acknowledge();
            settle(out);
            forget();
        }

        private void acknowledge() {
            for (long peer : peers) {
                accept(raft.step(LoneMember.accepted(peer, term, raft.lastIndex())));
            }
        }

        void receive(int entries, Blackhole out) {
            long last = raft.lastIndex();
            var received = new Entry[entries];
            for (int i = 0; i < entries; i++) {
                received[i] = new Entry(1, last + 1 + i, EntryType.NORMAL, DATA);
            }
            accept(raft.step(LoneMember.append(2, 1, 1, last, last, received)));
            settle(out);
            forget();
        }

        void hear(Blackhole out) {
            accept(raft.step(LoneMember.heartbeat(2, 1, 0)));
            raft.tick();
            settle(out);
        }

        private void forget() {
            raft.compact(raft.lastIndex() - KEPT);
        }

        private void settle(Blackhole out) {
            while (raft.hasReady()) {
                var ready = raft.ready();
                out.consume(ready);
                if (ready.write() != null) {
                    raft.persisted(ready.write().done());
                }
                if (!ready.apply().isEmpty()) {
                    raft.applied(ready.apply().getLast().index());
                }
            }
        }

        private static void accept(@Nullable Objection objection) {
            if (objection != null) {
                throw new IllegalStateException(objection.text());
            }
        }
    }
}
