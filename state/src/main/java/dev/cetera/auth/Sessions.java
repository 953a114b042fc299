package dev.cetera.auth;

/// Learns, entry by entry, what becomes of the tokens that clients hold. Every member is told the same, so all
/// know the same tokens. Called on the applier; must not block.
public interface Sessions {
    /// Nobody keeps tokens.
    Sessions NONE = new Sessions() {
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
    };

    /// Access control is on from now on.
    void enabled();

    /// Access control is off from now on; no token is good any more.
    void disabled();

    /// A user has got a token.
    void opened(String token, String user);

    /// A user has another password, or is gone: none of its tokens is good any more.
    void ended(String user);

    /// The state has come as a whole; who had which token is not in it.
    void restart(boolean enabled);
}
