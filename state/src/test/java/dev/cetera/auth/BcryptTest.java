package dev.cetera.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class BcryptTest {
    private final Bcrypt bcrypt = new Bcrypt(4, new SecureRandom());

    @Test
    void goesHashesFitTheirPasswords() {
        var alice = ByteString.copyFromUtf8("$2a$10$2Y5OLOaCvHx89DHSDS8vruhQwy2oMbid5aofrqLkPqu9txMiv4Xsq");
        assertThat(bcrypt.matches(alice, "alicepw")).isTrue();
        assertThat(bcrypt.matches(alice, "alicepw ")).isFalse();
        assertThat(bcrypt.matches(ByteString.copyFromUtf8("no hash"), "x")).isFalse();
        assertThat(bcrypt.matches(ByteString.EMPTY, "")).isFalse();
    }

    @Test
    void aHashFitsItsPasswordAlone() {
        for (var password : new String[] {"", "pw", "p\0w", "ü\u20ac", "x".repeat(72)}) {
            var hash = bcrypt.hash(password);
            assertThat(hash.toStringUtf8()).startsWith("$2a$04$").hasSize(60);
            assertThat(bcrypt.matches(hash, password)).isTrue();
            assertThat(bcrypt.matches(hash, "other" + password)).isFalse();
        }
    }

    @Test
    void whatALongPasswordHasBeyond72BytesIsNotLookedAt() {
        var hash = bcrypt.hash("x".repeat(80));
        assertThat(bcrypt.matches(hash, "x".repeat(72) + "other")).isTrue();
        assertThat(bcrypt.matches(hash, "x".repeat(71))).isFalse();
    }
}
