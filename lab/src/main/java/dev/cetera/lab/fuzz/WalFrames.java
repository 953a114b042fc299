package dev.cetera.lab.fuzz;

import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.ProtoReader;
import dev.cetera.raftpb.ProtoWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/// Changes whole records of a segment of the log, and makes the chain of checksums right again. What follows
/// the last record that can be told is kept as it is.
final class WalFrames {
    private static final int CRC_TYPE = 4;
    private static final int MAX_RECORD = 1 << 20;

    /// @param data absent for a record without any
    private record Frame(long type, int crc, byte[] data) {}

    private record Segment(List<Frame> frames, byte[] rest) {}

    private WalFrames() {}

    static final Mutation MUTATION = (input, random) -> {
        var segment = split(input);
        var frames = segment.frames;
        if (frames.isEmpty()) {
            return Havoc.ONCE.apply(input, random);
        }
        int at = random.nextInt(frames.size());
        var frame = frames.get(at);
        switch (random.nextInt(8)) {
            case 0 -> frames.remove(at);
            case 1 -> frames.add(random.nextInt(frames.size() + 1), frame);
            case 2 -> Collections.swap(frames, at, random.nextInt(frames.size()));
            case 3 -> frames.set(at, new Frame(type(random), frame.crc, frame.data));
            case 4 -> frames.subList(at, frames.size()).clear();
            default -> frames.set(at, new Frame(frame.type, frame.crc, ProtoMutation.ONCE.apply(frame.data, random)));
        }
        return join(segment, Chain.KEPT);
    };

    private static long type(Random random) {
        return random.nextInt(4) == 0 ? Havoc.extreme(random) : random.nextInt(7);
    }

    /// All checksums as they should be. The first record of a segment, which says the one so far, is believed.
    static byte[] repair(byte[] input) {
        return join(split(input), Chain.REPAIRED);
    }

    private enum Chain {
        KEPT,
        REPAIRED
    }

    private static Segment split(byte[] input) {
        var in = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
        var frames = new ArrayList<Frame>();
        int end = 0;
        while (in.remaining() >= 8) {
            long word = in.getLong();
            long length = word & 0xff_ffff_ffff_ffffL;
            int padding = word < 0 ? (int) (word >>> 56) & 7 : 0;
            if (length == 0 || length > MAX_RECORD || length + padding > in.remaining()) {
                break;
            }
            var frame = frame(input, in.position(), (int) length);
            if (frame == null) {
                break;
            }
            frames.add(frame);
            in.position(in.position() + (int) length + padding);
            end = in.position();
        }
        return new Segment(frames, Arrays.copyOfRange(input, end, input.length));
    }

    private static @org.jspecify.annotations.Nullable Frame frame(byte[] bytes, int from, int length) {
        long type = 0;
        long crc = 0;
        byte[] data = {};
        try {
            var in = new ProtoReader("Record", bytes, from, length);
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> type = in.varint("Type");
                    case 2 -> crc = in.varint("Crc");
                    case 3 -> data = in.bytes("Data");
                    default -> in.skip();
                }
            }
        } catch (MalformedException none) {
            return null;
        }
        return new Frame(type, (int) crc, data);
    }

    private static byte[] join(Segment segment, Chain chain) {
        var out = new ByteArrayOutputStream();
        int crc = 0;
        for (var frame : segment.frames) {
            boolean restart = frame.type == CRC_TYPE;
            if (chain == Chain.KEPT) {
                crc = frame.crc;
            } else if (restart) {
                crc = crc == 0 ? frame.crc : crc;
            } else {
                crc = extended(crc, frame.data);
            }
            var record = new ProtoWriter(16 + frame.data.length)
                    .varint(1, frame.type)
                    .varint(2, Integer.toUnsignedLong(crc));
            byte[] bytes = (restart && frame.data.length == 0 ? record : record.bytes(3, frame.data)).toBytes();
            int padding = -bytes.length & 7;
            long word = padding == 0 ? bytes.length : bytes.length | (0x80L | padding) << 56;
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(word)
                    .array());
            out.writeBytes(bytes);
            out.writeBytes(new byte[padding]);
        }
        out.writeBytes(segment.rest);
        return out.toByteArray();
    }

    /// A CRC-32C that goes on from a value, bit by bit: slow, and nothing like the product's way.
    private static int extended(int crc, byte[] data) {
        if (crc == 0) {
            var fresh = new CRC32C();
            fresh.update(data);
            return (int) fresh.getValue();
        }
        int register = ~crc;
        for (byte next : data) {
            register ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                register = (register & 1) != 0 ? register >>> 1 ^ 0x82F63B78 : register >>> 1;
            }
        }
        return ~register;
    }
}
