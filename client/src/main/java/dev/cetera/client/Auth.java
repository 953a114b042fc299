package dev.cetera.client;

import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Users, roles, and what they may do. Blocking, as [KV] is.
public final class Auth {
    private final Calls calls;

    Auth(Calls calls) {
        this.calls = calls;
    }

    /// It is done.
    public record DoneResponse(Header header) {}

    /// A user's roles.
    public record UserResponse(Header header, List<String> roles) {
        public UserResponse {
            roles = List.copyOf(roles);
        }
    }

    /// Names of users, or of roles.
    public record NamesResponse(Header header, List<String> names) {
        public NamesResponse {
            names = List.copyOf(names);
        }
    }

    /// What a role may do.
    public record RoleResponse(Header header, List<Permission> permissions) {
        public RoleResponse {
            permissions = List.copyOf(permissions);
        }
    }

    /// Some keys, and what may be done with them.
    public record Permission(Access access, KeyRange keys) {}

    /// What may be done.
    public enum Access {
        READ,
        WRITE,
        READ_WRITE
    }

    public Async async() {
        return new Async();
    }

    public Auth within(Duration timeout) {
        return new Auth(calls.within(timeout));
    }

    /// All requests need a user with rights from now on; there must be a user `root` with the role `root`.
    public DoneResponse enable() {
        return Calls.await(async().enable());
    }

    public DoneResponse disable() {
        return Calls.await(async().disable());
    }

    public DoneResponse addUser(String name, String password) {
        return Calls.await(async().addUser(name, password));
    }

    public UserResponse user(String name) {
        return Calls.await(async().user(name));
    }

    public NamesResponse users() {
        return Calls.await(async().users());
    }

    public DoneResponse deleteUser(String name) {
        return Calls.await(async().deleteUser(name));
    }

    public DoneResponse changePassword(String name, String password) {
        return Calls.await(async().changePassword(name, password));
    }

    public DoneResponse grantRole(String user, String role) {
        return Calls.await(async().grantRole(user, role));
    }

    public DoneResponse revokeRole(String user, String role) {
        return Calls.await(async().revokeRole(user, role));
    }

    public DoneResponse addRole(String name) {
        return Calls.await(async().addRole(name));
    }

    public RoleResponse role(String name) {
        return Calls.await(async().role(name));
    }

    public NamesResponse roles() {
        return Calls.await(async().roles());
    }

    public DoneResponse deleteRole(String name) {
        return Calls.await(async().deleteRole(name));
    }

    public DoneResponse grantPermission(String role, Permission permission) {
        return Calls.await(async().grantPermission(role, permission));
    }

    public DoneResponse revokePermission(String role, KeyRange keys) {
        return Calls.await(async().revokePermission(role, keys));
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<DoneResponse> enable() {
            return calls.call(
                    AuthGrpc.getAuthEnableMethod(),
                    AuthEnableRequest.getDefaultInstance(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> disable() {
            return calls.call(
                    AuthGrpc.getAuthDisableMethod(),
                    AuthDisableRequest.getDefaultInstance(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> addUser(String name, String password) {
            return calls.call(
                    AuthGrpc.getUserAddMethod(),
                    AuthUserAddRequest.newBuilder()
                            .setName(name)
                            .setPassword(password)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<UserResponse> user(String name) {
            return calls.call(
                    AuthGrpc.getUserGetMethod(),
                    AuthUserGetRequest.newBuilder().setName(name).build(),
                    Repeat.ALWAYS,
                    answer -> new UserResponse(Protos.header(answer.getHeader()), answer.getRolesList()));
        }

        public CompletableFuture<NamesResponse> users() {
            return calls.call(
                    AuthGrpc.getUserListMethod(),
                    AuthUserListRequest.getDefaultInstance(),
                    Repeat.ALWAYS,
                    answer -> new NamesResponse(Protos.header(answer.getHeader()), answer.getUsersList()));
        }

        public CompletableFuture<DoneResponse> deleteUser(String name) {
            return calls.call(
                    AuthGrpc.getUserDeleteMethod(),
                    AuthUserDeleteRequest.newBuilder().setName(name).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> changePassword(String name, String password) {
            return calls.call(
                    AuthGrpc.getUserChangePasswordMethod(),
                    AuthUserChangePasswordRequest.newBuilder()
                            .setName(name)
                            .setPassword(password)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> grantRole(String user, String role) {
            return calls.call(
                    AuthGrpc.getUserGrantRoleMethod(),
                    AuthUserGrantRoleRequest.newBuilder()
                            .setUser(user)
                            .setRole(role)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> revokeRole(String user, String role) {
            return calls.call(
                    AuthGrpc.getUserRevokeRoleMethod(),
                    AuthUserRevokeRoleRequest.newBuilder()
                            .setName(user)
                            .setRole(role)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> addRole(String name) {
            return calls.call(
                    AuthGrpc.getRoleAddMethod(),
                    AuthRoleAddRequest.newBuilder().setName(name).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<RoleResponse> role(String name) {
            return calls.call(
                    AuthGrpc.getRoleGetMethod(),
                    AuthRoleGetRequest.newBuilder().setRole(name).build(),
                    Repeat.ALWAYS,
                    answer -> new RoleResponse(
                            Protos.header(answer.getHeader()),
                            answer.getPermList().stream().map(Auth::permission).toList()));
        }

        public CompletableFuture<NamesResponse> roles() {
            return calls.call(
                    AuthGrpc.getRoleListMethod(),
                    AuthRoleListRequest.getDefaultInstance(),
                    Repeat.ALWAYS,
                    answer -> new NamesResponse(Protos.header(answer.getHeader()), answer.getRolesList()));
        }

        public CompletableFuture<DoneResponse> deleteRole(String name) {
            return calls.call(
                    AuthGrpc.getRoleDeleteMethod(),
                    AuthRoleDeleteRequest.newBuilder().setRole(name).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> grantPermission(String role, Permission permission) {
            return calls.call(
                    AuthGrpc.getRoleGrantPermissionMethod(),
                    AuthRoleGrantPermissionRequest.newBuilder()
                            .setName(role)
                            .setPerm(message(permission))
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<DoneResponse> revokePermission(String role, KeyRange keys) {
            return calls.call(
                    AuthGrpc.getRoleRevokePermissionMethod(),
                    AuthRoleRevokePermissionRequest.newBuilder()
                            .setRole(role)
                            .setKey(keys.key().content())
                            .setRangeEnd(keys.end().content())
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new DoneResponse(Protos.header(answer.getHeader())));
        }
    }

    private static dev.cetera.api.authpb.Permission message(Permission permission) {
        return dev.cetera.api.authpb.Permission.newBuilder()
                .setPermType(
                        switch (permission.access()) {
                            case READ -> dev.cetera.api.authpb.Permission.Type.READ;
                            case WRITE -> dev.cetera.api.authpb.Permission.Type.WRITE;
                            case READ_WRITE -> dev.cetera.api.authpb.Permission.Type.READWRITE;
                        })
                .setKey(permission.keys().key().content())
                .setRangeEnd(permission.keys().end().content())
                .build();
    }

    private static Permission permission(dev.cetera.api.authpb.Permission message) {
        var access = switch (message.getPermType()) {
            case WRITE -> Access.WRITE;
            case READWRITE -> Access.READ_WRITE;
            case READ, UNRECOGNIZED -> Access.READ;
        };
        return new Permission(access, new KeyRange(new Key(message.getKey()), new Key(message.getRangeEnd())));
    }
}
