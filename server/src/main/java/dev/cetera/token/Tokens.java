package dev.cetera.token;

import dev.cetera.auth.Sessions;
import org.jspecify.annotations.Nullable;

/// One kind of token. Shared: any thread may call any method; none blocks for long.
public interface Tokens extends Sessions {
    /// Of a claim that is good under the rights of any moment.
    long ANY_REVISION = -1;

    /// What a token says.
    ///
    /// @param revision of the rights that it was given under, or [#ANY_REVISION]
    record Claim(String user, long revision) {}

    /// A token that is about to be handed out.
    ///
    /// @param logged what goes into the log, where it becomes a token that all members know; empty for one
    ///               that nobody needs to know
    /// @param signed the token, where it is one already; empty otherwise
    record Fresh(String logged, String signed) {}

    /// What a token can tell by itself about when it may be read.
    ///
    /// @return the index of the entry that made it known, 0 when there is none, negative when it is no token
    ///         at all
    long knownFrom(String token);

    /// What a token says; null when it is not, or not any more, good.
    @Nullable
    Claim read(String token);

    /// Makes a token; null when this member gives none. May take some milliseconds.
    ///
    /// @param revision of the rights under which the password was found to be right
    @Nullable
    Fresh issue(String user, long revision);

    /// Ends what has not been used for too long. Called about twice a second.
    void sweep();

    /// No token is good, and none is given.
    static Tokens none() {
        return new NoTokens();
    }
}
