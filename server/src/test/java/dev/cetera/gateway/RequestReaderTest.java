package dev.cetera.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.mvccpb.KeyValue;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestReaderTest {
    private static final RequestReader READER = new RequestReader(Dialect.V3_3);

    private static <M extends Message> M read(String text, M empty) throws Malformed {
        return READER.read(text.getBytes(StandardCharsets.UTF_8), empty);
    }

    private static RangeRequest range(String text) throws Malformed {
        return read(text, RangeRequest.getDefaultInstance());
    }

    private static String complaint(String text, Message empty) {
        var why = catchThrowableOfType(Malformed.class, () -> READER.read(text.getBytes(ISO_8859_1), empty));
        return why == null ? "none" : String.valueOf(why.getMessage());
    }

    /// Texts and complaints as etcd 3.3.27 has them.
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\0', textBlock = """
            {~unexpected EOF
            []~json: cannot unmarshal array into Go value of type map[string]json.RawMessage
            5~json: cannot unmarshal number into Go value of type map[string]json.RawMessage
            "x"~json: cannot unmarshal string into Go value of type map[string]json.RawMessage
            true~json: cannot unmarshal bool into Go value of type map[string]json.RawMessage
            {"key":"Zm9v"~unexpected EOF
            {"key":"Zm9v",}~invalid character '}' looking for beginning of object key string
            {"key" "x"}~invalid character '"' after object key
            {key:1}~invalid character 'k' looking for beginning of object key string
            {'a':1}~invalid character '\\'' looking for beginning of object key string
            {"a":\u00e9}~invalid character '\u00e9' looking for beginning of value
            \u007f~invalid character '\\x7f' looking for beginning of value
            {"a":1 "b":2}~invalid character '"' after object key:value pair
            {"a":[1 2]}~invalid character '2' after array element
            {"a":[1,]}~invalid character ']' looking for beginning of value
            {"key":"Zm9v","x":tru}~invalid character '}' in literal true (expecting 'e')
            {"key":"Zm9v","x":"\\q"}~invalid character 'q' in string escape code
            {"key":"Zm9v","x":"\\u12G4"}~invalid character 'G' in \\u hexadecimal character escape
            {"limit":01}~invalid character '1' after object key:value pair
            {"limit":-}~invalid character '}' in numeric literal
            {"limit":1.}~invalid character '}' after decimal point in numeric literal
            {"limit":1e}~invalid character '}' in exponent of numeric literal
            {"limit":+1}~invalid character '+' looking for beginning of value
            {"key":5}~json: cannot unmarshal number into Go value of type []uint8
            {"key":[256]}~json: cannot unmarshal number 256 into Go value of type uint8
            {"key":["a"]}~json: cannot unmarshal string into Go value of type uint8
            {"key":{}}~json: cannot unmarshal object into Go value of type []uint8
            {"key":true}~json: cannot unmarshal bool into Go value of type []uint8
            {"key":"Zm9"}~illegal base64 data at input byte 0
            {"key":"Zm9v=="}~illegal base64 data at input byte 4
            {"key":"Z"}~illegal base64 data at input byte 0
            {"key":"Zm8=Zm8="}~illegal base64 data at input byte 4
            {"key":"Zm8-"}~illegal base64 data at input byte 3
            {"key":"_m8="}~illegal base64 data at input byte 0
            {"limit":"x"}~invalid character 'x' looking for beginning of value
            {"limit":""}~unexpected end of JSON input
            {"limit":"1x"}~invalid character 'x' after top-level value
            {"limit":1.0}~json: cannot unmarshal number 1.0 into Go value of type int64
            {"limit":1e2}~json: cannot unmarshal number 1e2 into Go value of type int64
            {"limit":9223372036854775808}~json: cannot unmarshal number 9223372036854775808 into Go value of type int64
            {"limit":"true"}~json: cannot unmarshal bool into Go value of type int64
            {"limit":{}}~json: cannot unmarshal object into Go value of type int64
            {"serializable":1}~json: cannot unmarshal number into Go value of type bool
            {"serializable":"true"}~json: cannot unmarshal string into Go value of type bool
            {"sort_order":"FOO"}~unknown value "FOO" for enum etcdserverpb.RangeRequest_SortOrder
            {"sort_order":"1"}~unknown value "1" for enum etcdserverpb.RangeRequest_SortOrder
            {"sort_order":2.5}~json: cannot unmarshal number 2.5 into Go value of type etcdserverpb.RangeRequest_SortOrder
            {"sort_order":[]}~json: cannot unmarshal array into Go value of type etcdserverpb.RangeRequest_SortOrder
            """)
    void whatIsWrongIsSaidInEtcdsWords(String text, String complaint) {
        assertThat(complaint(text, RangeRequest.getDefaultInstance())).isEqualTo(complaint);
    }

    @Test
    void listsAndNumbersOfOtherMessagesAreCheckedToo() {
        var txn = TxnRequest.getDefaultInstance();
        assertThat(complaint("{\"compare\":{}}", txn))
                .isEqualTo("json: cannot unmarshal object into Go value of type []json.RawMessage");
        assertThat(complaint("{\"compare\":[null]}", txn))
                .isEqualTo("json: cannot unmarshal null into Go value of type etcdserverpb.Compare");
        assertThat(complaint("{\"success\":[[]]}", txn))
                .isEqualTo("json: cannot unmarshal array into Go value of type map[string]json.RawMessage");
        assertThat(complaint("{\"filters\":\"x\"}", WatchCreateRequest.getDefaultInstance()))
                .isEqualTo("unknown value \"x\" for enum etcdserverpb.WatchCreateRequest_FilterType");
        assertThat(complaint("{\"ID\":-1}", MemberRemoveRequest.getDefaultInstance()))
                .isEqualTo("json: cannot unmarshal number -1 into Go value of type uint64");
        assertThat(complaint("{\"ID\":18446744073709551616}", MemberRemoveRequest.getDefaultInstance()))
                .isEqualTo("json: cannot unmarshal number 18446744073709551616 into Go value of type uint64");
    }

    @Test
    void fieldsGoByEitherName() throws Malformed {
        assertThat(range("{\"range_end\":\"AA==\"}")).isEqualTo(range("{\"rangeEnd\":\"AA==\"}"));
        assertThat(range("{\"RANGE_END\":\"AA==\",\"nix\":{\"a\":[1,{\"b\":\"}\\\"\"}]}}"))
                .isEqualTo(RangeRequest.getDefaultInstance());
    }

    @Test
    void numbersMayBeQuoted() throws Malformed {
        var five = RangeRequest.newBuilder().setLimit(5).build();
        assertThat(range("{\"limit\":5}")).isEqualTo(five);
        assertThat(range("{\"limit\":\"5\"}")).isEqualTo(five);
        assertThat(range("{\"limit\":\" 5 \"}")).isEqualTo(five);
        assertThat(range("{\"limit\":\"null\"}")).isEqualTo(RangeRequest.getDefaultInstance());
        assertThat(read("{\"ID\":\"18446744073709551615\"}", MemberRemoveRequest.getDefaultInstance())
                        .getID())
                .isEqualTo(-1);
    }

    @Test
    void bytesAreBase64OrAnArray() throws Malformed {
        var foo = ByteString.copyFromUtf8("foo");
        assertThat(range("{\"key\":\"Zm9v\"}").getKey()).isEqualTo(foo);
        assertThat(range("{\"key\":\"Zm\\n9v\\r\\n\"}").getKey()).isEqualTo(foo);
        assertThat(range("{\"key\":\"\\u005am9v\"}").getKey()).isEqualTo(foo);
        assertThat(range("{\"key\":[102,111,111]}").getKey()).isEqualTo(foo);
        assertThat(range("{\"key\":\"Zg==\"}").getKey()).isEqualTo(ByteString.copyFromUtf8("f"));
    }

    @Test
    void enumsGoByNameOrNumber() throws Malformed {
        assertThat(range("{\"sort_order\":\"DESCEND\"}")).isEqualTo(range("{\"sort_order\":2}"));
        assertThat(range("{\"sort_order\":9}").getSortOrderValue()).isEqualTo(9);
    }

    @Test
    void theLastOfSeveralCounts() throws Malformed {
        assertThat(range("{\"key\":\"YQ==\",\"key\":\"Yg==\"}").getKey()).isEqualTo(ByteString.copyFromUtf8("b"));
        assertThat(read("{\"success\":[{}],\"success\":[]}", TxnRequest.getDefaultInstance()))
                .isEqualTo(TxnRequest.getDefaultInstance());
        var compare = read("{\"version\":1,\"mod_revision\":\"2\"}", Compare.getDefaultInstance());
        assertThat(compare.getTargetUnionCase()).isEqualTo(Compare.TargetUnionCase.MOD_REVISION);
    }

    @Test
    void nullIsNothingButChoosesANumber() throws Malformed {
        assertThat(range("null")).isEqualTo(RangeRequest.getDefaultInstance());
        assertThat(range("{\"key\":null,\"limit\":null,\"serializable\":null}"))
                .isEqualTo(RangeRequest.getDefaultInstance());
        assertThat(read("{\"version\":null}", Compare.getDefaultInstance()).getTargetUnionCase())
                .isEqualTo(Compare.TargetUnionCase.VERSION);
        assertThat(read("{\"success\":[{\"request_put\":null}]}", TxnRequest.getDefaultInstance())
                        .getSuccess(0)
                        .hasRequestPut())
                .isFalse();
    }

    @Test
    void aPermissionsKeyWasAStringOnce() throws Malformed {
        var empty = AuthRoleRevokePermissionRequest.getDefaultInstance();
        var text = "{\"key\":\"Zm9v\"}".getBytes(ISO_8859_1);
        assertThat(READER.read(text, empty).getKey().toStringUtf8()).isEqualTo("Zm9v");
        assertThat(new RequestReader(Dialect.V3_4).read(text, empty).getKey().toStringUtf8())
                .isEqualTo("foo");
    }

    @Test
    void depthIsBounded() {
        var txn = "{\"success\":[{\"request_txn\":";
        assertThat(complaint(txn.repeat(60) + "{}" + "}]}".repeat(60), TxnRequest.getDefaultInstance()))
                .isEqualTo("exceeded max depth");
        assertThat(complaint("{\"nix\":" + "[".repeat(20_000), TxnRequest.getDefaultInstance()))
                .isEqualTo("exceeded max depth");
        assertThat(complaint(
                        "{\"nix\":" + "[".repeat(9_999) + "]".repeat(9_999) + "}", TxnRequest.getDefaultInstance()))
                .isEqualTo("none");
        assertThat(complaint("{\"limit\":" + "9".repeat(100_000) + "}", RangeRequest.getDefaultInstance()))
                .hasSizeLessThan(200);
    }

    @Test
    void whatIsWrittenReadsTheSameAgain() throws Malformed {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var message = someRange(random);
            var out = Unpooled.buffer();
            var writer = new AnswerWriter(message.getDescriptorForType(), message.toByteArray());
            while (!writer.isOver()) {
                writer.writeNext(out);
            }
            var text = out.toString(StandardCharsets.UTF_8);
            assertThat(read(text, RangeResponse.getDefaultInstance()))
                    .as("seed %s: %s", seed, text)
                    .isEqualTo(message);
        }
    }

    private static RangeResponse someRange(Random random) {
        var message = RangeResponse.newBuilder().setMore(random.nextBoolean()).setCount(random.nextLong(3));
        if (random.nextBoolean()) {
            message.getHeaderBuilder().setClusterId(random.nextLong()).setRevision(random.nextLong());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            var bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            message.addKvs(KeyValue.newBuilder()
                    .setKey(ByteString.copyFrom(bytes))
                    .setLease(random.nextLong(-2, 2))
                    .setVersion(random.nextInt(2)));
        }
        return message.build();
    }

    @Test
    void theSplitterCutsWhatComesInPieces() {
        var texts = "{\"a\":\"}\\\"{\"} [1,[2]] null 5 \"x y\" {}";
        for (int size = 1; size < texts.length(); size++) {
            var splitter = new JsonSplitter(1000);
            var values = new StringBuilder();
            for (int at = 0; at < texts.length(); at += size) {
                var piece = Unpooled.copiedBuffer(
                        texts.substring(at, Math.min(texts.length(), at + size)), StandardCharsets.UTF_8);
                for (var value = splitter.next(piece); value != null; value = splitter.next(piece)) {
                    values.append(new String(value, StandardCharsets.UTF_8)).append('|');
                }
            }
            assertThat(values.toString()).isEqualTo("{\"a\":\"}\\\"{\"}|[1,[2]]|null|5|\"x y\"|{}|");
            assertThat(splitter.rest()).isNull();
        }
    }

    @Test
    void putsOfAllFieldsAreRead() throws Malformed {
        var put = read(
                "{\"key\":\"YQ==\",\"value\":\"Yg==\",\"lease\":\"-1\",\"prev_kv\":true,\"ignoreValue\":true,"
                        + "\"ignore_lease\":false}",
                PutRequest.getDefaultInstance());
        assertThat(put)
                .isEqualTo(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .setValue(ByteString.copyFromUtf8("b"))
                        .setLease(-1)
                        .setPrevKv(true)
                        .setIgnoreValue(true)
                        .build());
    }
}
