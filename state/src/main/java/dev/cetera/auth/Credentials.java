package dev.cetera.auth;

import java.security.SecureRandom;

/// How passwords are hashed, and who keeps the tokens. Immutable.
public record Credentials(Hashing hashing, Sessions sessions) {
    /// As etcd hashes; nobody keeps tokens.
    public static Credentials withoutSessions() {
        return new Credentials(new Bcrypt(Bcrypt.COST, new SecureRandom()), Sessions.NONE);
    }
}
