package dev.cetera.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthDisableResponse;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableResponse;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleAddResponse;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteResponse;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetResponse;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import dev.cetera.api.etcdserverpb.AuthRoleListRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListResponse;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddResponse;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordResponse;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteResponse;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetResponse;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleResponse;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserListResponse;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleResponse;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import java.util.function.BiFunction;

/// Users, roles, permissions, and tokens for passwords. All but the last are asked for as entries of the log
/// name them. Shared.
final class AuthService {
    private final Node member;
    private final Headers headers;
    private final RpcLimits limits;

    AuthService(Node node, RpcLimits limits) {
        this.member = node;
        this.headers = new Headers(node);
        this.limits = limits;
    }

    /// Puts a request into an entry.
    private interface Entry<Q> extends BiFunction<InternalRaftRequest.Builder, Q, InternalRaftRequest.Builder> {}

    /// Completes an answer with a header.
    private interface Headed<A> extends BiFunction<A, ResponseHeader, A> {}

    ServerServiceDefinition definition() {
        var methods = new Methods(AuthGrpc.getServiceDescriptor(), limits.maxMessageBytes(), member)
                .unary(AuthGrpc.getAuthenticateMethod(), AuthenticateRequest.parser(), this::authenticate);
        administration(methods);
        users(methods);
        roles(methods);
        return methods.build();
    }

    private void administration(Methods methods) {
        add(
                methods,
                AuthGrpc.getAuthEnableMethod(),
                AuthEnableRequest.parser(),
                AuthEnableResponse.class,
                InternalRaftRequest.Builder::setAuthEnable,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getAuthDisableMethod(),
                AuthDisableRequest.parser(),
                AuthDisableResponse.class,
                InternalRaftRequest.Builder::setAuthDisable,
                (done, header) -> done.toBuilder().setHeader(header).build());
    }

    private void users(Methods methods) {
        add(
                methods,
                AuthGrpc.getUserAddMethod(),
                AuthUserAddRequest.parser(),
                AuthUserAddResponse.class,
                InternalRaftRequest.Builder::setAuthUserAdd,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserGetMethod(),
                AuthUserGetRequest.parser(),
                AuthUserGetResponse.class,
                InternalRaftRequest.Builder::setAuthUserGet,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserListMethod(),
                AuthUserListRequest.parser(),
                AuthUserListResponse.class,
                InternalRaftRequest.Builder::setAuthUserList,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserDeleteMethod(),
                AuthUserDeleteRequest.parser(),
                AuthUserDeleteResponse.class,
                InternalRaftRequest.Builder::setAuthUserDelete,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserChangePasswordMethod(),
                AuthUserChangePasswordRequest.parser(),
                AuthUserChangePasswordResponse.class,
                InternalRaftRequest.Builder::setAuthUserChangePassword,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserGrantRoleMethod(),
                AuthUserGrantRoleRequest.parser(),
                AuthUserGrantRoleResponse.class,
                InternalRaftRequest.Builder::setAuthUserGrantRole,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getUserRevokeRoleMethod(),
                AuthUserRevokeRoleRequest.parser(),
                AuthUserRevokeRoleResponse.class,
                InternalRaftRequest.Builder::setAuthUserRevokeRole,
                (done, header) -> done.toBuilder().setHeader(header).build());
    }

    private void roles(Methods methods) {
        add(
                methods,
                AuthGrpc.getRoleAddMethod(),
                AuthRoleAddRequest.parser(),
                AuthRoleAddResponse.class,
                InternalRaftRequest.Builder::setAuthRoleAdd,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getRoleGetMethod(),
                AuthRoleGetRequest.parser(),
                AuthRoleGetResponse.class,
                InternalRaftRequest.Builder::setAuthRoleGet,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getRoleListMethod(),
                AuthRoleListRequest.parser(),
                AuthRoleListResponse.class,
                InternalRaftRequest.Builder::setAuthRoleList,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getRoleDeleteMethod(),
                AuthRoleDeleteRequest.parser(),
                AuthRoleDeleteResponse.class,
                InternalRaftRequest.Builder::setAuthRoleDelete,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getRoleGrantPermissionMethod(),
                AuthRoleGrantPermissionRequest.parser(),
                AuthRoleGrantPermissionResponse.class,
                InternalRaftRequest.Builder::setAuthRoleGrantPermission,
                (done, header) -> done.toBuilder().setHeader(header).build());
        add(
                methods,
                AuthGrpc.getRoleRevokePermissionMethod(),
                AuthRoleRevokePermissionRequest.parser(),
                AuthRoleRevokePermissionResponse.class,
                InternalRaftRequest.Builder::setAuthRoleRevokePermission,
                (done, header) -> done.toBuilder().setHeader(header).build());
    }

    private <Q extends Message, A extends Message> void add(
            Methods methods,
            MethodDescriptor<Q, A> method,
            Parser<Q> parser,
            Class<A> type,
            Entry<Q> entry,
            Headed<A> headed) {
        methods.unary(
                method,
                parser,
                (node, request, answer) -> node.account(
                        entry.apply(InternalRaftRequest.newBuilder(), request),
                        type,
                        new Then<>(answer, done -> headed.apply(done, headers.at(0)))));
    }

    private void authenticate(Node node, AuthenticateRequest request, Answer<AuthenticateResponse> answer) {
        node.authenticate(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder().setHeader(headers.at(0)).build()));
    }
}
