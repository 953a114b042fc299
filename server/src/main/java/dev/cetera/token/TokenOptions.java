package dev.cetera.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Makes tokens of the kind that `--auth-token` asks for: `simple`, `jwt,pub-key=F,priv-key=F,sign-method=M`
/// with an optional `ttl=5m`, or nothing. Etcd 3.3 signs with RSA alone; the curves come from its later
/// releases.
public final class TokenOptions {
    private static final String INVALID = "auth: invalid auth options";
    private static final Set<String> KNOWN = Set.of("sign-method", "pub-key", "priv-key", "ttl");

    private TokenOptions() {}

    /// Reads the flag, and the keys that it names.
    ///
    /// @param flag       of the command line
    /// @param ttlSeconds how long a simple token lives unused; 0 is the default
    /// @param nanos      the clock for it
    /// @throws IOException when the flag or a file is not as it should be; the message is for the operator
    public static Tokens tokens(String flag, long ttlSeconds, LongSupplier nanos) throws IOException {
        int comma = flag.indexOf(',');
        var kind = comma < 0 ? flag : flag.substring(0, comma);
        var options = options(comma < 0 ? "" : flag.substring(comma + 1));
        return switch (kind) {
            case "simple" ->
                new SimpleTokens(
                        TimeUnit.SECONDS.toNanos(ttlSeconds > 0 ? ttlSeconds : DEFAULT_TTL_SECONDS),
                        nanos,
                        new SecureRandom());
            case "jwt" -> signed(options);
            case "" -> Tokens.none();
            default -> throw invalid("unknown token type " + kind);
        };
    }

    private static final long DEFAULT_TTL_SECONDS = 300;

    private static Map<String, String> options(String text) throws IOException {
        var options = new HashMap<String, String>();
        if (text.isEmpty()) {
            return options;
        }
        for (var option : text.split(",", -1)) {
            var pair = option.split("=", -1);
            if (pair.length != 2) {
                throw invalid("an option is not of the form name=value");
            }
            if (options.put(pair[0], pair[1]) != null) {
                throw invalid("option " + pair[0] + " is given twice");
            }
        }
        return options;
    }

    private static IOException invalid(String what) {
        return new IOException(INVALID + ": --auth-token: " + what);
    }

    private static Tokens signed(Map<String, String> options) throws IOException {
        for (var name : options.keySet()) {
            if (!KNOWN.contains(name)) {
                throw invalid("unknown option " + name);
            }
        }
        var method = JWSAlgorithm.parse(required(options, "sign-method"));
        var publicKey = KeyFiles.publicKey(required(options, "pub-key"));
        var privateKey = KeyFiles.privateKey(required(options, "priv-key"));
        JWSSigner signer;
        JWSVerifier verifier;
        try {
            if (JWSAlgorithm.Family.RSA.contains(method)) {
                signer = new RSASSASigner(privateKey);
                var key = (RSAPublicKey) publicKey;
                verifier = method.getName().startsWith("PS") ? new PssVerifier(key) : new RSASSAVerifier(key);
            } else if (JWSAlgorithm.Family.EC.contains(method) && !JWSAlgorithm.ES256K.equals(method)) {
                signer = new ECDSASigner((ECPrivateKey) privateKey);
                verifier = new ECDSAVerifier((ECPublicKey) publicKey);
            } else {
                throw invalid("sign-method is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512");
            }
        } catch (JOSEException | ClassCastException | IllegalArgumentException unfit) {
            throw new IOException(INVALID + ": --auth-token: the keys don't fit " + method, unfit);
        }
        var tokens = new SignedTokens(method, signer, verifier, ttlSeconds(options), InstantSource.system());
        requireReadable(tokens);
        return tokens;
    }

    private static String required(Map<String, String> options, String name) throws IOException {
        var value = options.get(name);
        if (value == null || value.isEmpty()) {
            throw invalid("no " + name + " is given");
        }
        return value;
    }

    /// A key that does not sign, or not for the other one, shows here and not at the first client.
    private static void requireReadable(SignedTokens tokens) throws IOException {
        Tokens.Fresh issued;
        try {
            issued = tokens.issue("root", 1);
        } catch (IllegalStateException unfit) {
            throw new IOException(INVALID + ": --auth-token: the keys don't fit the sign-method", unfit);
        }
        if (tokens.read(issued.signed()) == null) {
            throw invalid("the public key is not that of the private key");
        }
    }

    private static long ttlSeconds(Map<String, String> options) throws IOException {
        var text = options.get("ttl");
        if (text == null) {
            return 0;
        }
        long seconds = GoSpan.seconds(text);
        if (seconds <= 0) {
            throw invalid("ttl is not a span of time like 5m or 1h30m");
        }
        return seconds;
    }
}
