package dev.cetera.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import dev.cetera.token.Tokens.Claim;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedTokensTest {
    private final PrivateKey key;
    private final RSAPublicKey publicKey;
    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private final SignedTokens tokens;

    SignedTokensTest() throws Exception {
        key = KeyFiles.privateKey(TokenOptionsTest.file("rsa.pem"));
        publicKey = (RSAPublicKey) KeyFiles.publicKey(TokenOptionsTest.file("rsa-public.pem"));
        tokens = tokens(300);
    }

    private SignedTokens tokens(long ttlSeconds) {
        return new SignedTokens(
                JWSAlgorithm.RS256, new RSASSASigner(key), new RSASSAVerifier(publicKey), ttlSeconds, () -> now);
    }

    private String signed(String payload) throws Exception {
        var jws = new JWSObject(new JWSHeader(JWSAlgorithm.RS256), new Payload(payload));
        jws.sign(new RSASSASigner(key));
        return jws.serialize();
    }

    @Test
    void whatWasIssuedIsRead() {
        var fresh = tokens.issue("alice", 7);
        assertThat(fresh.logged()).isEmpty();
        assertThat(tokens.read(fresh.signed())).isEqualTo(new Claim("alice", 7));
        assertThat(tokens.knownFrom(fresh.signed())).isZero();
    }

    @Test
    void aTokenEndsWhenItSaysSo() {
        var limited = tokens.issue("alice", 7).signed();
        var unlimited = tokens(0).issue("alice", 7).signed();
        now = now.plusSeconds(299);
        assertThat(tokens.read(limited)).isNotNull();
        now = now.plusSeconds(2);
        assertThat(tokens.read(limited)).isNull();
        assertThat(tokens.read(unlimited)).isNotNull();
    }

    @Test
    void aTokenLivesAtLeastAsLongAsItWasGivenFor() {
        now = now.plusMillis(999);
        var second = tokens(1).issue("alice", 7).signed();
        now = now.plusMillis(1_000);
        assertThat(tokens.read(second)).isNotNull();
        now = now.plusMillis(1);
        assertThat(tokens.read(second)).isNull();
    }

    /// Go's claims: what a member of etcd 3.3 signs.
    @Test
    void aTokenOfEtcdIsRead() throws Exception {
        assertThat(tokens.read(signed("{\"revision\":8,\"username\":\"root\"}")))
                .isEqualTo(new Claim("root", 8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "3",
                "x",
                "{\"username\":\"root\"}",
                "{\"revision\":8}",
                "{\"username\":3,\"revision\":8}",
                "{\"username\":null,\"revision\":null}",
                "{\"username\":[\"root\"],\"revision\":8}",
                "{\"username\":\"root\",\"revision\":\"8\"}",
                "{\"username\":\"root\",\"revision\":{}}",
                "{\"username\":\"root\",\"revision\":-1}",
                "{\"username\":\"root\",\"revision\":1.5}",
                "{\"username\":\"root\",\"revision\":1e300}",
                "{\"username\":\"root\",\"revision\":18446744073709551615}",
                "{\"username\":\"root\",\"revision\":8,\"exp\":\"never\"}",
                "{\"username\":\"root\",\"revision\":8,\"exp\":null}",
                "{\"username\":\"root\",\"revision\":8,\"exp\":-1}",
                "{\"username\":\"root\",\"revision\":8,\"nbf\":9999999999}",
                "{\"username\":\"root\",\"revision\":8,\"nbf\":[]}"
            })
    void claimsOfAnotherShapeAreNoToken(String payload) throws Exception {
        assertThat(tokens.read(signed(payload))).isNull();
    }

    @Test
    void aTokenThatIsNotSignedOrSignedOtherwiseIsNone() throws Exception {
        var claims = "{\"username\":\"root\",\"revision\":8}";
        var none = base64("{\"alg\":\"none\"}") + "." + base64(claims) + ".";
        assertThat(tokens.read(none)).isNull();
        var secret = publicKey.getEncoded(); // known to all, and so the favourite secret of forgers
        var mac = new JWSObject(new JWSHeader(JWSAlgorithm.HS256), new Payload(claims));
        mac.sign(new MACSigner(secret));
        assertThat(tokens.read(mac.serialize())).isNull();
        var other = new JWSObject(new JWSHeader(JWSAlgorithm.RS512), new Payload(claims));
        other.sign(new RSASSASigner(key));
        assertThat(tokens.read(other.serialize())).isNull();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void damagedTokensAreRefusedAndNothingElseHappens() {
        var good = tokens.issue("alice", 7).signed();
        var random = new Random(3);
        for (int i = 0; i < 2_000; i++) {
            var chars = good.toCharArray();
            for (int j = random.nextInt(4); j >= 0; j--) {
                chars[random.nextInt(chars.length)] = (char) (random.nextBoolean() ? '.' : 32 + random.nextInt(95));
            }
            var damaged = new String(chars, 0, random.nextInt(chars.length) + 1);
            if (!damaged.equals(good)) {
                assertThat(tokens.read(damaged)).as(damaged).isNull();
            }
        }
        for (var no : new String[] {"", ".", "..", "...", "a.b.c", "\0", "x".repeat(100_000)}) {
            assertThat(tokens.read(no)).isNull();
        }
    }
}
