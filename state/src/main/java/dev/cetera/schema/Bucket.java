package dev.cetera.schema;

import java.nio.charset.StandardCharsets;

/// The buckets of etcd's backend, in the order they have in the file. All ten exist from the first start on.
public enum Bucket {
    /// AlarmMember bytes as key, nothing as value.
    ALARM("alarm"),
    /// `authEnabled`, `authRevision`.
    AUTH("auth"),
    /// Role name to authpb.Role.
    AUTH_ROLES("authRoles"),
    /// User name to authpb.User.
    AUTH_USERS("authUsers"),
    /// `clusterVersion`.
    CLUSTER("cluster"),
    /// [Revision] to [KeyValue]: every version of every key.
    KEY("key"),
    /// Lease id, 8 bytes big-endian, to leasepb.Lease.
    LEASE("lease"),
    /// Member id in hex to JSON; written for later releases, never read.
    MEMBERS("members"),
    /// Member id in hex to `removed`.
    MEMBERS_REMOVED("members_removed"),
    /// `consistent_index`, `scheduledCompactRev`, `finishedCompactRev`.
    META("meta");

    private final String text;

    Bucket(String text) {
        this.text = text;
    }

    /// The name in the file; a new array each time.
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
