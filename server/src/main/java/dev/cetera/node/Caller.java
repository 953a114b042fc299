package dev.cetera.node;

import dev.cetera.auth.Identity;
import dev.cetera.auth.Rights;

/// On whose account something is asked of a member, as far as the service that took the call could find out.
public sealed interface Caller {
    /// The member itself, for work of its own.
    record Member() implements Caller {}

    /// Whoever it is gave no name.
    record Nobody() implements Caller {}

    /// A user who is known by a certificate, or by a token that is good as long as it is kept: the rights are
    /// those of the moment.
    record Named(String user) implements Caller {}

    /// A user who is known by a token that says under which rights it was given.
    record Dated(String user, long revision) implements Caller {}

    /// How this caller stands in the log, under the rights of one moment.
    default Identity under(Rights rights) {
        return switch (this) {
            case Member() -> rights.enabled() ? new Identity(Identity.ROOT, rights.revision()) : Identity.NOBODY;
            case Nobody() -> Identity.NOBODY;
            case Named(var user) -> new Identity(user, rights.revision());
            case Dated(var user, long revision) -> new Identity(user, revision);
        };
    }
}
