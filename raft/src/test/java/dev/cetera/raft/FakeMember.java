package dev.cetera.raft;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One member: the machine, a disk that keeps what was written in order up to the crash, and a state machine
/// that is nothing but a digest of what was applied. Confined to the test's thread.
final class FakeMember {
    /// How the shell around the machine breaks its contract.
    enum Sabotage {
        NONE,
        /// Reports writes as durable as soon as they are handed out.
        REPORTS_TOO_EARLY,
        /// Sends what waits for a write before it is durable.
        SENDS_TOO_EARLY
    }

    /// What the state machine works off, in order.
    private sealed interface Work {
        record Apply(Entry entry) implements Work {}

        record Restore(Snapshot snapshot) implements Work {}
    }

    final long id;
    final FakeCluster cluster;
    Sabotage sabotage = Sabotage.NONE;
    private RaftConfig config;
    private @Nullable Raft raft;

    // ---- the disk ----
    HardState hardState;
    Snapshot snapshot = new Snapshot(SnapshotMeta.NONE, ByteBuffer.allocate(8).array());
    final List<Entry> entries = new ArrayList<>();
    final ArrayDeque<Ready.Write> outstanding = new ArrayDeque<>();

    // ---- the state machine ----
    private final ArrayDeque<Work> work = new ArrayDeque<>();
    long applied;
    long digest;

    /// The last entry that was applied removed this member.
    boolean removed;

    FakeMember(FakeCluster cluster, RaftConfig config, HardState hardState, List<Entry> log) {
        this.cluster = cluster;
        this.config = config;
        this.id = config.id();
        this.hardState = hardState;
        entries.addAll(log);
        start(0, config.seed());
    }

    boolean isUp() {
        return raft != null;
    }

    Raft raft() {
        return Objects.requireNonNull(raft);
    }

    // ---- life ----

    /// Everything that was not written is gone. Of the outstanding writes the first `kept` made it to the
    /// disk, and of the next one the first `tornEntries` entries without the hard state.
    void crash(int kept, int tornEntries) {
        for (int i = 0; i < kept && !outstanding.isEmpty(); i++) {
            put(outstanding.removeFirst());
        }
        var torn = outstanding.peekFirst();
        if (torn != null && torn.snapshot() == null) {
            torn.entries().stream().limit(tornEntries).forEach(this::put);
        }
        outstanding.clear();
        work.clear();
        raft = null;
    }

    enum StateAfterCrash {
        KEPT,
        LOST
    }

    void restart(StateAfterCrash state, long seed) {
        // The state of a later point is only of use when the log goes on from there.
        if (state == StateAfterCrash.LOST || applied < snapshot.meta().index()) {
            applied = snapshot.meta().index();
            digest = ByteBuffer.wrap(snapshot.data()).getLong();
        }
        start(applied, seed);
    }

    private void start(long from, long seed) {
        config = new RaftConfig(
                id,
                config.electionTicks(),
                config.heartbeatTicks(),
                config.preVote(),
                config.checkQuorum(),
                config.maxMessageBytes(),
                config.maxInflightMessages(),
                config.maxUncommittedBytes(),
                seed);
        long base = snapshot.meta().index();
        var log = entries.stream().filter(entry -> entry.index() > base).toList();
        raft = new Raft(config, new Recovered(hardState, snapshot.meta(), log, from));
        log.stream()
                .filter(entry -> entry.index() <= from && entry.type() != EntryType.NORMAL)
                .forEach(this::confChanged);
        cluster.touched(this);
    }

    // ---- effects ----

    void work() {
        while (raft != null && raft.hasReady()) {
            var ready = raft.ready();
            ready.send().forEach(this::send);
            var write = ready.write();
            if (write != null) {
                cluster.checker.written(this, write);
                cluster.tell(() -> Transcript.describe(id, write));
                outstanding.add(write);
                if (sabotage == Sabotage.SENDS_TOO_EARLY) {
                    write.then().forEach(this::send);
                }
                if (sabotage == Sabotage.REPORTS_TOO_EARLY) {
                    raft.persisted(write.done());
                }
            }
            ready.apply().forEach(entry -> work.add(new Work.Apply(entry)));
            for (var read : ready.reads()) {
                cluster.tell(() -> id + " answers read " + read.requestId() + ": index " + read.index());
                cluster.checker.answered(this, read);
            }
        }
    }

    private void send(Message message) {
        if (message instanceof Message.InstallSnapshot install) {
            var meta = new SnapshotMeta(applied, raft().termAt(applied), raft().confState());
            cluster.send(
                    new Message.InstallSnapshot(install.to(), id, install.term(), new Snapshot(meta, encode(digest))));
        } else {
            cluster.send(message);
        }
    }

    /// The oldest outstanding write becomes durable; its messages leave.
    void persistOne() {
        var write = outstanding.removeFirst();
        put(write);
        if (sabotage != Sabotage.SENDS_TOO_EARLY) {
            write.then().forEach(this::send);
        }
        if (write.snapshot() != null) {
            work.add(new Work.Restore(write.snapshot()));
        }
        raft().persisted(write.done());
        cluster.touched(this);
    }

    void persistAll() {
        while (!outstanding.isEmpty()) {
            persistOne();
        }
    }

    private void put(Ready.Write write) {
        if (write.snapshot() != null) {
            snapshot = write.snapshot();
            entries.clear();
        }
        write.entries().forEach(this::put);
        hardState = write.hardState();
    }

    private void put(Entry entry) {
        while (!entries.isEmpty() && entries.getLast().index() >= entry.index()) {
            entries.removeLast();
        }
        entries.add(entry);
    }

    /// Whether the disk has this entry, or a snapshot that includes it.
    boolean hasDurable(long index, long term) {
        if (index <= snapshot.meta().index()) {
            return true;
        }
        return entries.stream().anyMatch(entry -> entry.index() == index && entry.term() == term);
    }

    boolean hasWork() {
        return !work.isEmpty();
    }

    void applyOne() {
        switch (work.removeFirst()) {
            case Work.Apply(var entry) -> {
                if (entry.index() != applied + 1) {
                    throw new AssertionError("member " + id + " applies " + entry + " after " + applied);
                }
                cluster.tell(() -> id + " applies " + Transcript.describe(entry));
                digest = digest * 31 + Arrays.hashCode(entry.data()) + entry.term();
                applied = entry.index();
                boolean belonged = belongs();
                confChanged(entry);
                removed = belonged && !belongs();
                cluster.checker.applied(this, entry);
            }
            case Work.Restore(var from) -> {
                cluster.tell(() -> id + " restores the state at " + from.meta().index());
                applied = from.meta().index();
                digest = ByteBuffer.wrap(from.data()).getLong();
                cluster.checker.restored(this);
            }
        }
        raft().applied(applied);
        cluster.touched(this);
    }

    private void confChanged(Entry entry) {
        switch (entry.type()) {
            case NORMAL -> {}
            case CONF_CHANGE -> raft().confChanged(decode(entry.data()));
            case CONF_CHANGE_V2 -> raft().confChanged(decodeV2(entry.data()));
        }
    }

    private boolean belongs() {
        var conf = raft().confState();
        return conf.voters().contains(id)
                || conf.votersOutgoing().contains(id)
                || conf.learners().contains(id);
    }

    /// Takes a snapshot of the state and forgets the log except for `keep` entries.
    void compact(long keep) {
        if (applied > snapshot.meta().index() && work.isEmpty() && outstanding.isEmpty()) {
            var meta = new SnapshotMeta(applied, raft().termAt(applied), raft().confState());
            snapshot = new Snapshot(meta, encode(digest));
            entries.removeIf(entry -> entry.index() <= applied);
            raft().compact(Math.max(0, applied - keep));
        }
    }

    static byte[] encode(long digest) {
        return ByteBuffer.allocate(Long.BYTES).putLong(digest).array();
    }

    // ---- configuration changes, as text: +4 adds, ?4 adds a learner, -4 removes ----

    static byte[] encode(ConfChange.Type type, long nodeId) {
        String sign = switch (type) {
            case ADD_NODE -> "+";
            case ADD_LEARNER -> "?";
            case REMOVE_NODE -> "-";
            case UPDATE_NODE -> "=";
        };
        return (sign + nodeId).getBytes(StandardCharsets.UTF_8);
    }

    static ConfChange decode(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        var type = switch (text.charAt(0)) {
            case '+' -> ConfChange.Type.ADD_NODE;
            case '?' -> ConfChange.Type.ADD_LEARNER;
            case '-' -> ConfChange.Type.REMOVE_NODE;
            default -> ConfChange.Type.UPDATE_NODE;
        };
        return new ConfChange(0, type, Long.parseLong(text.substring(1)), new byte[0]);
    }

    /// Several, with a comma in between: `+4,-1`. Before them stands `!` for a joint configuration that is
    /// left on demand, `~` for one that is left by itself, nothing if their number decides. Nothing at all
    /// leaves one.
    static ConfChangeV2 decodeV2(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        if (text.isEmpty()) {
            return ConfChangeV2.LEAVE;
        }
        var transition = switch (text.charAt(0)) {
            case '!' -> ConfChangeV2.Transition.JOINT_EXPLICIT;
            case '~' -> ConfChangeV2.Transition.JOINT_IMPLICIT;
            default -> ConfChangeV2.Transition.AUTO;
        };
        String list = transition == ConfChangeV2.Transition.AUTO ? text : text.substring(1);
        var singles = new ArrayList<ConfChangeV2.Single>();
        for (String each : list.split(",", -1)) {
            var one = decode(each.getBytes(StandardCharsets.UTF_8));
            singles.add(new ConfChangeV2.Single(one.type(), one.nodeId()));
        }
        return new ConfChangeV2(transition, singles, Entry.NO_DATA);
    }

    Proposal proposeV2(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return raft().proposeConfChange(decodeV2(encoded), encoded);
    }

    Proposal propose(ConfChange.Type type, long nodeId) {
        byte[] encoded = encode(type, nodeId);
        return raft().proposeConfChange(decode(encoded), encoded);
    }

    int tornEntries(RandomGenerator random) {
        return outstanding.isEmpty() ? 0 : random.nextInt(3);
    }
}
