package dev.cetera.rpc;

import static java.util.Map.entry;

import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.Set;

/// When a method's caller is asked for a name. A method that is not listed is not served: whoever adds one has
/// to say.
enum Asking {
    /// A token is looked at always: one that is not good is refused even while access control is off, as in
    /// etcd.
    ALWAYS,
    /// As [#ALWAYS], and refused in the words of the maintenance service.
    RAW,
    /// Only while access control is on.
    WHEN_ON,
    /// With each request of the call, by the service itself.
    LATER,
    /// The method tells nothing that anybody may not know, or asks by itself.
    NEVER;

    private static final String PACKAGE = "etcdserverpb.";

    private static final Map<String, Asking> OF_METHODS = Map.ofEntries(
            entry("KV/Range", ALWAYS),
            entry("KV/RangeStream", ALWAYS),
            entry("KV/Put", ALWAYS),
            entry("KV/DeleteRange", ALWAYS),
            entry("KV/Txn", ALWAYS),
            entry("KV/Compact", ALWAYS),
            entry("Watch/Watch", LATER),
            entry("Lease/LeaseGrant", ALWAYS),
            entry("Lease/LeaseRevoke", ALWAYS),
            entry("Lease/LeaseKeepAlive", WHEN_ON),
            entry("Lease/LeaseTimeToLive", WHEN_ON),
            entry("Lease/LeaseLeases", WHEN_ON),
            entry("Cluster/MemberAdd", ALWAYS),
            entry("Cluster/MemberRemove", ALWAYS),
            entry("Cluster/MemberUpdate", ALWAYS),
            entry("Cluster/MemberList", NEVER),
            entry("Cluster/MemberPromote", ALWAYS),
            entry("Maintenance/Alarm", RAW),
            entry("Maintenance/Status", NEVER),
            entry("Maintenance/Defragment", RAW),
            entry("Maintenance/Hash", RAW),
            entry("Maintenance/HashKV", RAW),
            entry("Maintenance/Snapshot", RAW),
            entry("Maintenance/MoveLeader", WHEN_ON),
            entry("Auth/AuthEnable", ALWAYS),
            entry("Auth/AuthDisable", ALWAYS),
            entry("Auth/Authenticate", NEVER),
            entry("Auth/UserAdd", ALWAYS),
            entry("Auth/UserGet", ALWAYS),
            entry("Auth/UserList", ALWAYS),
            entry("Auth/UserDelete", ALWAYS),
            entry("Auth/UserChangePassword", ALWAYS),
            entry("Auth/UserGrantRole", ALWAYS),
            entry("Auth/UserRevokeRole", ALWAYS),
            entry("Auth/RoleAdd", ALWAYS),
            entry("Auth/RoleGet", ALWAYS),
            entry("Auth/RoleList", ALWAYS),
            entry("Auth/RoleDelete", ALWAYS),
            entry("Auth/RoleGrantPermission", ALWAYS),
            entry("Auth/RoleRevokePermission", ALWAYS));

    /// Services that ask nobody: what they do with keys they do through the others, on the caller's account.
    private static final Set<String> OPEN_SERVICES = Set.of(
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "v3lockpb.Lock",
            "v3electionpb.Election");

    boolean onlyWhenOn() {
        return this == WHEN_ON;
    }

    static Asking of(MethodDescriptor<?, ?> method) {
        if (OPEN_SERVICES.contains(method.getServiceName())) {
            return NEVER;
        }
        var name = method.getFullMethodName();
        var asking = name.startsWith(PACKAGE) ? OF_METHODS.get(name.substring(PACKAGE.length())) : null;
        if (asking == null) {
            throw new IllegalStateException("nobody has said when " + name + " asks who calls it");
        }
        return asking;
    }
}
