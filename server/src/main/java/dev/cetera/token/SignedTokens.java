package dev.cetera.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON Web Tokens with the user's name and the revision of the rights that they were given under; when the
/// rights change, they are old. A claim of another shape than ours makes no token. Shared.
public final class SignedTokens implements Tokens {
    /// Beyond it a JSON number is no integer any more.
    private static final double MOST = 1L << 53;

    /// No token of ours comes near; reading a larger one would be work for nothing.
    private static final int MAX_LENGTH = 16 << 10;

    private final JWSAlgorithm algorithm;
    private final JWSSigner signer;
    private final JWSVerifier verifier;
    private final long ttlSeconds;
    private final InstantSource clock;

    /// Tokens of one way of signing; those of others are not read.
    ///
    /// @param ttlSeconds 0 for tokens without an end
    SignedTokens(JWSAlgorithm algorithm, JWSSigner signer, JWSVerifier verifier, long ttlSeconds, InstantSource clock) {
        this.algorithm = algorithm;
        this.signer = signer;
        this.verifier = verifier;
        this.ttlSeconds = ttlSeconds;
        this.clock = clock;
    }

    @Override
    public long knownFrom(String token) {
        return 0;
    }

    @Override
    public @Nullable Claim read(String token) {
        if (token.length() > MAX_LENGTH) {
            return null;
        }
        try {
            var jwt = SignedJWT.parse(token);
            if (!algorithm.equals(jwt.getHeader().getAlgorithm()) || !jwt.verify(verifier)) {
                return null;
            }
            var payload = jwt.getPayload().toJSONObject();
            return payload == null || !isOfNow(payload) ? null : claim(payload);
        } catch (ParseException | JOSEException | RuntimeException _) {
            return null; // whatever is wrong with it, it is no token of ours
        }
    }

    private static @Nullable Claim claim(Map<String, Object> payload) {
        if (payload.get("username") instanceof String user && payload.get("revision") instanceof Number number) {
            double revision = number.doubleValue();
            return revision >= 0 && revision <= MOST && revision == Math.rint(revision)
                    ? new Claim(user, (long) revision)
                    : null;
        }
        return null;
    }

    /// In whole seconds, the last one included, as etcd does: the end in a token is cut to a whole second, and
    /// one that was given for a second must not end at once.
    private boolean isOfNow(Map<String, Object> payload) {
        long now = clock.instant().getEpochSecond();
        return (!payload.containsKey("exp") || (payload.get("exp") instanceof Number end && now <= end.longValue()))
                && (!payload.containsKey("nbf")
                        || (payload.get("nbf") instanceof Number begin && now >= begin.longValue()));
    }

    @Override
    public Fresh issue(String user, long revision) {
        var claims = new JWTClaimsSet.Builder().claim("username", user).claim("revision", revision);
        if (ttlSeconds > 0) {
            claims.expirationTime(Date.from(clock.instant().plusSeconds(ttlSeconds)));
        }
        var jwt = new SignedJWT(
                new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).build(), claims.build());
        try {
            jwt.sign(signer);
        } catch (JOSEException broken) {
            throw new IllegalStateException("the key that was tried at the start does not sign any more", broken);
        }
        return new Fresh("", jwt.serialize());
    }

    @Override
    public void sweep() {}

    @Override
    public void enabled() {}

    @Override
    public void disabled() {}

    @Override
    public void opened(String token, String user) {}

    @Override
    public void ended(String user) {}

    @Override
    public void restart(boolean enabled) {}
}
