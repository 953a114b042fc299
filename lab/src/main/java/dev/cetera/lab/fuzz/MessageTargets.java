package dev.cetera.lab.fuzz;

import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Message.Campaign;
import dev.cetera.raft.Message.Payload;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.raftpb.MessageCodec.Decoded;
import dev.cetera.raftpb.RaftCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/// What members say to each other: messages, alone and in the two encodings of streams.
final class MessageTargets {
    private static final long LOCAL = 0x11;
    private static final long REMOTE = 0x22;

    private MessageTargets() {}

    static FuzzTarget message() {
        return FuzzTarget.of(
                        "message",
                        messages().stream().map(MessageCodec::encode).toList(),
                        Set.of(MalformedException.class),
                        MessageTargets::readMessage)
                .with(ProtoMutation.ONCE);
    }

    private static List<Message> messages() {
        byte[] data = {0x08, 1, 2, 3};
        var entries = List.of(
                new Entry(3, 8, EntryType.NORMAL, data),
                new Entry(4, 9, EntryType.CONF_CHANGE, RaftCodec.encode(change())),
                new Entry(5, 10, EntryType.CONF_CHANGE_V2, Entry.NO_DATA));
        var conf = new ConfState(List.of(LOCAL, REMOTE), List.of(5L), List.of(), List.of(), false);
        var snapshot = new Snapshot(new SnapshotMeta(9, 4, conf), new byte[60]);
        return List.of(
                new Message.Propose(LOCAL, REMOTE, List.of(new Payload(EntryType.NORMAL, data))),
                new Message.Append(LOCAL, REMOTE, 5, 3, 7, entries, 6),
                new Message.AppendAccepted(LOCAL, REMOTE, 5, 9),
                new Message.AppendRejected(LOCAL, REMOTE, 5, 9, 8, 4),
                new Message.VoteRequest(LOCAL, REMOTE, 6, Campaign.TRANSFER, 5, 10),
                new Message.VoteRequest(LOCAL, REMOTE, 6, Campaign.PRE_VOTE, 5, 10),
                new Message.VoteReply(LOCAL, REMOTE, 6, Ballot.VOTE, true),
                new Message.InstallSnapshot(LOCAL, REMOTE, 6, snapshot),
                new Message.Heartbeat(LOCAL, REMOTE, 6, 9, data),
                new Message.HeartbeatReply(LOCAL, REMOTE, 6, data),
                new Message.TransferLeader(LOCAL, REMOTE, 6),
                new Message.TimeoutNow(LOCAL, REMOTE, 6),
                new Message.ReadIndex(LOCAL, REMOTE, data),
                new Message.ReadIndexReply(LOCAL, REMOTE, 6, 9, data));
    }

    private static ConfChange change() {
        return new ConfChange(1, ConfChange.Type.ADD_NODE, 5, new byte[] {1, 2});
    }

    private static String readMessage(byte[] input) throws MalformedException {
        var decoded = MessageCodec.decode(input);
        if (!(decoded instanceof Decoded.Said(Message message))) {
            return decoded.getClass().getSimpleName();
        }
        byte[] encoded = MessageCodec.encode(message);
        if (!(MessageCodec.decode(encoded) instanceof Decoded.Said(Message again))
                || !Arrays.equals(MessageCodec.encode(again), encoded)) {
            throw new AssertionError(message + " does not come back");
        }
        return message.getClass().getSimpleName();
    }

    // ---- streams ----

    static FuzzTarget messageStream() {
        var out = new ByteArrayOutputStream();
        for (var message : messages()) {
            frame(out, MessageCodec.encode(message));
        }
        frame(out, MessageCodec.linkHeartbeat());
        return stream("message-stream", out.toByteArray(), () -> open("MessageFrameReader"))
                .with(MessageTargets::inFrame, Havoc.ONCE);
    }

    static FuzzTarget appendStream() {
        var out = new ByteArrayOutputStream();
        out.write(0);
        out.write(2);
        frame(out, MessageCodec.encode(messages().get(1)));
        for (int i = 0; i < 3; i++) {
            out.write(1);
            number(out, 2);
            for (int j = 0; j < 2; j++) {
                var entry = new Entry(5, 11 + 2 * i + j, EntryType.NORMAL, new byte[i * 10]);
                var bytes = ByteBuffer.allocate(MessageCodec.size(entry));
                MessageCodec.encode(entry, bytes);
                frame(out, bytes.array());
            }
            number(out, 9);
        }
        return stream("append-stream", out.toByteArray(), () -> open("AppendFrameReader", LOCAL, REMOTE));
    }

    private static void frame(ByteArrayOutputStream out, byte[] message) {
        number(out, message.length);
        out.writeBytes(message);
    }

    private static void number(ByteArrayOutputStream out, long number) {
        out.writeBytes(ByteBuffer.allocate(8).putLong(number).array());
    }

    /// One frame's message changed, its length made right.
    private static byte[] inFrame(byte[] input, Random random) {
        var in = ByteBuffer.wrap(input);
        var frames = new ArrayList<byte[]>();
        while (in.remaining() >= 8
                && in.getLong(in.position()) >= 0
                && in.getLong(in.position()) <= in.remaining() - 8) {
            byte[] frame = new byte[(int) in.getLong()];
            in.get(frame);
            frames.add(frame);
        }
        if (frames.isEmpty()) {
            return Havoc.ONCE.apply(input, random);
        }
        int at = random.nextInt(frames.size());
        switch (random.nextInt(6)) {
            case 0 -> frames.remove(at);
            case 1 -> frames.add(frames.get(at));
            default -> frames.set(at, ProtoMutation.ONCE.apply(frames.get(at), random));
        }
        var out = new ByteArrayOutputStream();
        frames.forEach(frame -> frame(out, frame));
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        out.writeBytes(rest);
        return out.toByteArray();
    }

    @FunctionalInterface
    private interface Frames {
        void read(ByteBuf in, Consumer<Decoded> each) throws Exception;
    }

    @FunctionalInterface
    private interface Opening {
        Frames open() throws Exception;
    }

    /// The readers of frames are nobody's business outside of their package.
    private static Frames open(String reader, long... ids) throws ReflectiveOperationException {
        var type = Class.forName("dev.cetera.peer." + reader);
        var constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        var read = type.getDeclaredMethod("read", ByteBuf.class, Consumer.class);
        read.setAccessible(true);
        var made = constructor.newInstance(Arrays.stream(ids).boxed().toArray());
        return (in, each) -> {
            try {
                read.invoke(made, in, each);
            } catch (InvocationTargetException thrown) {
                switch (java.util.Objects.requireNonNull(thrown.getCause())) {
                    case Exception exception -> throw exception;
                    case Error error -> throw error;
                    default -> throw thrown;
                }
            }
        };
    }

    /// The bytes come in one piece and, to another reader, in pieces of any size: both must say the same.
    private static FuzzTarget stream(String name, byte[] seed, Opening opening) {
        return FuzzTarget.of(name, List.of(seed), Set.of(MalformedException.class), input -> {
            var whole = new ArrayList<String>();
            var pieces = new ArrayList<String>();
            var failure = read(opening.open(), Unpooled.wrappedBuffer(input), whole);
            var reader = opening.open();
            MalformedException failureInPieces = null;
            var sizes = new Random(input.length);
            for (int at = 0; at < input.length && failureInPieces == null; ) {
                int size = Math.min(input.length - at, 1 + sizes.nextInt(24));
                failureInPieces = read(reader, Unpooled.wrappedBuffer(input, at, size), pieces);
                at += size;
            }
            if (!whole.equals(pieces) || (failure == null) != (failureInPieces == null)) {
                throw new AssertionError(
                        "in one piece " + whole + " " + failure + ", in many " + pieces + " " + failureInPieces);
            }
            if (failure != null) {
                throw failure;
            }
            return Math.min(whole.size(), 4) + " messages";
        });
    }

    private static @org.jspecify.annotations.Nullable MalformedException read(
            Frames reader, ByteBuf in, List<String> said) throws Exception {
        try {
            reader.read(
                    in,
                    decoded -> said.add(
                            decoded instanceof Decoded.Said(Message message)
                                    ? Arrays.hashCode(MessageCodec.encode(message))
                                            + message.getClass().getSimpleName()
                                    : decoded.toString()));
            return null;
        } catch (MalformedException malformed) {
            return malformed;
        }
    }
}
