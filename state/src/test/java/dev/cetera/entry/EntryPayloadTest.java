package dev.cetera.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EntryPayloadTest {
    /// Entries of a real log (golden wal fresh-3.3).
    private static final String ATTRIBUTES =
            "0881ea85ebd4c0a8902012035055541a262f302f6d656d626572732f373834333664323934"
                    + "323637323032302f6174747269627574657322357b226e616d65223a226d31222c22636c69656e7455524c73223a5b22687474703a"
                    + "2f2f3132372e302e302e313a3331303030225d7d2800320038004800500058006000680070007800800100";

    private static final String VERSION =
            "0884ea85ebd4c0a8902012035055541a0a2f302f76657273696f6e2205332e332e302800320038"
                    + "004800500058006000680070007800800100";
    private static final String PUT = "220a0a03666f6f1203626172a2060a0885ea85ebd4c0a89020";

    private static EntryPayload decode(String hex) throws InvalidProtocolBufferException {
        return EntryPayload.decode(HexFormat.of().parseHex(hex));
    }

    @Test
    void nothingIsNothing() throws InvalidProtocolBufferException {
        assertThat(EntryPayload.decode(new byte[0])).isEqualTo(new EntryPayload.Empty());
    }

    @Test
    void aRealPutIsAV3Request() throws InvalidProtocolBufferException {
        assertThat(decode(PUT)).isInstanceOfSatisfying(EntryPayload.V3.class, v3 -> {
            assertThat(v3.request().getPut().getKey().toStringUtf8()).isEqualTo("foo");
            assertThat(Long.toHexString(v3.id())).isEqualTo("2020a2054d617505");
        });
    }

    @Test
    void realV2RequestsAreRecognised() throws InvalidProtocolBufferException {
        assertThat(decode(ATTRIBUTES))
                .isInstanceOfSatisfying(
                        EntryPayload.V2.class,
                        v2 -> assertThat(v2.request().getPath()).isEqualTo("/0/members/78436d2942672020/attributes"));
        assertThat(decode(VERSION))
                .isInstanceOfSatisfying(
                        EntryPayload.V2.class,
                        v2 -> assertThat(v2.request().getVal()).isEqualTo("3.3.0"));
    }

    @Test
    void everyMethodOfAV2RequestIsRecognised() throws InvalidProtocolBufferException {
        for (var method : List.of("PUT", "POST", "DELETE", "QGET", "SYNC")) {
            var full = Request.newBuilder()
                    .setID(-1)
                    .setMethod(method)
                    .setPath(method.equals("SYNC") ? "" : "/1/k")
                    .setVal("")
                    .setDir(false)
                    .setPrevValue("")
                    .setPrevIndex(0)
                    .setExpiration(0)
                    .setTime(5)
                    .build();
            assertThat(EntryPayload.decode(full.toByteArray())).as(method).isEqualTo(new EntryPayload.V2(full));
        }
    }

    @Test
    void aWrappedV2RequestIsUnwrapped() throws InvalidProtocolBufferException {
        var request = Request.newBuilder().setMethod("PUT").setPath("/1/k").build();
        var wrapped = InternalRaftRequest.newBuilder().setV2(request).build();
        assertThat(EntryPayload.decode(wrapped.toByteArray())).isEqualTo(new EntryPayload.V2(request));
    }

    @Test
    void unknownFieldsAreSkippedWhateverTheirForm() throws InvalidProtocolBufferException {
        // field 3000 as varint, fixed64, bytes, fixed32, and a group that holds a varint
        var unknown = "c0bb0105" + "c1bb010102030405060708" + "c2bb01020102" + "c5bb0101020304" + "c3bb010807c4bb01";
        assertThat(decode(PUT + unknown)).isInstanceOf(EntryPayload.V3.class);
    }

    @Test
    void aWrongWireTypeIsNotOverlookedAtAnyDepth() throws InvalidProtocolBufferException {
        var put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
        // field 3 of a put, the lease, as bytes
        var badPut = put.toByteString().concat(ByteString.copyFrom(new byte[] {0x1a, 0}));
        var op = message(2, badPut);
        var txn = message(2, op);
        // As v2 requests they have but one odd string each, so that is what they are.
        assertThat(decode(message(4, badPut))).isInstanceOf(EntryPayload.V2.class);
        assertThat(decode(message(6, txn))).isInstanceOf(EntryPayload.V2.class);
        assertThat(decode(message(6, message(2, message(4, txn))))).isInstanceOf(EntryPayload.V2.class);
        // A lease grant stands where a v2 request has a boolean.
        assertGarbage(message(8, ByteString.EMPTY).concat(message(4, badPut)));
        assertGarbage(ByteString.copyFrom(new byte[] {0x20, 1}));
        assertGarbage(ByteString.copyFrom(new byte[] {0x24}));
        assertGarbage(ByteString.copyFrom(new byte[] {0}));
    }

    private static EntryPayload decode(ByteString data) throws InvalidProtocolBufferException {
        return EntryPayload.decode(data.toByteArray());
    }

    @Test
    void aDeepTransactionIsAccepted() throws InvalidProtocolBufferException {
        var txn = TxnRequest.newBuilder();
        // As deep as a Go member takes them by default.
        for (int i = 0; i < 128; i++) {
            txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn));
        }
        var request = InternalRaftRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setID(7))
                .setTxn(txn)
                .build();
        assertThat(EntryPayload.decode(request.toByteArray())).isEqualTo(new EntryPayload.V3(request));
    }

    private static ByteString message(int field, ByteString body) {
        return ByteString.copyFrom(new byte[] {(byte) (field << 3 | 2), (byte) body.size()})
                .concat(body);
    }

    private static void assertGarbage(ByteString data) {
        assertThatThrownBy(() -> EntryPayload.decode(data.toByteArray()))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }

    @Test
    void everyCutAndEveryFlippedByteIsAPayloadOrATypedError() {
        for (var hex : List.of(PUT, ATTRIBUTES, VERSION)) {
            var good = HexFormat.of().parseHex(hex);
            for (int length = 1; length < good.length; length++) {
                decodeAnything(Arrays.copyOf(good, length));
            }
            var random = new Random(hex.length());
            for (int i = 0; i < 20_000; i++) {
                var bad = good.clone();
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                decodeAnything(bad);
            }
        }
    }

    private static void decodeAnything(byte[] data) {
        EntryPayload payload;
        try {
            payload = EntryPayload.decode(data);
        } catch (InvalidProtocolBufferException e) {
            assertThat(e).hasMessageMatching("(?s).+");
            return;
        }
        assertThat(payload).isNotNull();
    }

    /// Anybody can have a member of Go etcd propose it, and it must not stop the others.
    @Test
    void aQuestionAboutANameThatIsNoTextIsAQuestionAboutNobody() throws Exception {
        var asked = HexFormat.of().parseHex("a20602" + "084d" + "f244" + "04" + "0a02fffe");
        assertThat(EntryPayload.decode(asked))
                .isEqualTo(new EntryPayload.V3(InternalRaftRequest.newBuilder()
                        .setHeader(RequestHeader.newBuilder().setID(77))
                        .setAuthUserGet(AuthUserGetRequest.getDefaultInstance())
                        .build()));
        var changes = HexFormat.of().parseHex("a20602" + "084d" + "e244" + "04" + "0a02fffe");
        assertThatThrownBy(() -> EntryPayload.decode(changes)).isInstanceOf(InvalidProtocolBufferException.class);
    }
}
