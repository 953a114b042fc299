package dev.cetera.raftpb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Message.Campaign;
import dev.cetera.raft.Message.Payload;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.MessageCodec.Decoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Messages of every type, as they are and damaged.
final class MessageFuzzTest {
    private static final int TYPES = 13;
    private static final int ROUNDS = 3_000;

    /// A message that could be, of the type with this number.
    static Message sample(int type, Random random) {
        long to = random.nextLong() | 1;
        long from = to ^ (random.nextLong() | 2);
        long term = 1L + random.nextInt(1000);
        long index = random.nextInt(100_000);
        byte[] context = bytes(random, 8);
        return switch (type) {
            case 0 -> {
                List<Payload> payloads = new ArrayList<>();
                for (int i = random.nextInt(5); i >= 0; i--) {
                    payloads.add(new Payload(EntryType.NORMAL, bytes(random, 300)));
                }
                yield new Message.Propose(to, from, payloads);
            }
            case 1 -> {
                List<Entry> entries = new ArrayList<>();
                for (int i = 1; i <= random.nextInt(6); i++) {
                    entries.add(new Entry(term, index + i, EntryType.NORMAL, bytes(random, 300)));
                }
                long prevTerm = index == 0 ? 0 : 1 + random.nextLong(term);
                yield new Message.Append(to, from, term, prevTerm, index, entries, random.nextInt(100_000));
            }
            case 2 -> new Message.AppendAccepted(to, from, term, index);
            case 3 -> new Message.AppendRejected(to, from, term, index, random.nextInt(1000), random.nextLong(term));
            case 4 ->
                new Message.VoteRequest(to, from, term, pick(random, Campaign.values()), random.nextLong(term), index);
            case 5 -> new Message.VoteReply(to, from, term, pick(random, Ballot.values()), random.nextBoolean());
            case 6 -> {
                var conf = ConfState.of(List.of(to, from));
                var meta = new SnapshotMeta(1 + index, term, conf);
                yield new Message.InstallSnapshot(to, from, term, new Snapshot(meta, bytes(random, 1000)));
            }
            case 7 -> new Message.Heartbeat(to, from, term, index, context);
            case 8 -> new Message.HeartbeatReply(to, from, term, context);
            case 9 -> new Message.TransferLeader(to, from, term);
            case 10 -> new Message.TimeoutNow(to, from, term);
            case 11 -> new Message.ReadIndex(to, from, context);
            case 12 -> new Message.ReadIndexReply(to, from, term, index, context);
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private static <T> T pick(Random random, T[] from) {
        return from[random.nextInt(from.length)];
    }

    private static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void everyMessageComesBackAsItWas() throws MalformedException {
        var random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            var message = sample(round % TYPES, random);
            byte[] bytes = MessageCodec.encode(message);
            assertThat(MessageCodec.size(message)).isEqualTo(bytes.length);
            var back = ((Decoded.Said) MessageCodec.decode(bytes)).message();
            assertThat(back).hasSameClassAs(message);
            assertThat(MessageCodec.encode(back)).isEqualTo(bytes);
        }
    }

    @Test
    void damagedMessagesAreMessagesOrRefused() {
        var random = new Random(2);
        int refused = 0;
        for (int round = 0; round < 20 * ROUNDS; round++) {
            byte[] bytes = MessageCodec.encode(sample(round % TYPES, random));
            byte[] damaged = damage(bytes, random);
            try {
                if (MessageCodec.decode(damaged) instanceof Decoded.Said(Message message)) {
                    // What came out is a message that could be: it can be written and read again.
                    assertThat(MessageCodec.decode(MessageCodec.encode(message)))
                            .isInstanceOf(Decoded.Said.class);
                }
            } catch (MalformedException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(ROUNDS, 20 * ROUNDS);
    }

    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
        for (int i = random.nextInt(4); i >= 0 && damaged.length > 0; i--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return damaged;
    }

    @Test
    void randomBytesAreMessagesOrRefused() {
        var random = new Random(3);
        int taken = 0;
        for (int round = 0; round < 20 * ROUNDS; round++) {
            try {
                var _ = MessageCodec.decode(bytes(random, 60));
                taken++;
            } catch (MalformedException expected) {
                // Most are.
            }
        }
        assertThat(taken).isLessThan(10 * ROUNDS);
    }
}
