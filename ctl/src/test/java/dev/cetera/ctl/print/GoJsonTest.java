package dev.cetera.ctl.print;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnResponse;
import org.junit.jupiter.api.Test;

class GoJsonTest {
    @Test
    void zeroValuesAreLeftOutAndChoicesHaveGosNames() {
        var answer = TxnResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setClusterId(-1).setRevision(2))
                .setSucceeded(true)
                .addResponses(ResponseOp.newBuilder().setResponsePut(PutResponse.getDefaultInstance()))
                .build();

        assertThat(GoJson.of(answer))
                .isEqualTo("{\"header\":{\"cluster_id\":18446744073709551615,\"revision\":2},\"succeeded\":true,"
                        + "\"responses\":[{\"Response\":{\"ResponsePut\":{}}}]}");
    }

    @Test
    void textIsEscapedForHtmlToo() {
        assertThat(new GoJson().text("a<b>&\"\n").toString()).isEqualTo("\"a\\u003cb\\u003e\\u0026\\\"\\n\"");
    }

    @Test
    void bytesThatAreNoTextAreQuotedAsNumbers() {
        assertThat(GoText.quoted(ByteString.copyFrom(new byte[] {'a', (byte) 0xff, 0, '"'})))
                .isEqualTo("\"a\\xff\\x00\\\"\"");
    }
}
