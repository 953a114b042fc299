package dev.cetera.token;

import org.jspecify.annotations.Nullable;

/// Users can only be known by their certificates.
final class NoTokens implements Tokens {
    @Override
    public long knownFrom(String token) {
        return -1;
    }

    @Override
    public @Nullable Claim read(String token) {
        return null;
    }

    @Override
    public @Nullable Fresh issue(String user, long revision) {
        return null;
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
