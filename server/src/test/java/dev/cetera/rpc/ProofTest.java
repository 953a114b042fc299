package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.rpc.Services.Certificates;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Whom a call names, by its token or by its client's certificate.
class ProofTest {
    private static final class Call extends ServerCall<String, String> {
        private final Attributes attributes;

        Call(@Nullable Certificate certificate) {
            attributes = Attributes.newBuilder()
                    .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session(certificate))
                    .build();
        }

        private static SSLSession session(@Nullable Certificate certificate) {
            return (SSLSession) Proxy.newProxyInstance(
                    ProofTest.class.getClassLoader(), new Class<?>[] {SSLSession.class}, (_, method, _) -> {
                        if (!method.getName().equals("getPeerCertificates")) {
                            throw new AssertionError(method);
                        }
                        if (certificate == null) {
                            throw new SSLPeerUnverifiedException("none");
                        }
                        return new Certificate[] {certificate};
                    });
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(String message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<String, String> getMethodDescriptor() {
            throw new AssertionError("not asked for");
        }
    }

    /// Its subject is `CN=root`.
    private static Certificate rootCertificate() throws IOException, CertificateException {
        try (var pem = Objects.requireNonNull(ProofTest.class.getResourceAsStream("/token/root-certificate.pem"))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    private static Metadata with(String... pairs) {
        var headers = new Metadata();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.put(Metadata.Key.of(pairs[i], Metadata.ASCII_STRING_MARSHALLER), pairs[i + 1]);
        }
        return headers;
    }

    @Test
    void aTokenIsTakenAsItComesAndUnderEitherName() throws Exception {
        var call = new Call(rootCertificate());
        assertThat(Proof.of(call, with("token", "a.1", "authorization", "b.2"), Certificates.NAME)
                        .token())
                .isEqualTo("a.1");
        assertThat(Proof.of(call, with("authorization", "Bearer b.2"), Certificates.NAME))
                .isEqualTo(new Proof("Bearer b.2", null));
        assertThat(Proof.of(call, with("token", "first", "token", "second"), Certificates.NAME)
                        .token())
                .isEqualTo("first");
    }

    @Test
    void withoutATokenTheCertificateNamesTheClient() throws Exception {
        var call = new Call(rootCertificate());
        assertThat(Proof.of(call, with(), Certificates.NAME)).isEqualTo(new Proof(null, "root"));
        assertThat(Proof.of(call, with(), Certificates.IGNORE)).isEqualTo(Proof.NOTHING);
        assertThat(Proof.of(new Call(null), with(), Certificates.NAME)).isEqualTo(Proof.NOTHING);
    }

    /// CVE-2018-16886: whoever came through the gateway was taken for whom the gateway's certificate names.
    @Test
    void cve2018_16886TheGatewaysCertificateNamesNobody() throws Exception {
        var call = new Call(rootCertificate());
        assertThat(Proof.of(call, with("grpcgateway-accept", "*/*"), Certificates.NAME))
                .isEqualTo(Proof.NOTHING);
        assertThat(Proof.of(call, with("grpcgateway-accept", "*/*", "authorization", "a.1"), Certificates.NAME))
                .isEqualTo(new Proof("a.1", null));
    }
}
