package dev.cetera.raft;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Members over a network in memory. Nothing happens by itself: the test ticks, delivers, persists and
/// applies. After each step the [Checker] looks at what was touched. Confined to the test's thread.
final class FakeCluster {
    final Checker checker;
    final List<Message> inFlight = new ArrayList<>();
    private final TreeMap<Long, FakeMember> members = new TreeMap<>();

    /// Told of everything that happens, for transcripts.
    @Nullable
    Consumer<String> witness;

    private final Map<Long, String> stances = new HashMap<>();

    /// Whether the way from one member to another is cut.
    BiPredicate<Long, Long> cut = (from, to) -> false;

    /// What becomes of messages on their way; null for those that get lost.
    @FunctionalInterface
    interface Fate {
        @Nullable
        Message of(Message message);
    }

    Fate fate = message -> message;

    FakeCluster() {
        this(Checker.Trust.FULL);
    }

    FakeCluster(Checker.Trust trust) {
        checker = new Checker(this, trust);
    }

    /// A founding member starts with the entries that add all founders; any other with nothing.
    void add(RaftConfig config, long... founders) {
        List<Entry> log = LongStream.range(0, founders.length)
                .mapToObj(i -> new Entry(
                        1,
                        i + 1,
                        EntryType.CONF_CHANGE,
                        FakeMember.encode(ConfChange.Type.ADD_NODE, founders[(int) i])))
                .toList();
        var hardState = founders.length == 0 ? HardState.NONE : new HardState(1, 0, founders.length);
        members.put(config.id(), new FakeMember(this, config, hardState, log));
    }

    FakeMember member(long id) {
        return Objects.requireNonNull(members.get(id));
    }

    Collection<FakeMember> members() {
        return members.values();
    }

    List<FakeMember> up() {
        return members.values().stream().filter(FakeMember::isUp).toList();
    }

    @Nullable
    FakeMember leader() {
        FakeMember newest = null;
        for (var member : up()) {
            var status = member.raft().status();
            if (status.role() == Role.LEADER
                    && (newest == null || newest.raft().status().term() < status.term())) {
                newest = member;
            }
        }
        return newest;
    }

    void send(Message message) {
        checker.sent(message);
        inFlight.add(message);
        tell(() -> Transcript.describe(message));
    }

    void tell(Supplier<String> what) {
        if (witness != null) {
            witness.accept(what.get());
        }
    }

    void touched(FakeMember member) {
        checker.check(member);
        if (witness != null && member.isUp()) {
            String stance = Transcript.stance(member.raft().status());
            if (!stance.equals(stances.put(member.id, stance))) {
                witness.accept(stance);
            }
        }
    }

    /// Takes the message off the network, and hands it over if it gets through.
    void deliver(int position) {
        var message = inFlight.remove(position);
        var to = members.get(message.to());
        var arrived = cut.test(message.from(), message.to()) ? null : fate.of(message);
        boolean arrives = arrived != null && to != null && to.isUp();
        if (arrived != null && to != null && to.isUp()) {
            to.raft().step(arrived);
            touched(to);
        }
        reportSnapshot(message, arrives);
    }

    void lose(int position) {
        reportSnapshot(inFlight.remove(position), false);
    }

    private void reportSnapshot(Message message, boolean arrived) {
        var from = members.get(message.from());
        if (message instanceof Message.InstallSnapshot && from != null && from.isUp()) {
            if (arrived) {
                from.raft().snapshotSent(message.to());
            } else {
                from.raft().snapshotFailed(message.to());
            }
        }
    }

    /// Lets everything that is under way come to its end: writes, messages, applying. No time passes.
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (var member : up()) {
                member.work();
                while (!member.outstanding.isEmpty()) {
                    member.persistOne();
                    member.work();
                }
                while (member.hasWork()) {
                    member.applyOne();
                    member.work();
                }
            }
            for (int waiting = inFlight.size(); waiting > 0; waiting--) {
                deliver(0);
                busy = true;
            }
        }
    }
}
