package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.logs.Log;
import org.jspecify.annotations.Nullable;

/// The lines about users and roles, as etcd writes them; never a password.
final class AuthLog {
    private static final Log LOG = Log.of("auth");

    private AuthLog() {}

    static void applied(InternalRaftRequest request, Outcome<? extends Message> outcome) {
        var line = outcome instanceof Outcome.Done ? line(request) : null;
        if (line != null) {
            LOG.notice(line);
        }
    }

    private static @Nullable String line(InternalRaftRequest request) {
        if (request.hasAuthEnable()) {
            return "Authentication enabled";
        }
        if (request.hasAuthDisable()) {
            return "Authentication disabled";
        }
        if (request.hasAuthUserAdd()) {
            return "added a new user: " + request.getAuthUserAdd().getName();
        }
        if (request.hasAuthUserDelete()) {
            return "deleted a user: " + request.getAuthUserDelete().getName();
        }
        if (request.hasAuthUserChangePassword()) {
            return "changed a password of a user: "
                    + request.getAuthUserChangePassword().getName();
        }
        if (request.hasAuthUserGrantRole()) {
            var grant = request.getAuthUserGrantRole();
            return "granted role " + grant.getRole() + " to user " + grant.getUser();
        }
        if (request.hasAuthUserRevokeRole()) {
            var revoke = request.getAuthUserRevokeRole();
            return "revoked role " + revoke.getRole() + " from user " + revoke.getName();
        }
        if (request.hasAuthRoleAdd()) {
            return "Role " + request.getAuthRoleAdd().getName() + " is created";
        }
        if (request.hasAuthRoleDelete()) {
            return "deleted role " + request.getAuthRoleDelete().getRole();
        }
        if (request.hasAuthRoleGrantPermission()) {
            var grant = request.getAuthRoleGrantPermission();
            return "role " + grant.getName() + "'s permission of key "
                    + grant.getPerm().getKey().toStringUtf8() + " is updated as "
                    + grant.getPerm().getPermType();
        }
        if (request.hasAuthRoleRevokePermission()) {
            var revoke = request.getAuthRoleRevokePermission();
            return "revoked key " + revoke.getKey().toStringUtf8() + " from role " + revoke.getRole();
        }
        return null;
    }
}
