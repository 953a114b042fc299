package dev.cetera.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.cetera.token.Tokens.Claim;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenOptionsTest {
    static String file(String name) throws URISyntaxException {
        var found = Objects.requireNonNull(TokenOptionsTest.class.getResource("/token/" + name), name);
        return Path.of(found.toURI()).toString();
    }

    private static Tokens tokens(String flag) throws IOException {
        return TokenOptions.tokens(flag, 300, () -> 0);
    }

    private static String jwt(String publicKey, String privateKey, String more) throws URISyntaxException {
        return "jwt,pub-key=" + file(publicKey) + ",priv-key=" + file(privateKey) + more;
    }

    @Test
    void thereAreThreeKinds() throws Exception {
        assertThat(tokens("simple")).isInstanceOf(SimpleTokens.class);
        assertThat(tokens("")).isInstanceOf(NoTokens.class);
        assertThat(tokens(jwt("rsa-public.pem", "rsa.pem", ",sign-method=RS256")))
                .isInstanceOf(SignedTokens.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    void allMethodsOfEtcd33Sign(String method) throws Exception {
        var tokens = tokens(jwt("rsa-public.pem", "rsa-pkcs1.pem", ",sign-method=" + method));
        var issued = Objects.requireNonNull(tokens.issue("u", 1));
        assertThat(tokens.read(issued.signed())).isEqualTo(new Claim("u", 1));
    }

    @Test
    void otherFormsOfKeysAreReadToo() throws Exception {
        tokens(jwt("rsa-certificate.pem", "rsa.pem", ",sign-method=RS256"));
        for (var key : List.of("ec.pem", "ec-sec1.pem", "ec-parameters.pem")) {
            var tokens = tokens(jwt("ec-public.pem", key, ",sign-method=ES256,ttl=5m"));
            var issued = Objects.requireNonNull(tokens.issue("u", 1));
            assertThat(tokens.read(issued.signed())).as(key).isEqualTo(new Claim("u", 1));
        }
    }

    /// By a member with the same keys: RS256, RS384, PS256 with its long salt, and so on.
    @Test
    void tokensThatEtcd33IssuedAreRead() throws Exception {
        var issued = Files.readAllLines(Path.of(file("issued-by-etcd-3.3.27.txt")));
        assertThat(issued).hasSize(5);
        for (var token : issued) {
            var method = SignedJWT.parse(token).getHeader().getAlgorithm();
            var tokens = tokens(jwt("rsa-public.pem", "rsa.pem", ",sign-method=" + method));
            assertThat(tokens.read(token)).as(method.getName()).isEqualTo(new Claim("root", 4));
            var forged = token.replace(".eyJyZXZ", ".eyJyZXY");
            assertThat(tokens.read(forged)).as(forged).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jwt | no sign-method is given",
                "jwt,sign-method=RS256 | no pub-key is given",
                "jwt,sign-method=RS256,sign-method=RS256 | option sign-method is given twice",
                "jwt,sign-method | an option is not of the form name=value",
                "jwt,a=b=c | an option is not of the form name=value",
                "jwt,colour=red | unknown option colour",
                "token | unknown token type token"
            })
    void badOptionsAreRefusedInEtcdsWordsAndOurs(String flag, String complaint) {
        assertThatThrownBy(() -> tokens(flag))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("auth: invalid auth options")
                .hasMessageContaining(complaint);
    }

    @Test
    void keysThatDoNotFitAreRefused() throws Exception {
        for (var flag : new String[] {
            jwt("other-public.pem", "rsa.pem", ",sign-method=RS256"),
            jwt("rsa-public.pem", "rsa.pem", ",sign-method=ES256"),
            jwt("ec-public.pem", "ec.pem", ",sign-method=RS256"),
            jwt("ec-public.pem", "ec.pem", ",sign-method=ES512"),
            jwt("rsa-public.pem", "rsa.pem", ",sign-method=HS256"),
            jwt("rsa-public.pem", "rsa.pem", ",sign-method=none"),
            jwt("rsa-public.pem", "rsa.pem", ",sign-method=RS256,ttl=soon"),
            jwt("rsa.pem", "rsa-public.pem", ",sign-method=RS256"),
            "jwt,pub-key=/no/such,priv-key=/no/such,sign-method=RS256"
        }) {
            assertThatThrownBy(() -> tokens(flag)).as(flag).isInstanceOf(IOException.class);
        }
    }
}
