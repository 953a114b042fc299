package dev.cetera.client;

/// What every answer says about who gave it.
///
/// @param clusterId unsigned
/// @param memberId unsigned
/// @param revision of the store when the member answered, or the one that the request made; 0 where an answer
///     has none
public record Header(long clusterId, long memberId, long revision, long raftTerm) {
    static final Header NONE = new Header(0, 0, 0, 0);
}
