package dev.cetera.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/// bcrypt as Go's library does it: version 2a, and what a password has beyond 72 bytes is not looked at.
/// Shared.
public final class Bcrypt implements Hashing {
    /// etcd's.
    public static final int COST = 10;

    /// Of a password that nobody can guess: more than anybody tries.
    private static final int RANDOM_BYTES = 32;

    private final int cost;
    private final SecureRandom random;
    private final BCrypt.Hasher hasher;
    private final BCrypt.Verifyer verifier;

    /// Hashes of one cost; those of any other can be checked too.
    ///
    /// @param cost binary logarithm of the rounds, from 4 to 31
    public Bcrypt(int cost, SecureRandom random) {
        this.cost = cost;
        this.random = random;
        var version = BCrypt.Version.VERSION_2A;
        this.hasher = BCrypt.with(version, random, LongPasswordStrategies.truncate(version));
        this.verifier = BCrypt.verifyer(version, LongPasswordStrategies.truncate(version));
    }

    @Override
    public ByteString hash(String password) {
        return ByteString.copyFrom(hasher.hash(cost, password.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public boolean matches(ByteString hash, String password) {
        return !hash.isEmpty()
                && verifier.verify(password.getBytes(StandardCharsets.UTF_8), hash.toByteArray()).verified;
    }

    @Override
    public String unknowable() {
        var bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
