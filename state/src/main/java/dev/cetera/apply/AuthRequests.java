package dev.cetera.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthDisableResponse;
import dev.cetera.api.etcdserverpb.AuthEnableResponse;
import dev.cetera.api.etcdserverpb.AuthRoleAddResponse;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteResponse;
import dev.cetera.api.etcdserverpb.AuthRoleGetResponse;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import dev.cetera.api.etcdserverpb.AuthRoleListResponse;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddResponse;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordResponse;
import dev.cetera.api.etcdserverpb.AuthUserDeleteResponse;
import dev.cetera.api.etcdserverpb.AuthUserGetResponse;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleResponse;
import dev.cetera.api.etcdserverpb.AuthUserListResponse;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleResponse;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalAuthenticateRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.auth.Accounts;
import dev.cetera.auth.Hashing;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What the log asks of users and roles. Confined to the applier.
final class AuthRequests {
    private final Accounts accounts;
    private final Hashing hashing;

    AuthRequests(Accounts accounts, Hashing hashing) {
        this.accounts = accounts;
        this.hashing = hashing;
    }

    /// What comes of a request; null when it is about something else.
    ///
    /// @param index of its entry, which becomes part of a token
    @Nullable
    Outcome<? extends Message> apply(InternalRaftRequest request, long index) {
        if (request.hasAuthenticate()) {
            return authenticate(request.getAuthenticate(), index);
        }
        if (request.hasAuthEnable()) {
            return outcome(accounts.enable(), AuthEnableResponse.getDefaultInstance());
        }
        if (request.hasAuthDisable()) {
            accounts.disable();
            return new Outcome.Done<>(AuthDisableResponse.getDefaultInstance());
        }
        var outcome = users(request);
        return outcome != null ? outcome : roles(request);
    }

    private @Nullable Outcome<? extends Message> users(InternalRaftRequest request) {
        if (request.hasAuthUserAdd()) {
            return add(request.getAuthUserAdd());
        }
        if (request.hasAuthUserDelete()) {
            var refusal = accounts.deleteUser(request.getAuthUserDelete().getName());
            return outcome(refusal, AuthUserDeleteResponse.getDefaultInstance());
        }
        if (request.hasAuthUserChangePassword()) {
            return changePassword(request.getAuthUserChangePassword());
        }
        if (request.hasAuthUserGrantRole()) {
            var grant = request.getAuthUserGrantRole();
            return outcome(
                    accounts.grantRole(grant.getUser(), grant.getRole()),
                    AuthUserGrantRoleResponse.getDefaultInstance());
        }
        if (request.hasAuthUserRevokeRole()) {
            var revoke = request.getAuthUserRevokeRole();
            return outcome(
                    accounts.revokeRole(revoke.getName(), revoke.getRole()),
                    AuthUserRevokeRoleResponse.getDefaultInstance());
        }
        if (request.hasAuthUserGet()) {
            var roles = accounts.rolesOf(request.getAuthUserGet().getName());
            return roles == null
                    ? new Outcome.Refused<>(Refusal.USER_NOT_FOUND)
                    : new Outcome.Done<>(
                            AuthUserGetResponse.newBuilder().addAllRoles(roles).build());
        }
        if (request.hasAuthUserList()) {
            return new Outcome.Done<>(AuthUserListResponse.newBuilder()
                    .addAllUsers(accounts.userNames())
                    .build());
        }
        return null;
    }

    private @Nullable Outcome<? extends Message> roles(InternalRaftRequest request) {
        if (request.hasAuthRoleAdd()) {
            var refusal = accounts.addRole(request.getAuthRoleAdd().getName());
            return outcome(refusal, AuthRoleAddResponse.getDefaultInstance());
        }
        if (request.hasAuthRoleDelete()) {
            var refusal = accounts.deleteRole(request.getAuthRoleDelete().getRole());
            return outcome(refusal, AuthRoleDeleteResponse.getDefaultInstance());
        }
        if (request.hasAuthRoleGrantPermission()) {
            return grant(request.getAuthRoleGrantPermission());
        }
        if (request.hasAuthRoleRevokePermission()) {
            var revoke = request.getAuthRoleRevokePermission();
            return outcome(
                    accounts.revokePermission(revoke.getRole(), revoke.getKey(), revoke.getRangeEnd()),
                    AuthRoleRevokePermissionResponse.getDefaultInstance());
        }
        if (request.hasAuthRoleGet()) {
            var permissions = accounts.permissionsOf(request.getAuthRoleGet().getRole());
            return permissions == null
                    ? new Outcome.Refused<>(Refusal.ROLE_NOT_FOUND)
                    : new Outcome.Done<>(AuthRoleGetResponse.newBuilder()
                            .addAllPerm(permissions)
                            .build());
        }
        if (request.hasAuthRoleList()) {
            return new Outcome.Done<>(AuthRoleListResponse.newBuilder()
                    .addAllRoles(accounts.roleNames())
                    .build());
        }
        return null;
    }

    private static <T extends Message> Outcome<T> outcome(@Nullable Refusal refusal, T response) {
        return refusal != null ? new Outcome.Refused<>(refusal) : new Outcome.Done<>(response);
    }

    /// With tokens that are kept, all members give the same: what the proposer drew, and the entry's index.
    private Outcome<AuthenticateResponse> authenticate(InternalAuthenticateRequest request, long index) {
        var drawn = request.getSimpleToken();
        var token = drawn.isEmpty() ? "" : drawn + "." + Long.toUnsignedString(index);
        return outcome(
                accounts.authenticate(request.getName(), token),
                AuthenticateResponse.newBuilder().setToken(token).build());
    }

    private Outcome<AuthUserAddResponse> add(AuthUserAddRequest request) {
        var refusal = accounts.refusesUser(request.getName());
        if (refusal == null) {
            refusal = accounts.addUser(request.getName(), hash(request.getPassword(), request.getHashedPassword()));
        }
        return outcome(refusal, AuthUserAddResponse.getDefaultInstance());
    }

    private Outcome<AuthUserChangePasswordResponse> changePassword(AuthUserChangePasswordRequest request) {
        var refusal = accounts.rolesOf(request.getName()) == null ? Refusal.USER_NOT_FOUND : null;
        if (refusal == null) {
            var hash = hash(request.getPassword(), request.getHashedPassword());
            refusal = accounts.changePassword(request.getName(), hash);
        }
        return outcome(refusal, AuthUserChangePasswordResponse.getDefaultInstance());
    }

    /// Members of etcd 3.3 propose passwords as they are, and each member hashes for itself.
    private ByteString hash(String password, String hashed) {
        if (hashed.isEmpty()) {
            return hashing.hash(password);
        }
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(hashed));
        } catch (IllegalArgumentException _) {
            return ByteString.EMPTY; // no password fits it, on no member
        }
    }

    private Outcome<AuthRoleGrantPermissionResponse> grant(AuthRoleGrantPermissionRequest request) {
        return outcome(
                accounts.grantPermission(request.getName(), request.hasPerm() ? request.getPerm() : null),
                AuthRoleGrantPermissionResponse.getDefaultInstance());
    }
}
