package dev.cetera.ctl.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final byte[] BAD_REQUEST = "HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static Target.Encryption encryption(Target.Wanted wanted) {
        return new Target.Encryption(null, null, null, null, wanted, Target.Checks.ALL);
    }

    /// What is said of one that answers this to whatever comes first.
    private static Optional<String> answering(byte[] answer, Target.Wanted wanted) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var serving = Thread.ofVirtual().start(() -> {
                try (var connection = server.accept()) {
                    var _ = connection.getInputStream().read(new byte[1 << 16]);
                    connection.getOutputStream().write(answer);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            var endpoint = "127.0.0.1:" + server.getLocalPort();
            var told = Diagnosis.of(endpoint, encryption(wanted));
            serving.join();
            return told.map(text -> text.replace(endpoint + ": ", ""));
        }
    }

    @Test
    void ofAMemberThatAnswersThereIsNothingToSay() throws Exception {
        assertThat(answering(SETTINGS, Target.Wanted.FOR_HTTPS)).isEmpty();
    }

    @Test
    void aPortThatWantsTlsIsToldFromOneThatDoesNot() throws Exception {
        assertThat(answering(BAD_REQUEST, Target.Wanted.FOR_HTTPS))
                .contains("what answers is no member, or one that wants TLS (https://, --cacert)");
        assertThat(answering(BAD_REQUEST, Target.Wanted.ALWAYS))
                .contains("no answer in TLS (does it serve without? then http://, and no --cacert)");
        assertThat(answering(new byte[0], Target.Wanted.ALWAYS))
                .contains("no answer in TLS (does it serve without? then http://, and no --cacert)");
    }
}
