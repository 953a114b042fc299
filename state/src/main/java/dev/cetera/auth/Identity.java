package dev.cetera.auth;

import dev.cetera.api.etcdserverpb.RequestHeader;

/// On whose account a request runs, as it stands in the header of a proposal. Immutable.
///
/// @param user     empty for nobody
/// @param revision of the rights under which the user was found to be allowed; 0 for nobody
public record Identity(String user, long revision) {
    public static final Identity NOBODY = new Identity("", 0);

    /// The name of the user, and of the role, that may do everything.
    public static final String ROOT = "root";

    public static Identity of(RequestHeader header) {
        return header.getUsername().isEmpty() && header.getAuthRevision() == 0
                ? NOBODY
                : new Identity(header.getUsername(), header.getAuthRevision());
    }
}
