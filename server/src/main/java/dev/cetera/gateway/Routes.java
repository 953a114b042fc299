package dev.cetera.gateway;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.v3electionpb.ElectionGrpc;
import dev.cetera.api.v3lockpb.LockGrpc;
import io.grpc.MethodDescriptor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the gateway serves, by path. Immutable.
final class Routes {
    private static final String BETA = "/v3beta/";
    private static final String ALPHA = "/v3alpha/";
    private static final String V3 = "/v3/";

    private static final Map<String, Route<?>> ALL = new Table().all();

    private Routes() {}

    /// Whether a path is the gateway's, be there a method behind it or not.
    static boolean covers(String path) {
        return path.startsWith(BETA) || path.startsWith(ALPHA) || path.startsWith(V3);
    }

    /// Where the gateway is, for who calls it by its bare name; null for other paths.
    static @Nullable String moved(String path) {
        return path.equals("/v3beta") || path.equals("/v3") ? path + "/" : null;
    }

    static @Nullable Route<?> at(String path) {
        return ALL.get(path.startsWith(ALPHA) ? BETA + path.substring(ALPHA.length()) : path);
    }

    static Map<String, Route<?>> all() {
        return ALL;
    }

    private static final class Table {
        private final Map<String, Route<?>> routes = new HashMap<>();

        Map<String, Route<?>> all() {
            kv();
            leases();
            cluster();
            auth();
            concurrency();
            return Map.copyOf(routes);
        }

        private <Q extends Message, A extends Message> void both(String path, MethodDescriptor<Q, A> method) {
            routes.put(BETA + path, Route.to(method, Dialect.V3_3));
            later(path, method);
        }

        private <Q extends Message, A extends Message> void later(String path, MethodDescriptor<Q, A> method) {
            routes.put(V3 + path, Route.to(method, Dialect.V3_4));
        }

        private void kv() {
            both("kv/range", KVGrpc.getRangeMethod());
            both("kv/put", KVGrpc.getPutMethod());
            both("kv/deleterange", KVGrpc.getDeleteRangeMethod());
            both("kv/txn", KVGrpc.getTxnMethod());
            both("kv/compaction", KVGrpc.getCompactMethod());
            both("watch", WatchGrpc.getWatchMethod());
        }

        private void leases() {
            both("lease/grant", LeaseGrpc.getLeaseGrantMethod());
            both("lease/keepalive", LeaseGrpc.getLeaseKeepAliveMethod());
            both("kv/lease/revoke", LeaseGrpc.getLeaseRevokeMethod());
            both("kv/lease/timetolive", LeaseGrpc.getLeaseTimeToLiveMethod());
            both("kv/lease/leases", LeaseGrpc.getLeaseLeasesMethod());
            later("lease/revoke", LeaseGrpc.getLeaseRevokeMethod());
            later("lease/timetolive", LeaseGrpc.getLeaseTimeToLiveMethod());
            later("lease/leases", LeaseGrpc.getLeaseLeasesMethod());
        }

        private void cluster() {
            both("cluster/member/add", ClusterGrpc.getMemberAddMethod());
            both("cluster/member/remove", ClusterGrpc.getMemberRemoveMethod());
            both("cluster/member/update", ClusterGrpc.getMemberUpdateMethod());
            both("cluster/member/list", ClusterGrpc.getMemberListMethod());
            later("cluster/member/promote", ClusterGrpc.getMemberPromoteMethod());
            both("maintenance/alarm", MaintenanceGrpc.getAlarmMethod());
            both("maintenance/status", MaintenanceGrpc.getStatusMethod());
            both("maintenance/defragment", MaintenanceGrpc.getDefragmentMethod());
            both("maintenance/hash", MaintenanceGrpc.getHashMethod());
            both("maintenance/snapshot", MaintenanceGrpc.getSnapshotMethod());
            both("maintenance/transfer-leadership", MaintenanceGrpc.getMoveLeaderMethod());
        }

        private void auth() {
            both("auth/enable", AuthGrpc.getAuthEnableMethod());
            both("auth/disable", AuthGrpc.getAuthDisableMethod());
            both("auth/authenticate", AuthGrpc.getAuthenticateMethod());
            both("auth/user/add", AuthGrpc.getUserAddMethod());
            both("auth/user/get", AuthGrpc.getUserGetMethod());
            both("auth/user/list", AuthGrpc.getUserListMethod());
            both("auth/user/delete", AuthGrpc.getUserDeleteMethod());
            both("auth/user/changepw", AuthGrpc.getUserChangePasswordMethod());
            both("auth/user/grant", AuthGrpc.getUserGrantRoleMethod());
            both("auth/user/revoke", AuthGrpc.getUserRevokeRoleMethod());
            both("auth/role/add", AuthGrpc.getRoleAddMethod());
            both("auth/role/get", AuthGrpc.getRoleGetMethod());
            both("auth/role/list", AuthGrpc.getRoleListMethod());
            both("auth/role/delete", AuthGrpc.getRoleDeleteMethod());
            both("auth/role/grant", AuthGrpc.getRoleGrantPermissionMethod());
            both("auth/role/revoke", AuthGrpc.getRoleRevokePermissionMethod());
        }

        private void concurrency() {
            both("lock/lock", LockGrpc.getLockMethod());
            both("lock/unlock", LockGrpc.getUnlockMethod());
            both("election/campaign", ElectionGrpc.getCampaignMethod());
            both("election/proclaim", ElectionGrpc.getProclaimMethod());
            both("election/leader", ElectionGrpc.getLeaderMethod());
            both("election/observe", ElectionGrpc.getObserveMethod());
            both("election/resign", ElectionGrpc.getResignMethod());
        }
    }
}
