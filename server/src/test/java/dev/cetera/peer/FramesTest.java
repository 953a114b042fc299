package dev.cetera.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FramesTest {
    private static final long FOLLOWER = 0x1145ebed5a87d08dL;
    private static final long LEADER = 0x0a658211b07521cdL;

    /// What a leader of etcd 3.3.27 wrote into an append stream.
    private static final byte[] CAPTURED = hex("""
            02 0000000000000034
               08 03 10 8da19fd4d5fdfaa211 18 cdc3d4839bc2e0b20a 20 02 28 01 30 03
               3a 06 08 00 10 02 18 04 40 03 4a 08 12 06 0a 00 10 00 18 00 50 00 58 00
            01 0000000000000000 0000000000000007
            00
            01 0000000000000001 0000000000000023
               08 00 10 02 18 09 22 1b
                 22 0c 0a04 666f6f31 1204 62617231
                 a206 0a 08 848aeee1d4c0a8f926
               0000000000000008
            """);

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    private static Message.Append append(long term, long prevTerm, long prevIndex, long commit, Entry... entries) {
        return new Message.Append(FOLLOWER, LEADER, term, prevTerm, prevIndex, List.of(entries), commit);
    }

    private static Entry entry(long term, long index, byte[] data) {
        return new Entry(term, index, EntryType.NORMAL, data);
    }

    /// As it came from the leader; the third message of the capture is not the next one after the second, as
    /// four entries in between were left out of it.
    @Test
    void theCapturedStreamIsUnderstood() throws MalformedException {
        var read = new ArrayList<Decoded>();
        var reader = StreamKind.APPEND.reader(FOLLOWER, LEADER);
        int last = CAPTURED.length - (1 + 8 + 8 + 35 + 8);
        reader.read(Unpooled.wrappedBuffer(CAPTURED, 0, last), read::add);
        assertThat(read)
                .containsExactly(
                        new Decoded.Said(append(2, 1, 3, 3, entry(2, 4, Entry.NO_DATA))),
                        new Decoded.Said(append(2, 2, 4, 7)),
                        new Decoded.LinkHeartbeat());
    }

    @Test
    void theCapturedStreamIsWhatWeWrite() {
        var writer = StreamKind.APPEND.writer();
        var out = Unpooled.buffer();
        var noOp = entry(2, 4, Entry.NO_DATA);
        for (var message : List.of(append(2, 1, 3, 3, noOp), append(2, 2, 4, 7))) {
            int size = writer.size(message);
            int before = out.readableBytes();
            writer.write(message, out);
            assertThat(out.readableBytes() - before).isEqualTo(size);
        }
        writer.heartbeat(out);
        byte[] written = new byte[out.readableBytes()];
        out.readBytes(written);
        assertThat(CAPTURED).startsWith(written);
    }

    private static List<Message> appendsOfOneLeader(Random random) {
        var messages = new ArrayList<Message>();
        long term = 1;
        long index = 0;
        long lastTerm = 0;
        for (int i = 0; i < 40; i++) {
            if (random.nextInt(5) == 0) {
                term++;
            }
            if (random.nextInt(6) == 0) { // back to where the follower is
                index = random.nextLong(index + 1);
                lastTerm = index == 0 ? 0 : 1;
            }
            var entries = new ArrayList<Entry>();
            for (int n = random.nextInt(4); n > 0; n--) {
                byte[] data = new byte[random.nextInt(3000)];
                random.nextBytes(data);
                entries.add(entry(term, index + entries.size() + 1, data));
            }
            messages.add(append(term, lastTerm, index, random.nextInt(100), entries.toArray(new Entry[0])));
            index += entries.size();
            lastTerm = entries.isEmpty() ? lastTerm : term;
        }
        return messages;
    }

    @Test
    void streamsComeOutAsTheyWentInHoweverTheyAreCut() throws MalformedException {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var kind = random.nextBoolean() ? StreamKind.MESSAGE : StreamKind.APPEND;
            var messages = appendsOfOneLeader(random);
            var writer = kind.writer();
            var stream = Unpooled.buffer();
            for (var message : messages) {
                int size = writer.size(message);
                int before = stream.readableBytes();
                writer.write(message, stream);
                assertThat(stream.readableBytes() - before).isEqualTo(size);
                if (random.nextInt(3) == 0) {
                    writer.heartbeat(stream);
                }
            }
            var reader = kind.reader(FOLLOWER, LEADER);
            var read = new ArrayList<Message>();
            while (stream.isReadable()) {
                int length = Math.min(stream.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 3 : 5000));
                reader.read(stream.readSlice(length), decoded -> {
                    if (decoded instanceof Decoded.Said(Message message)) {
                        read.add(message);
                    }
                });
            }
            assertThat(read).as("seed " + seed).isEqualTo(messages);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            APPEND  | 03                                            | failed to parse type 3 in msgappv2 stream
            APPEND  | ff                                            | failed to parse type 255 in msgappv2 stream
            APPEND  | 01 0000000000000001                           | entries in msgappv2 stream before their place is known
            APPEND  | 02 0000000020000001                           | rafthttp: error limit exceeded
            APPEND  | 02 ffffffffffffffff                           | rafthttp: error limit exceeded
            APPEND  | 02 0000000000000008 0808 1001 1802 2002       | another message than an append in msgappv2 stream
            MESSAGE | 0000000020000001                              | rafthttp: error limit exceeded
            MESSAGE | 8000000000000000                              | rafthttp: error limit exceeded
            MESSAGE | 0000000000000002 0a00                         | proto: wrong wireType = 2 for field Type
            """)
    void brokenFramesAreRefused(StreamKind kind, String bytes, String why) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> kind.reader(1, 2).read(Unpooled.wrappedBuffer(hex(bytes)), _ -> {}))
                .withMessage(why);
    }

    @Test
    void entriesOutOfPlaceAreRefused() throws MalformedException {
        var reader = StreamKind.APPEND.reader(FOLLOWER, LEADER);
        var first = Unpooled.buffer();
        StreamKind.APPEND.writer().write(append(2, 2, 4, 3), first);
        reader.read(first, _ -> {});
        byte[] wrong = MessageCodecBytes.entry(entry(2, 6, Entry.NO_DATA));
        var frame = Unpooled.buffer();
        frame.writeByte(1)
                .writeLong(1)
                .writeLong(wrong.length)
                .writeBytes(wrong)
                .writeLong(3);
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> reader.read(frame, _ -> {}));
    }

    @Test
    void aClaimedLengthTakesNoMemory() throws MalformedException {
        var piece = new Piece();
        piece.expect(FrameReader.MAX_FRAME);
        assertThat(piece.take(Unpooled.wrappedBuffer(new byte[10_000]))).isFalse();
        assertThat(piece.bytes().length).isLessThan(32_000);
        piece.expect(3);
        assertThat(piece.take(Unpooled.wrappedBuffer(new byte[2]))).isFalse();
        assertThat(piece.take(Unpooled.wrappedBuffer(new byte[] {7, 8}))).isTrue();
        assertThat(piece.bytes()).startsWith(0, 0, 7);
    }

    private static final class MessageCodecBytes {
        static byte[] entry(Entry entry) {
            var into = java.nio.ByteBuffer.allocate(MessageCodec.size(entry));
            MessageCodec.encode(entry, into);
            return into.array();
        }
    }
}
