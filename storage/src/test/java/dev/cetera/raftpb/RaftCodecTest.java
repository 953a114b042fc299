package dev.cetera.raftpb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RaftCodecTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void everythingComesBackAsItWas() throws MalformedException {
        for (long seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            var entry = new Entry(positive(random), positive(random), pick(random, EntryType.values()), bytes(random));
            assertThat(RaftCodec.decodeEntry(RaftCodec.encode(entry))).isEqualTo(entry);
            var state = new HardState(positive(random), random.nextLong(), positive(random));
            assertThat(RaftCodec.decodeHardState(RaftCodec.encode(state))).isEqualTo(state);
            var conf = new ConfState(ids(random), ids(random), ids(random), ids(random), random.nextBoolean());
            assertThat(RaftCodec.decodeConfState(RaftCodec.encode(conf))).isEqualTo(conf);
            var change = new ConfChange(
                    random.nextLong(), pick(random, ConfChange.Type.values()), random.nextLong(), bytes(random));
            assertThat(RaftCodec.decodeConfChange(RaftCodec.encode(change))).isEqualTo(change);
            var singles = random.longs(random.nextInt(4))
                    .mapToObj(id -> new ConfChangeV2.Single(pick(random, ConfChange.Type.values()), id))
                    .toList();
            var changes = new ConfChangeV2(pick(random, ConfChangeV2.Transition.values()), singles, bytes(random));
            assertThat(RaftCodec.decodeConfChangeV2(RaftCodec.encode(changes))).isEqualTo(changes);
            var meta = new SnapshotMeta(positive(random), positive(random), conf);
            assertThat(RaftCodec.decodeSnapshotMeta(RaftCodec.encode(meta))).isEqualTo(meta);
            var snapshot = new Snapshot(meta, bytes(random));
            assertThat(RaftCodec.decodeSnapshot(RaftCodec.encode(snapshot))).isEqualTo(snapshot);
        }
    }

    private static long positive(Random random) {
        return 1 + (random.nextLong() >>> (1 + random.nextInt(62)));
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<Long> ids(Random random) {
        return random.longs(random.nextInt(4)).boxed().toList();
    }

    private static <T> T pick(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    @Test
    void zerosAreWrittenAndMissingBytesAreNot() {
        assertThat(RaftCodec.encode(new Entry(2, 2, EntryType.NORMAL, Entry.NO_DATA)))
                .isEqualTo(hex("0800 1002 1802"));
        assertThat(RaftCodec.encode(HardState.NONE)).isEqualTo(hex("0800 1000 1800"));
        assertThat(RaftCodec.encode(ConfState.NONE)).isEmpty();
        assertThat(RaftCodec.encode(new ConfChange(0, ConfChange.Type.REMOVE_NODE, 5, Entry.NO_DATA)))
                .isEqualTo(hex("0800 1001 1805"));
        var single = new ConfChangeV2.Single(ConfChange.Type.ADD_LEARNER, 5);
        assertThat(RaftCodec.encode(
                        new ConfChangeV2(ConfChangeV2.Transition.JOINT_EXPLICIT, List.of(single), new byte[] {1})))
                .isEqualTo(hex("0802 1204 0803 1005 1a0101"));
        assertThat(RaftCodec.encode(ConfChangeV2.LEAVE)).isEmpty();
    }

    @Test
    void aChangeOfNothingLeavesAJointConfigurationHoweverItIsWritten() throws MalformedException {
        assertThat(RaftCodec.decodeConfChangeV2(new byte[0]).leavesJoint()).isTrue();
        assertThat(RaftCodec.decodeConfChangeV2(hex("0800")).leavesJoint()).isTrue();
        assertThat(RaftCodec.decodeConfChangeV2(hex("0801")).leavesJoint()).isFalse();
        assertThat(RaftCodec.decodeConfChangeV2(hex("1200")).leavesJoint()).isFalse();
    }

    @Test
    void whatIsMissingIsZeroAndWhatIsUnknownIsSkipped() throws MalformedException {
        assertThat(RaftCodec.decodeHardState(new byte[0])).isEqualTo(HardState.NONE);
        // A varint, a group with a field in it, eight bytes, four bytes, a string; then the commit index.
        assertThat(RaftCodec.decodeHardState(hex("7805 7b 0801 7c 790102030405060708 7d01020304 7a020102 1807")))
                .isEqualTo(new HardState(0, 0, 7));
        assertThat(RaftCodec.decodeConfState(hex("0801 0802 2800"))).isEqualTo(ConfState.of(List.of(1L, 2L)));
        assertThat(RaftCodec.decodeConfState(hex("0a03 01ac02"))).isEqualTo(ConfState.of(List.of(1L, 300L)));
    }

    @Test
    void aKnownFieldOfAnotherTypeIsRefused() {
        refused("0a00", "proto: wrong wireType = 2 for field Term");
        refused("0d00000000", "proto: wrong wireType = 5 for field Term");
    }

    @Test
    void brokenMessagesAreRefusedWithTheReasonOfTheReference() {
        refused("00", "proto: HardState: illegal tag 0 (wire type 0)");
        refused("05", "proto: HardState: illegal tag 0 (wire type 5)");
        refused("0c", "proto: HardState: wiretype end group for non-group");
        refused("7e", "proto: illegal wireType 6");
        refused("08ffffffffffffffffffff01", "proto: integer overflow");
        refused("7a ffffffffffffffffff01", "proto: negative length found during unmarshaling");
        refused("7a ffffffff0f 00", "proto: HardState: unexpected end of message");
        refused("0880", "proto: HardState: unexpected end of message");
        refused("7b0801", "proto: HardState: unexpected end of message");
        refused("1880808080808080808001 ff", "HardState: Commit");
    }

    private static void refused(String bytes, String reason) {
        assertThatThrownBy(() -> RaftCodec.decodeHardState(hex(bytes)))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith(reason);
    }

    @Test
    void whatNoRecordCanHoldIsRefused() {
        assertThatThrownBy(() -> RaftCodec.decodeEntry(hex("0800 1000 1801"))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> RaftCodec.decodeEntry(hex("0803 1001 1801"))).hasMessage("Entry: unknown type 3");
        assertThatThrownBy(() -> RaftCodec.decodeConfChange(hex("1009"))).hasMessage("ConfChange: unknown type 9");
        assertThatThrownBy(() -> RaftCodec.decodeConfChangeV2(hex("0803")))
                .hasMessage("ConfChangeV2: unknown transition 3");
        assertThatThrownBy(() -> RaftCodec.decodeConfChangeV2(hex("1202 0804")))
                .hasMessage("ConfChange: unknown type 4");
    }
}
