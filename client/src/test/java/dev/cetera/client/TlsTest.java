package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.testkit.Evidence;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whom the client believes, and what it shows of itself.
class TlsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void keysOfEveryWrappingAreShown() throws IOException {
        var member = member("server", TlsServerCredentials.ClientAuth.REQUIRE);
        for (var key : List.of("rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec-pkcs8")) {
            var tls = Tls.trusting(file("ca")).withCertificate(file(key.substring(0, key.indexOf('-'))), file(key));
            var client = connect(member, tls);
            assertThat(client.kv().within(SOON).get("a").count()).as(key).isEqualTo(1);
        }
    }

    @Test
    void aMemberWhoseCertificateIsForAnotherNameIsNotBelieved() throws IOException {
        var member = member("elsewhere", TlsServerCredentials.ClientAuth.NONE);
        var refused = connect(member, Tls.trusting(file("ca")));
        assertThatThrownBy(() -> refused.kv().within(Duration.ofMillis(500)).get("a"))
                .isInstanceOf(DeadlineException.class);
        assertThat(member.count("Range")).isZero();

        var named = connect(member, Tls.trusting(file("ca")).withServerName("elsewhere.example"));
        assertThat(named.kv().within(SOON).get("a").count()).isEqualTo(1);
        var careless = connect(member, Tls.system().withoutVerification());
        assertThat(careless.kv().within(SOON).get("a").count()).isEqualTo(1);
    }

    @Test
    void eachEndpointIsCheckedForItsOwnName() throws IOException {
        var wrong = member("elsewhere", TlsServerCredentials.ClientAuth.NONE);
        var right = member("server", TlsServerCredentials.ClientAuth.NONE);
        var client = evidence.closing(Client.builder()
                .endpoints(wrong.endpoint(), right.endpoint())
                .tls(Tls.trusting(file("ca")))
                .connect());
        for (int i = 0; i < 4; i++) {
            client.kv().within(SOON).put("a", "1");
        }
        assertThat(right.count("Put")).isEqualTo(4);
        assertThat(wrong.asked).isEmpty();
    }

    @Test
    void filesThatChangeAreReadAgain() throws IOException {
        var member = member("server", TlsServerCredentials.ClientAuth.REQUIRE);
        // An authority that didn't make the member's certificate, until the right one is put in its place.
        var trusted = evidence.directory().resolve("trusted.pem");
        Files.copy(file("rsa"), trusted);
        var client = connect(member, Tls.trusting(trusted).withCertificate(file("rsa"), file("rsa-pkcs8")));
        assertThatThrownBy(() -> client.kv().within(Duration.ofMillis(500)).get("a"))
                .isInstanceOf(DeadlineException.class);
        Files.copy(file("ca"), trusted, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(trusted, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(client.kv().within(SOON).get("a").count()).isEqualTo(1);

        // What can't be used leaves what was there before; connections to come use it.
        Files.writeString(trusted, "no certificate");
        client.endpoints(List.of(member.endpoint() + "/"));
        assertThat(client.kv().within(SOON).get("a").count()).isEqualTo(1);
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws IOException {
        var missing = evidence.directory().resolve("missing.pem");
        assertThatThrownBy(() -> Client.builder()
                        .endpoints("https://127.0.0.1:1")
                        .tls(Tls.trusting(missing))
                        .connect())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing.pem");
    }

    private Client connect(FakeMember member, Tls tls) {
        return evidence.closing(
                Client.builder().endpoints(member.endpoint()).tls(tls).connect());
    }

    private FakeMember member(String certificate, TlsServerCredentials.ClientAuth asks) throws IOException {
        try (InputStream chain = resource(certificate);
                InputStream key = resource(certificate + "-key");
                InputStream authority = resource("ca")) {
            ServerCredentials credentials = TlsServerCredentials.newBuilder()
                    .keyManager(chain, key)
                    .trustManager(authority)
                    .clientAuth(asks)
                    .build();
            return evidence.closing(new FakeMember(1, 0, credentials));
        }
    }

    private Path file(String name) throws IOException {
        var file = evidence.directory().resolve(name + ".pem");
        if (!Files.exists(file)) {
            try (InputStream content = resource(name)) {
                Files.copy(content, file);
            }
        }
        return file;
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(TlsTest.class.getResourceAsStream("pem/" + name + ".pem"), name);
    }
}
