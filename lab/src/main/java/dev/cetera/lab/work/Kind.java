package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;

/// What clients do.
public enum Kind {
    PUT,
    DELETE,
    TXN,
    /// A read of a counter and a transaction that raises it by one, unless it has changed since.
    COUNT,
    RANGE,
    COMPACT,
    GRANT,
    /// Renewals over a stream, for a while.
    KEEP_ALIVE,
    TIME_TO_LIVE,
    LEASES,
    REVOKE,

    STATUS,
    HASH_KV,
    ALARM,
    DEFRAGMENT,
    SNAPSHOT,
    MOVE_LEADER,

    /// Anything about users, roles, permissions and tokens.
    ACCOUNT;

    /// What a request is an example of; a count shows as its range and its transaction.
    ///
    /// @throws IllegalArgumentException for a request that no workload makes
    public static Kind of(Message request) {
        return switch (request) {
            case PutRequest _ -> PUT;
            case DeleteRangeRequest _ -> DELETE;
            case TxnRequest _ -> TXN;
            case RangeRequest _ -> RANGE;
            case CompactionRequest _ -> COMPACT;
            case LeaseGrantRequest _ -> GRANT;
            case LeaseKeepAliveRequest _ -> KEEP_ALIVE;
            case LeaseTimeToLiveRequest _ -> TIME_TO_LIVE;
            case LeaseLeasesRequest _ -> LEASES;
            case LeaseRevokeRequest _ -> REVOKE;
            case StatusRequest _ -> STATUS;
            case HashKVRequest _ -> HASH_KV;
            case AlarmRequest _ -> ALARM;
            case DefragmentRequest _ -> DEFRAGMENT;
            case SnapshotRequest _ -> SNAPSHOT;
            case MoveLeaderRequest _ -> MOVE_LEADER;
            case Message account when account.getDescriptorForType().getName().startsWith("Auth") -> ACCOUNT;
            default -> throw new IllegalArgumentException("not a client's request: " + request);
        };
    }
}
