package dev.cetera.raftpb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
import dev.cetera.raftpb.MessageCodec.Decoded;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The bytes are what etcd 3.3.27 (and where it says so, 3.4.23) wrote between live members.
final class MessageCodecTest {
    private static final long TO = 0x1145ebed5a87d08dL;
    private static final long FROM = 0x0a658211b07521cdL;
    private static final String IDS = "10 8da19fd4d5fdfaa211 18 cdc3d4839bc2e0b20a";
    private static final String EMPTY = "4a 08 12 06 0a00 1000 1800";
    private static final String EMPTY_OF_3_4 = "4a 0a 12 08 0a02 2800 1000 1800";
    private static final byte[] REQUEST = hex("e391a20551540203");

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    private static Message decoded(String text) throws MalformedException {
        return ((Decoded.Said) MessageCodec.decode(hex(text))).message();
    }

    /// Both ways; records with byte strings in them have no equality, so the way back is compared as bytes.
    private static void assertCaptured(String bytes, Message message) throws MalformedException {
        assertThat(HexFormat.of().formatHex(MessageCodec.encode(message)))
                .isEqualTo(HexFormat.of().formatHex(hex(bytes)));
        assertThat(MessageCodec.size(message)).isEqualTo(hex(bytes).length);
        var back = decoded(bytes);
        assertThat(back).hasSameClassAs(message);
        assertThat(MessageCodec.encode(back)).isEqualTo(hex(bytes));
    }

    @Test
    void votesAreAskedForAsInEtcd() throws MalformedException {
        var request = new Message.VoteRequest(TO, FROM, 2, Campaign.ELECTION, 1, 3);
        assertCaptured("0805" + IDS + "2002 2801 3003 4000" + EMPTY + "5000 5800", request);
        assertThat(decoded("0805" + IDS + "2002 2801 3003 4000" + EMPTY + "5000 5800"))
                .isEqualTo(request);
        assertCaptured(
                "0805" + IDS + "2002 2801 3003 4000" + EMPTY + "5000 5800 6210 43616d706169676e5472616e73666572",
                new Message.VoteRequest(TO, FROM, 2, Campaign.TRANSFER, 1, 3));
    }

    @Test
    void preVotesOf34AreUnderstoodAndGrantedAs33Does() throws MalformedException {
        assertThat(decoded("0811" + IDS + "2002 2801 3003 4000" + EMPTY_OF_3_4 + "5000 5800"))
                .isEqualTo(new Message.VoteRequest(TO, FROM, 2, Campaign.PRE_VOTE, 1, 3));
        assertCaptured(
                "0812" + IDS + "2002 2800 3000 4000" + EMPTY + "5000 5800",
                new Message.VoteReply(TO, FROM, 2, Ballot.PRE_VOTE, true));
        assertCaptured(
                "0806" + IDS + "2002 2800 3000 4000" + EMPTY + "5001 5800",
                new Message.VoteReply(TO, FROM, 2, Ballot.VOTE, false));
    }

    @Test
    void appendsAreAsInEtcd() throws MalformedException {
        var noOp = new Entry(2, 4, EntryType.NORMAL, Entry.NO_DATA);
        var bytes = "0803" + IDS + "2002 2801 3003 3a06 0800 1002 1804 4003" + EMPTY + "5000 5800";
        var append = new Message.Append(TO, FROM, 2, 1, 3, List.of(noOp), 3);
        assertCaptured(bytes, append);
        assertThat(decoded(bytes)).isEqualTo(append);
        assertCaptured(
                "0804" + IDS + "2003 2800 30db3a 4000" + EMPTY + "5001 5800",
                new Message.AppendRejected(TO, FROM, 3, 7515, 0, 0));
        assertCaptured(
                "0804" + IDS + "2003 2800 30db3a 4000" + EMPTY + "5000 5800",
                new Message.AppendAccepted(TO, FROM, 3, 7515));
        assertThat(decoded("0804" + IDS + "2003 2802 30db3a 4000" + EMPTY_OF_3_4 + "5001 5807"))
                .isEqualTo(new Message.AppendRejected(TO, FROM, 3, 7515, 7, 2));
    }

    @Test
    void heartbeatsAndReadsAreAsInEtcd() throws MalformedException {
        assertCaptured(
                "0808" + IDS + "2003 2800 3000 40e13a" + EMPTY + "5000 5800 6208 e391a20551540203",
                new Message.Heartbeat(TO, FROM, 3, 7521, REQUEST));
        assertCaptured(
                "0808" + IDS + "2002 2800 3000 400b" + EMPTY + "5000 5800",
                new Message.Heartbeat(TO, FROM, 2, 11, Message.NO_CONTEXT));
        assertCaptured(
                "0809" + IDS + "2003 2800 3000 4000" + EMPTY + "5000 5800 6208 e391a20551540203",
                new Message.HeartbeatReply(TO, FROM, 3, REQUEST));
        assertCaptured(
                "080f" + IDS + "2000 2800 3000 3a10 0800 1000 1800 2208 e391a20551540203 4000" + EMPTY + "5000 5800",
                new Message.ReadIndex(TO, FROM, REQUEST));
        assertCaptured(
                "0810" + IDS + "2003 2800 30e13a 3a10 0800 1000 1800 2208 e391a20551540203 4000" + EMPTY + "5000 5800",
                new Message.ReadIndexReply(TO, FROM, 3, 7521, REQUEST));
    }

    @Test
    void leadershipIsHandedOverAsInEtcd() throws MalformedException {
        assertCaptured("080e" + IDS + "2002 2800 3000 4000" + EMPTY + "5000 5800", new Message.TimeoutNow(TO, FROM, 2));
        assertCaptured(
                "080d" + IDS + "2002 2800 3000 4000" + EMPTY + "5000 5800", new Message.TransferLeader(TO, FROM, 2));
    }

    @Test
    void proposalsCarryTypeAndDataAlone() throws MalformedException {
        var put = "put".getBytes(StandardCharsets.US_ASCII);
        assertCaptured(
                "0802" + IDS + "2000 2800 3000 3a0b 0800 1000 1800 2203 707574 4000" + EMPTY + "5000 5800",
                new Message.Propose(TO, FROM, List.of(new Payload(EntryType.NORMAL, put))));
    }

    @Test
    void snapshotsAreAsInEtcd() throws MalformedException {
        var tree = "{}".getBytes(StandardCharsets.US_ASCII);
        var meta = new SnapshotMeta(7508, 2, ConfState.of(List.of(TO, FROM)));
        var bytes = "0807" + IDS + "2002 2800 3000 4000"
                + "4a21 0a02 7b7d 121b 0a14 088da19fd4d5fdfaa211 08cdc3d4839bc2e0b20a"
                + "10d43a 1802 5000 5800";
        var install = new Message.InstallSnapshot(TO, FROM, 2, new Snapshot(meta, tree));
        assertCaptured(bytes, install);
        assertThat(decoded(bytes)).isEqualTo(install);
    }

    @Test
    void theLinkHeartbeatIsNotAMessage() throws MalformedException {
        var bytes = "08 08 10 00 18 00 20 00 28 00 30 00 40 00 4a 08 12 06 0a 00 10 00 18 00 50 00 58 00";
        assertThat(MessageCodec.linkHeartbeat()).isEqualTo(hex(bytes));
        assertThat(MessageCodec.decode(hex(bytes))).isInstanceOf(Decoded.LinkHeartbeat.class);
    }

    @Test
    void fieldsOfLaterReleasesAreSkipped() throws MalformedException {
        // 3.6 has a vote (13) and responses (14), and no snapshot when there is none.
        assertThat(decoded("0806" + IDS + "2002 2800 3000 4000 5000 5800 6805 72020800"))
                .isEqualTo(new Message.VoteReply(TO, FROM, 2, Ballot.VOTE, true));
        assertThat(decoded("0806" + IDS + "2002")).isEqualTo(new Message.VoteReply(TO, FROM, 2, Ballot.VOTE, true));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 10, 11, 12, 19, 20, 21, 22, 23, 24, 1000, -1})
    void typesThatNoMemberSendsAreIgnored(long type) throws MalformedException {
        var bytes = new ProtoWriter(64)
                .varint(1, type)
                .varint(2, TO)
                .varint(3, FROM)
                .varint(4, 5)
                .toBytes();
        assertThat(MessageCodec.decode(bytes)).isEqualTo(new Decoded.Ignored(type, TO, FROM));
    }

    @Test
    void nothingAtAllIsTheFirstType() throws MalformedException {
        assertThat(MessageCodec.decode(new byte[0])).isEqualTo(new Decoded.Ignored(0, 0, 0));
    }

    private static void assertRefused(String bytes) {
        assertThatExceptionOfType(MalformedException.class).as(bytes).isThrownBy(() -> MessageCodec.decode(hex(bytes)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a field of another wire type          | 0a0105
            a number without an end               | 0805 20ffffffffffffffffffff01
            cut off in a field                    | 0805 10
            bytes that go beyond the end          | 0805 1001 1802 2002 62ff01
            nested bytes that go beyond           | 0803 1001 1802 2002 3a03 2205 00
            no sender                             | 0806 1001 2002
            no receiver                           | 0806 1801 2002
            to itself                             | 0806 1001 1801 2002
            no term                               | 0806 1001 1802
            a negative term                       | 0806 1001 1802 20ffffffffffffffffff01
            a negative commit                     | 0808 1001 1802 2002 40ffffffffffffffffff01
            a negative index                      | 0804 1001 1802 2002 30ffffffffffffffffff01
            a proposal of nothing                 | 0802 1001 1802
            a proposal of an unknown type         | 0802 1001 1802 3a02 0803
            a proposal of a change that is none   | 0802 1001 1802 3a05 0801 2201 ff
            a read without a number               | 080f 1001 1802
            a read with two numbers               | 080f 1001 1802 3a00 3a00
            a read's answer without a number      | 0810 1001 1802 2002
            a place with a term and no index      | 0803 1001 1802 2002 2801
            a place with an index and no term     | 0803 1001 1802 2002 3001
            a place in a later term               | 0803 1001 1802 2002 2803 3001
            an entry without an index             | 0803 1001 1802 2002 3a02 1002
            an entry without a term               | 0803 1001 1802 2002 3a02 1801
            an entry with a gap before it         | 0803 1001 1802 2002 3a04 1002 1802
            an entry of a later term              | 0803 1001 1802 2002 3a04 1003 1801
            an entry of an older term than before | 0803 1001 1802 2005 2804 3001 3a04 1003 1802
            an entry beyond all numbers           | 0803 1001 1802 2002 2801 30ffffffffffffffff7f 3a04 1001 1801
            an entry with a change that is none   | 0803 1001 1802 2002 3a09 0801 1002 1801 2201 ff
            a vote on a log of a later term       | 0805 1001 1802 2002 2803 3001
            a hint of a later term                | 0804 1001 1802 2002 2803 3001 5001
            a snapshot at no place                | 0807 1001 1802 2002
            a snapshot of a later term            | 0807 1001 1802 2002 4a0a 1208 0a02 0801 1001 1803
            a snapshot of no members              | 0807 1001 1802 2002 4a08 1206 0a00 1001 1802
            a snapshot with member 0              | 0807 1001 1802 2002 4a0a 1208 0a02 0800 1001 1802
            a snapshot with a member twice        | 0807 1001 1802 2002 4a0c 120a 0a04 0801 0801 1001 1802
            """)
    void nonsenseIsRefused(String what, String bytes) {
        assertThat(what).isNotEmpty();
        assertRefused(bytes);
    }

    @Test
    void contextsAreBounded() {
        assertRefused("0808 1001 1802 2002 62 8108" + "00".repeat(1025));
        assertRefused("080f 1001 1802 3a 8408 22 8108" + "00".repeat(1025));
    }

    @Test
    void goodChangesPass() throws MalformedException {
        var change = RaftCodec.encode(new ConfChange(1, ConfChange.Type.ADD_NODE, TO, Entry.NO_DATA));
        var propose = new Message.Propose(TO, FROM, List.of(new Payload(EntryType.CONF_CHANGE, change)));
        var back = (Decoded.Said) MessageCodec.decode(MessageCodec.encode(propose));
        assertThat(back.message()).isInstanceOf(Message.Propose.class);
    }
}
