package dev.cetera.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SecurityTest {
    private static Path file(String name) throws URISyntaxException {
        var resource = SecurityTest.class.getResource("/dev/cetera/client/pem/" + name + ".pem");
        return Path.of(Objects.requireNonNull(resource, name).toURI());
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtOnce() throws URISyntaxException {
        for (var key : new String[] {"ec-pkcs8", "server-key"}) {
            var other = file(key);
            var rsa = file("rsa");
            assertThatThrownBy(() -> Security.context(null, rsa, other, Security.Checks.ALL))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("can't be used for TLS: private key does not match public key");
        }
        assertThat(Security.context(null, file("rsa"), file("rsa-pkcs1"), Security.Checks.ALL))
                .isNotNull();
        assertThat(Security.context(null, file("ec"), file("ec-sec1"), Security.Checks.ALL))
                .isNotNull();
    }
}
