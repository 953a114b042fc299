package dev.cetera.lab.sim;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.Inbound;
import dev.cetera.node.Link;
import dev.cetera.node.OutgoingSnapshot;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What lies between the hosts. It loses, delays, doubles, cuts up and overtakes; it does not invent.
/// Confined.
final class Network {
    /// Sees each message as it leaves, and may put others in its place; a program that is broken on purpose
    /// would send those.
    interface Tap {
        List<Message> leaving(Host from, Message message);

        /// What comes back to the sender at once.
        List<Message> echo(Message message);

        void arriving(Message message);

        /// The last piece of a database is there; the member takes it next.
        void completing(Host to);
    }

    private static final int PIECE_BYTES = 3_000;

    /// The way from one host to another.
    private static final class Way {
        boolean cut;
        long extraNanos;

        /// Nothing overtakes what is to arrive by then.
        long lastArrival;

        long openSince;
    }

    /// Of the newest life of each host.
    private final Map<Host, Outgoing> outgoings = new HashMap<>();

    /// Whose newest entries get lost until when.
    private final Map<Host, Long> stutters = new HashMap<>();

    private record Pair(Host from, Host to) {}

    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Tap tap;
    private final Map<String, Host> byUrl = new TreeMap<>();
    private final Map<Pair, Way> ways = new HashMap<>();

    /// Out of a thousand messages.
    private int lost;

    private int doubled;
    private int overtaking;
    private int parted;

    /// Of those with more than one entry; as sizes go, for all of the run.
    private final int alwaysParted;

    private int snapshots;

    Network(Timeline timeline, Trace trace, Random random, Tap tap) {
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.tap = tap;
        this.alwaysParted = random.nextInt(3) * 300;
        this.parted = alwaysParted;
    }

    void add(Host host) {
        byUrl.put(Host.peerUrl(host.name), host);
    }

    @Nullable
    Host at(String url) {
        return byUrl.get(url);
    }

    /// Snapshots that arrived complete.
    int snapshots() {
        return snapshots;
    }

    // ---- what befalls it ----

    void cut(Host from, Host to) {
        way(from, to).cut = true;
    }

    /// A leader's entries of its own term get lost for a while, while older ones arrive.
    void stutter(Host leader, long nanos) {
        stutters.put(leader, timeline.now() + nanos);
    }

    void mend(Host from, Host to) {
        mend(way(from, to));
    }

    private void mend(Way way) {
        if (way.cut) {
            way.cut = false;
            way.openSince = timeline.now();
        }
    }

    void slowDown(Host from, Host to, long nanos) {
        way(from, to).extraNanos = nanos;
    }

    void disturb(int lostPerThousand, int doubledPerThousand, int overtakingPerThousand, int partedPerThousand) {
        lost = lostPerThousand;
        doubled = doubledPerThousand;
        overtaking = overtakingPerThousand;
        parted = partedPerThousand;
    }

    void heal() {
        disturb(0, 0, 0, alwaysParted);
        for (var way : ways.values()) {
            mend(way);
            way.extraNanos = 0;
        }
        stutters.clear();
    }

    /// Whether a question and its answer come through just now.
    boolean connects(Host one, Host other) {
        return other.isUp() && !other.isPaused() && !way(one, other).cut && !way(other, one).cut;
    }

    private Way way(Host from, Host to) {
        return ways.computeIfAbsent(new Pair(from, to), _ -> new Way());
    }

    long delay(Host from, Host to) {
        long nanos = (100 + random.nextInt(1_500)) * Timeline.MICROSECOND;
        return nanos + way(from, to).extraNanos;
    }

    // ---- messages ----

    /// A member's way to the others, which knows nobody but those it was told of.
    Link from(Host sender) {
        var outgoing = new Outgoing(sender, sender.life());
        outgoings.put(sender, outgoing);
        return outgoing;
    }

    private final class Outgoing implements Link {
        private final Host sender;
        private final int life;
        private final Map<Long, Host> remotes = new TreeMap<>();
        private Map<Long, Host> known = new TreeMap<>();

        Outgoing(Host sender, int life) {
            this.sender = sender;
            this.life = life;
        }

        @Override
        public void send(List<Message> messages) {
            for (var message : messages) {
                for (var echo : tap.echo(message)) {
                    sender.soon(life, 0, () -> sender.engine().receive(echo));
                }
                for (var leaving : tap.leaving(sender, message)) {
                    if (leaving instanceof Message.Append append
                            && !append.entries().isEmpty()) {
                        append(append);
                    } else {
                        send(leaving);
                    }
                }
            }
        }

        private void append(Message.Append whole) {
            var old = whole.entries().stream()
                    .takeWhile(entry -> entry.term() < whole.term())
                    .toList();
            if (timeline.now() < stutters.getOrDefault(sender, 0L)
                    && old.size() < whole.entries().size()) {
                if (!old.isEmpty()) {
                    send(new Message.Append(
                            whole.to(),
                            whole.from(),
                            whole.term(),
                            whole.prevTerm(),
                            whole.prevIndex(),
                            old,
                            whole.commit()));
                }
            } else if (whole.entries().size() > 1 && random.nextInt(1000) < parted) {
                part(whole);
            } else {
                send(whole);
            }
        }

        /// A leader may send its entries in pieces of any size; one with bigger entries would. The second
        /// piece may get lost alone.
        private void part(Message.Append whole) {
            int first = 1 + random.nextInt(whole.entries().size() - 1);
            var last = whole.entries().get(first - 1);
            var head = whole.entries().subList(0, first);
            var tail = whole.entries().subList(first, whole.entries().size());
            send(new Message.Append(
                    whole.to(), whole.from(), whole.term(), whole.prevTerm(), whole.prevIndex(), head, whole.commit()));
            if (random.nextInt(3) != 0) {
                send(new Message.Append(
                        whole.to(), whole.from(), whole.term(), last.term(), last.index(), tail, whole.commit()));
            }
        }

        private void send(Message message) {
            var to = find(message.to());
            var name = to == null ? "nobody" : to.name;
            if (isUsual(message)) {
                trace.addUnseen(sender.name, "->", name, Texts.of(message));
            } else {
                trace.add(sender.name, "->", name, Texts.of(message));
            }
            if (to == null) {
                return;
            }
            var way = way(sender, to);
            if (way.cut || random.nextInt(1000) < lost) {
                if (random.nextInt(3) == 0) {
                    unreachable(message.to(), random.nextInt(300));
                }
                return;
            }
            long arrival = timeline.now() + delay(sender, to);
            if (random.nextInt(1000) < overtaking) {
                arrival += random.nextInt(400) * Timeline.MILLISECOND;
            } else {
                arrival = Math.max(arrival, way.lastArrival);
                way.lastArrival = arrival;
            }
            int target = to.life();
            var bytes = MessageCodec.encode(message);
            timeline.at(arrival, () -> arrive(to, target, decoded(bytes)));
            // A proposal that comes twice is two requests: raft relies on its transport never to repeat one.
            if (random.nextInt(1000) < doubled && !(message instanceof Message.Propose)) {
                long again = arrival + random.nextInt(400) * Timeline.MILLISECOND;
                timeline.at(again, () -> arrive(to, to.life(), decoded(bytes)));
            }
        }

        private static boolean isUsual(Message message) {
            return (message instanceof Message.Heartbeat beat && beat.context().length == 0)
                    || (message instanceof Message.HeartbeatReply reply && reply.context().length == 0);
        }

        private void arrive(Host to, int target, Message message) {
            if (way(sender, to).cut) {
                return; // it was still on its way
            }
            if (!to.isUp() || to.life() != target) {
                unreachable(message.to(), 0);
                return;
            }
            to.soon(target, 0, () -> {
                var inbound = to.engine();
                if (inbound.membership().isRemoved(message.from())) {
                    tellRemoved();
                    return;
                }
                // Whoever connects says where it is reached, so that a member that has no log yet can answer.
                Objects.requireNonNull(outgoings.get(to)).remotes.putIfAbsent(message.from(), sender);
                if (inbound.receive(message)) {
                    tap.arriving(message);
                } else {
                    trace.add(to.name, "does not take", Texts.of(message));
                }
            });
        }

        private void unreachable(long member, int delayMillis) {
            report(delayMillis * Timeline.MILLISECOND, inbound -> inbound.unreachable(member));
        }

        private void tellRemoved() {
            report(Timeline.MILLISECOND, Inbound::removed);
        }

        private void report(long delayNanos, java.util.function.Consumer<Inbound> report) {
            sender.soon(life, delayNanos, () -> report.accept(sender.engine()));
        }

        private @Nullable Host find(long member) {
            var host = known.get(member);
            return host != null ? host : remotes.get(member);
        }

        @Override
        public void members(Membership now) {
            known = hosts(now.members());
        }

        @Override
        public void remotes(List<Member> others) {
            remotes.putAll(hosts(others));
        }

        private Map<Long, Host> hosts(List<Member> members) {
            var hosts = new TreeMap<Long, Host>();
            for (var member : members) {
                var host = byUrl.get(member.peerUrls().getFirst());
                if (host != null && host != sender) {
                    hosts.put(member.id(), host);
                }
            }
            return hosts;
        }

        @Override
        public OptionalLong activeSince(long member) {
            var to = find(member);
            return to == null || !connects(sender, to)
                    ? OptionalLong.empty()
                    : OptionalLong.of(sender.clock.at(way(sender, to).openSince));
        }

        // ---- snapshots ----

        @Override
        public void sendSnapshot(OutgoingSnapshot snapshot) {
            var to = find(snapshot.message().to());
            trace.add(sender.name, "->", to == null ? "nobody" : to.name, Texts.of(snapshot.message()));
            if (to == null) {
                new Transfer(this, sender, snapshot).end(false);
                return;
            }
            var transfer = new Transfer(this, to, snapshot);
            sender.soon(life, delay(sender, to), transfer::begin);
        }
    }

    /// Members hear what is on the wire, not what was meant.
    private static Message decoded(byte[] bytes) throws MalformedException {
        if (MessageCodec.decode(bytes) instanceof MessageCodec.Decoded.Said(var message)) {
            return message;
        }
        throw Truth.broken("no message of a member: " + HexFormat.of().formatHex(bytes));
    }

    /// One database on its way. Any piece may be the last; the report may say that it was lost when it was
    /// not.
    private final class Transfer {
        private final Outgoing way;
        private final Host to;
        private final int target;
        private final OutgoingSnapshot snapshot;
        private final boolean cutOff = random.nextInt(6) == 0;
        private final boolean reportLost = random.nextInt(10) == 0;
        private Inbound.@Nullable SnapshotInlet inlet;
        private final List<byte[]> pieces = new ArrayList<>();
        private boolean ended;

        Transfer(Outgoing way, Host to, OutgoingSnapshot snapshot) {
            this.way = way;
            this.to = to;
            this.target = to.life();
            this.snapshot = snapshot;
        }

        void begin() {
            try {
                takePieces();
            } catch (IOException failed) {
                trace.add(way.sender.name, "can't read the snapshot:", String.valueOf(failed.getMessage()));
                end(false);
                return;
            }
            if (!arrives()) {
                end(false);
                return;
            }
            if (cutOff) {
                pieces.subList(random.nextInt(pieces.size()), pieces.size()).clear();
            }
            next(0);
        }

        private void takePieces() throws IOException {
            try (var source = snapshot.database()) {
                var buffer = ByteBuffer.allocate(PIECE_BYTES);
                while (source.read(buffer) >= 0) {
                    buffer.flip();
                    var piece = new byte[buffer.remaining()];
                    buffer.get(piece);
                    pieces.add(piece);
                    buffer.clear();
                }
            }
        }

        private boolean arrives() {
            return to.isUp() && to.life() == target && !Network.this.way(way.sender, to).cut;
        }

        private void next(int piece) {
            timeline.in(delay(way.sender, to), () -> {
                if (to.isUp() && to.isPaused()) {
                    next(piece);
                } else if (!arrives() || !to.now(target, () -> step(piece))) {
                    end(false);
                }
            });
        }

        private void step(int piece) throws MalformedException {
            try {
                if (piece == 0) {
                    inlet = to.engine().receiveSnapshot(onTheWire());
                }
                var open = Objects.requireNonNull(inlet);
                if (piece < pieces.size()) {
                    open.write(ByteBuffer.wrap(pieces.get(piece)));
                    next(piece + 1);
                } else if (cutOff) {
                    end(false);
                } else {
                    tap.completing(to);
                    open.finish();
                    snapshots++;
                    trace.add(to.name, "has the snapshot");
                    end(!reportLost);
                }
            } catch (IOException refused) {
                trace.add(to.name, "refuses the snapshot:", String.valueOf(refused.getMessage()));
                end(false);
            }
        }

        private Message.InstallSnapshot onTheWire() throws MalformedException {
            return (Message.InstallSnapshot) decoded(MessageCodec.encode(snapshot.message()));
        }

        private void end(boolean arrived) {
            if (ended) {
                return;
            }
            ended = true;
            close();
            way.report(
                    Timeline.MILLISECOND,
                    inbound -> inbound.snapshotDelivered(snapshot.message().to(), arrived));
        }

        private void close() {
            try (var _ = snapshot.database();
                    var _ = inlet) {
                // Both may be closed more than once.
            } catch (IOException | SimulatedCrash alreadyOver) {
                trace.add(to.name, "can't close:", String.valueOf(alreadyOver.getMessage()));
            }
        }
    }
}
