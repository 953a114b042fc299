package dev.cetera.auth;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequestOrBuilder;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// What each request needs, and whether somebody has it: the one decision for every way into the keys. Null is
/// yes. Immutable.
///
/// There are two measures. [#door] is that of a member that decides for itself: everything that a request
/// could touch or show, at every depth, in both branches of a transaction. [#log] is that of an entry of the
/// log, which all members must judge alike: it leaves out what etcd 3.3 leaves out (transactions in
/// transactions, the earlier value and the lease of a put in a transaction) and the ranges of a transaction's
/// own branches, which members other than the proposer don't see.
public final class Authorization {
    /// How deep to look.
    private enum Measure {
        DOOR,
        LOG
    }

    private static final byte[] NO_END = {};

    private final Rights rights;
    private final Identity who;
    private final LongFunction<List<byte[]>> keysOfLease;
    private final Measure measure;

    private Authorization(Rights rights, Identity who, LongFunction<List<byte[]>> keysOfLease, Measure measure) {
        this.rights = rights;
        this.who = who;
        this.keysOfLease = keysOfLease;
        this.measure = measure;
    }

    /// The measure of a member that decides for itself.
    ///
    /// @param keysOfLease what is attached to a lease; nothing for a lease that there is not
    public static Authorization door(Rights rights, Identity who, LongFunction<List<byte[]>> keysOfLease) {
        return new Authorization(rights, who, keysOfLease, Measure.DOOR);
    }

    /// The measure of an entry of the log.
    ///
    /// @param keysOfLease as for [#door]
    public static Authorization log(Rights rights, Identity who, LongFunction<List<byte[]>> keysOfLease) {
        return new Authorization(rights, who, keysOfLease, Measure.LOG);
    }

    // ---- entries ----

    /// Whether [#log] looks at who asks, and so at whether the rights have changed since the door let it in.
    /// It does for whatever changes a key itself; it does not for a transaction which leaves that to
    /// transactions in it and compares nothing.
    public static boolean isLookedAtInTheLog(InternalRaftRequestOrBuilder request) {
        return !request.hasTxn()
                || request.getTxn().getCompareCount() > 0
                || changesKeys(request.getTxn().getSuccessList())
                || changesKeys(request.getTxn().getFailureList());
    }

    private static boolean changesKeys(List<RequestOp> ops) {
        return ops.stream().anyMatch(op -> op.hasRequestPut() || op.hasRequestDeleteRange());
    }

    /// Whether a request of the log may be applied; also whether one may be proposed that asks for nothing
    /// beyond its own fields.
    public @Nullable Refusal request(InternalRaftRequestOrBuilder request) {
        if (!rights.enabled()) {
            return null;
        }
        if (request.hasPut()) {
            return put(request.getPut());
        }
        if (request.hasTxn()) {
            return txn(request.getTxn());
        }
        if (request.hasDeleteRange()) {
            return delete(request.getDeleteRange());
        }
        if (request.hasRange()) {
            return range(request.getRange());
        }
        if (request.hasLeaseRevoke()) {
            return measure == Measure.DOOR
                    ? leaseRevoke(request.getLeaseRevoke().getID())
                    : lease(request.getLeaseRevoke().getID());
        }
        if (request.hasAuthUserGet()) {
            return unlessOwn(request.getAuthUserGet().getName().equals(who.user()));
        }
        if (request.hasAuthRoleGet()) {
            return unlessOwn(rights.hasRole(who.user(), request.getAuthRoleGet().getRole()));
        }
        if (isAdministration(request)) {
            return rights.isRoot(who);
        }
        return measure == Measure.DOOR ? demandedHere(request) : null;
    }

    /// What etcd 3.3 lets anybody do, and its later releases don't.
    private @Nullable Refusal demandedHere(InternalRaftRequestOrBuilder request) {
        if (request.hasCompaction()) {
            return rights.isRoot(who);
        }
        if (request.hasAlarm()) {
            return request.getAlarm().getAction() == AlarmAction.GET ? somebody() : rights.isRoot(who);
        }
        return request.hasLeaseGrant() ? somebody() : null;
    }

    private @Nullable Refusal unlessOwn(boolean own) {
        var refusal = rights.isRoot(who);
        return refusal != null && own ? null : refusal;
    }

    /// Whether it changes or lists users and roles, or turns access control on or off.
    private static boolean isAdministration(InternalRaftRequestOrBuilder request) {
        return request.hasAuthEnable()
                || request.hasAuthDisable()
                || request.hasAuthUserAdd()
                || request.hasAuthUserDelete()
                || request.hasAuthUserChangePassword()
                || request.hasAuthUserGrantRole()
                || request.hasAuthUserRevokeRole()
                || request.hasAuthUserList()
                || request.hasAuthRoleAdd()
                || request.hasAuthRoleDelete()
                || request.hasAuthRoleGrantPermission()
                || request.hasAuthRoleRevokePermission()
                || request.hasAuthRoleList();
    }

    // ---- keys ----

    /// Whether such a request may be carried out.
    public @Nullable Refusal range(RangeRequest range) {
        return read(range.getKey(), range.getRangeEnd());
    }

    /// Whether such a request may be carried out.
    public @Nullable Refusal put(PutRequest put) {
        var refusal = write(put.getKey(), ByteString.EMPTY);
        if (refusal == null) {
            refusal = put.getLease() == 0 ? null : lease(put.getLease());
        }
        if (refusal == null && put.getPrevKv()) {
            refusal = read(put.getKey(), ByteString.EMPTY);
        }
        return refusal;
    }

    /// Whether such a request may be carried out.
    public @Nullable Refusal delete(DeleteRangeRequest delete) {
        var refusal = write(delete.getKey(), delete.getRangeEnd());
        if (refusal == null && delete.getPrevKv()) {
            refusal = read(delete.getKey(), delete.getRangeEnd());
        }
        return refusal;
    }

    /// Whether such a request may be carried out.
    public @Nullable Refusal txn(TxnRequest txn) {
        if (!rights.enabled()) {
            return null;
        }
        for (var compare : txn.getCompareList()) {
            var refusal = read(compare.getKey(), compare.getRangeEnd());
            if (refusal != null) {
                return refusal;
            }
        }
        var refusal = branch(txn.getSuccessList());
        return refusal != null ? refusal : branch(txn.getFailureList());
    }

    private @Nullable Refusal branch(List<RequestOp> ops) {
        for (var op : ops) {
            var refusal = switch (op.getRequestCase()) {
                case REQUEST_RANGE -> measure == Measure.DOOR ? range(op.getRequestRange()) : null;
                case REQUEST_PUT ->
                    measure == Measure.DOOR
                            ? put(op.getRequestPut())
                            : write(op.getRequestPut().getKey(), ByteString.EMPTY);
                case REQUEST_DELETE_RANGE -> delete(op.getRequestDeleteRange());
                case REQUEST_TXN -> measure == Measure.DOOR ? txn(op.getRequestTxn()) : null;
                case REQUEST_NOT_SET -> null;
            };
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /// Whoever watches keys reads them.
    public @Nullable Refusal watch(byte[] key, byte[] end) {
        return rights.mayRead(who, key, end);
    }

    // ---- leases ----

    private @Nullable Refusal leaseRevoke(long id) {
        var refusal = somebody();
        return refusal != null ? refusal : lease(id);
    }

    /// Whoever keeps a lease alive keeps its keys.
    public @Nullable Refusal leaseRenew(long id) {
        return leaseRevoke(id);
    }

    /// Whether these keys, which hang on leases, may be shown.
    public @Nullable Refusal leasedKeys(Iterable<byte[]> keys) {
        var refusal = somebody();
        if (refusal == null && rights.enabled()) {
            for (var key : keys) {
                refusal = rights.mayRead(who, key, NO_END);
                if (refusal != null) {
                    return refusal;
                }
            }
        }
        return refusal;
    }

    /// Whoever revokes a lease, or hangs a key on it, has all its keys in hand.
    public @Nullable Refusal lease(long id) {
        if (!rights.enabled()) {
            return null;
        }
        for (var key : keysOfLease.apply(id)) {
            var refusal = rights.mayWrite(who, key, NO_END);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    // ---- anything else ----

    /// What only a user with the root role may do.
    public @Nullable Refusal root() {
        return rights.isRoot(who);
    }

    /// What any user may do, but not nobody.
    public @Nullable Refusal somebody() {
        return rights.isSomebody(who);
    }

    private @Nullable Refusal read(ByteString key, ByteString end) {
        return rights.enabled() ? rights.mayRead(who, key.toByteArray(), end.toByteArray()) : null;
    }

    private @Nullable Refusal write(ByteString key, ByteString end) {
        return rights.enabled() ? rights.mayWrite(who, key.toByteArray(), end.toByteArray()) : null;
    }
}
