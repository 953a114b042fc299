package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// One moment of who may do what, and what an entry of the log needs, as etcd 3.3 judges it. Immutable.
///
/// @param revision rises with every change, but not when access control is turned on
/// @param users    and their roles
/// @param roles    and their permissions, by key, those of one key in the order of their granting
public record Access(
        boolean enabled,
        long revision,
        SortedMap<String, SortedSet<String>> users,
        SortedMap<String, List<Permission>> roles) {
    /// As a cluster begins.
    public static final Access NOBODY = new Access(false, 1, new TreeMap<>(), new TreeMap<>());

    /// The name of the user, and of the role, that may do everything.
    public static final String ROOT = "root";

    /// What a right is for.
    public enum Use {
        READ,
        WRITE
    }

    public Access {
        users = Collections.unmodifiableSortedMap(users);
        roles = Collections.unmodifiableSortedMap(roles);
    }

    // ---- what is allowed ----

    /// Whether all keys of a range are in the ranges that were granted, taken together. An inverted range
    /// counts as its first key; the empty key is in none.
    public static boolean covers(Collection<KeyRange> granted, KeyRange wanted) {
        var order = ByteString.unsignedLexicographicalComparator();
        var at = wanted.from();
        do {
            var next = next(granted, at);
            if (next == null || at.isEmpty()) {
                return false;
            }
            if (next.end() == null) {
                return true;
            }
            at = next.end();
        } while (wanted.end() == null || order.compare(at, wanted.end()) < 0);
        return true;
    }

    private static @Nullable KeyRange next(Collection<KeyRange> granted, ByteString at) {
        return granted.stream()
                .filter(range -> !range.from().isEmpty() && range.contains(at))
                .findAny()
                .orElse(null);
    }

    /// Whether an entry may be applied.
    ///
    /// @param keysOfLease what is attached to a lease
    public boolean allows(InternalRaftRequest request, LongFunction<? extends Collection<ByteString>> keysOfLease) {
        if (!enabled) {
            return true;
        }
        var who = request.getHeader();
        if (request.hasPut()) {
            var put = request.getPut();
            return mayWrite(who, put.getKey())
                    && (put.getLease() == 0 || mayWriteAll(who, keysOfLease.apply(put.getLease())))
                    && (!put.getPrevKv() || may(who, Use.READ, KeyRange.of(put.getKey(), ByteString.EMPTY)));
        }
        if (request.hasDeleteRange()) {
            return mayDelete(who, request.getDeleteRange());
        }
        if (request.hasTxn()) {
            return mayTxn(who, request.getTxn());
        }
        if (request.hasLeaseRevoke()) {
            return mayWriteAll(who, keysOfLease.apply(request.getLeaseRevoke().getID()));
        }
        if (request.hasAuthUserGet()) {
            return isRoot(who) || request.getAuthUserGet().getName().equals(who.getUsername());
        }
        if (request.hasAuthRoleGet()) {
            return isRoot(who)
                    || rolesOf(who.getUsername())
                            .contains(request.getAuthRoleGet().getRole());
        }
        return !isAboutAccounts(request) || request.hasAuthenticate() || isRoot(who);
    }

    /// Neither what its puts overwrite nor what it reads in its branches is looked at, nor transactions in it.
    private boolean mayTxn(RequestHeader who, TxnRequest txn) {
        var ops = new ArrayList<RequestOp>(txn.getSuccessList());
        ops.addAll(txn.getFailureList());
        return txn.getCompareList().stream()
                        .allMatch(compare -> may(who, Use.READ, KeyRange.of(compare.getKey(), compare.getRangeEnd())))
                && ops.stream().allMatch(op -> switch (op.getRequestCase()) {
                    case REQUEST_PUT -> mayWrite(who, op.getRequestPut().getKey());
                    case REQUEST_DELETE_RANGE -> mayDelete(who, op.getRequestDeleteRange());
                    case REQUEST_RANGE, REQUEST_TXN, REQUEST_NOT_SET -> true;
                });
    }

    private boolean mayDelete(RequestHeader who, DeleteRangeRequest delete) {
        var range = KeyRange.of(delete.getKey(), delete.getRangeEnd());
        return may(who, Use.WRITE, range) && (!delete.getPrevKv() || may(who, Use.READ, range));
    }

    private boolean mayWriteAll(RequestHeader who, Collection<ByteString> keys) {
        return keys.stream().allMatch(key -> mayWrite(who, key));
    }

    private boolean mayWrite(RequestHeader who, ByteString key) {
        return may(who, Use.WRITE, KeyRange.of(key, ByteString.EMPTY));
    }

    private boolean may(RequestHeader who, Use use, KeyRange range) {
        if (who.getAuthRevision() < revision) {
            return false;
        }
        var roleNames = rolesOf(who.getUsername());
        var granted = roleNames.stream()
                .flatMap(role -> roles.getOrDefault(role, List.of()).stream())
                .filter(permission -> isFor(permission, use))
                .map(permission -> KeyRange.of(permission.getKey(), permission.getRangeEnd()))
                .toList();
        return roleNames.contains(ROOT) || covers(granted, range);
    }

    /// Whether a permission is of any use for that.
    public static boolean isFor(Permission permission, Use use) {
        return switch (permission.getPermType()) {
            case READWRITE -> true;
            case READ -> use == Use.READ;
            case WRITE -> use == Use.WRITE;
            case UNRECOGNIZED -> false;
        };
    }

    private boolean isRoot(RequestHeader who) {
        return rolesOf(who.getUsername()).contains(ROOT);
    }

    private SortedSet<String> rolesOf(String user) {
        return users.getOrDefault(user, Collections.emptySortedSet());
    }

    // ---- what changes ----

    /// Whether a request is about users, roles, or access control as such.
    public static boolean isAboutAccounts(InternalRaftRequest request) {
        return request.getAllFields().keySet().stream()
                .anyMatch(field -> field.getName().startsWith("auth"));
    }

    /// What follows from a request that is allowed; the same when it changes nothing, for any reason.
    public Access after(InternalRaftRequest request) {
        if (request.hasAuthEnable()) {
            return rolesOf(ROOT).contains(ROOT) ? new Access(true, revision, users, roles) : this;
        }
        if (request.hasAuthDisable()) {
            return enabled ? new Access(false, revision + 1, users, roles) : this;
        }
        var changedUsers = copyOfUsers();
        var changedRoles = new TreeMap<String, List<Permission>>(roles);
        boolean changed = changeUsers(request, changedUsers) || changeRoles(request, changedUsers, changedRoles);
        return changed ? new Access(enabled, revision + 1, changedUsers, changedRoles) : this;
    }

    private SortedMap<String, SortedSet<String>> copyOfUsers() {
        var copy = new TreeMap<String, SortedSet<String>>();
        users.forEach((user, roleNames) -> copy.put(user, new TreeSet<>(roleNames)));
        return copy;
    }

    private boolean changeUsers(InternalRaftRequest request, SortedMap<String, SortedSet<String>> changed) {
        if (request.hasAuthUserAdd()) {
            var name = request.getAuthUserAdd().getName();
            return !name.isEmpty() && changed.putIfAbsent(name, new TreeSet<>()) == null;
        }
        if (request.hasAuthUserDelete()) {
            var name = request.getAuthUserDelete().getName();
            return !(enabled && name.equals(ROOT)) && changed.remove(name) != null;
        }
        if (request.hasAuthUserChangePassword()) {
            return changed.containsKey(request.getAuthUserChangePassword().getName());
        }
        if (request.hasAuthUserGrantRole()) {
            var grant = request.getAuthUserGrantRole();
            var roleNames = changed.get(grant.getUser());
            boolean isRole = grant.getRole().equals(ROOT) || roles.containsKey(grant.getRole());
            return roleNames != null && isRole && roleNames.add(grant.getRole());
        }
        if (request.hasAuthUserRevokeRole()) {
            var revoke = request.getAuthUserRevokeRole();
            boolean isRoots = revoke.getName().equals(ROOT) && revoke.getRole().equals(ROOT);
            var roleNames = changed.get(revoke.getName());
            return !(enabled && isRoots) && roleNames != null && roleNames.remove(revoke.getRole());
        }
        return false;
    }

    private boolean changeRoles(
            InternalRaftRequest request,
            SortedMap<String, SortedSet<String>> changedUsers,
            SortedMap<String, List<Permission>> changed) {
        if (request.hasAuthRoleAdd()) {
            var name = request.getAuthRoleAdd().getName();
            return !name.isEmpty() && changed.putIfAbsent(name, List.of()) == null;
        }
        if (request.hasAuthRoleDelete()) {
            var name = request.getAuthRoleDelete().getRole();
            if ((enabled && name.equals(ROOT)) || changed.remove(name) == null) {
                return false;
            }
            changedUsers.values().forEach(roleNames -> roleNames.remove(name));
            return true;
        }
        if (request.hasAuthRoleGrantPermission()) {
            var grant = request.getAuthRoleGrantPermission();
            var before = changed.get(grant.getName());
            if (before == null) {
                return false;
            }
            changed.put(grant.getName(), granted(before, grant.getPerm()));
            return true;
        }
        if (request.hasAuthRoleRevokePermission()) {
            var revoke = request.getAuthRoleRevokePermission();
            var before = changed.getOrDefault(revoke.getRole(), List.of());
            var rest = before.stream()
                    .filter(one -> !one.getKey().equals(revoke.getKey())
                            || !one.getRangeEnd().equals(revoke.getRangeEnd()))
                    .toList();
            return rest.size() < before.size() && changed.put(revoke.getRole(), rest) != null;
        }
        return false;
    }

    /// A grant replaces the first one of its key if that has the same range; otherwise it comes in addition.
    private static List<Permission> granted(List<Permission> before, Permission grant) {
        var order = ByteString.unsignedLexicographicalComparator();
        var after = new ArrayList<>(before);
        var first = before.stream()
                .filter(one -> order.compare(one.getKey(), grant.getKey()) >= 0)
                .findFirst()
                .orElse(null);
        if (first != null
                && first.getKey().equals(grant.getKey())
                && first.getRangeEnd().equals(grant.getRangeEnd())) {
            after.set(before.indexOf(first), grant);
        } else {
            long notAfter = before.stream()
                    .filter(one -> order.compare(one.getKey(), grant.getKey()) <= 0)
                    .count();
            after.add((int) notAfter, grant);
        }
        return List.copyOf(after);
    }
}
