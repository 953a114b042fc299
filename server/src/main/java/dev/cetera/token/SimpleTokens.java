package dev.cetera.token;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Tokens of sixteen random letters, a dot and the index of the entry that made them known. Each use gives one
/// its full time again.
///
/// Shared: a concurrent map. Which tokens there are is changed on the applier, and by [#sweep].
public final class SimpleTokens implements Tokens {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int LENGTH = 16;

    /// A token's user, and when it ends by this member's clock.
    private static final class Session {
        final String user;
        volatile long deadlineNanos;

        Session(String user, long deadlineNanos) {
            this.user = user;
            this.deadlineNanos = deadlineNanos;
        }
    }

    private final long ttlNanos;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();
    private volatile boolean enabled;

    /// No tokens yet.
    ///
    /// @param ttlNanos how long a token lives unused
    /// @param nanos    the clock
    /// @param random   must not be guessed by others
    public SimpleTokens(long ttlNanos, LongSupplier nanos, RandomGenerator random) {
        this.ttlNanos = ttlNanos;
        this.nanos = nanos;
        this.random = random;
    }

    @Override
    public long knownFrom(String token) {
        int dot = token.indexOf('.');
        if (dot < 0 || dot != token.lastIndexOf('.')) {
            return -1;
        }
        try {
            return Long.parseLong(token, dot + 1, token.length(), 10);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    @Override
    public @Nullable Claim read(String token) {
        var session = sessions.get(token);
        if (session == null) {
            return null;
        }
        session.deadlineNanos = nanos.getAsLong() + ttlNanos;
        return new Claim(session.user, ANY_REVISION);
    }

    @Override
    public Fresh issue(String user, long revision) {
        var letters = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return new Fresh(letters.toString(), "");
    }

    @Override
    public void sweep() {
        long now = nanos.getAsLong();
        sessions.values().removeIf(session -> now - session.deadlineNanos > 0);
    }

    // ---- the applier's ----

    @Override
    public void enabled() {
        enabled = true;
    }

    @Override
    public void disabled() {
        enabled = false;
        sessions.clear();
    }

    @Override
    public void opened(String token, String user) {
        if (enabled) {
            sessions.put(token, new Session(user, nanos.getAsLong() + ttlNanos));
        }
    }

    @Override
    public void ended(String user) {
        sessions.values().removeIf(session -> session.user.equals(user));
    }

    /// Users may have gone and passwords changed since: better to ask all for theirs again.
    @Override
    public void restart(boolean nowEnabled) {
        enabled = nowEnabled;
        sessions.clear();
    }
}
