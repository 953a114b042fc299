package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What clients ask about users and roles: looked at here, then proposed as a member of etcd 3.3 would.
/// Shared: it has no state.
final class AccountRequests {
    /// More than anybody can guess.
    private static final int RANDOM_BYTES = 32;

    private final Requests requests;
    private final SecureRandom random = new SecureRandom();

    AccountRequests(Requests requests) {
        this.requests = requests;
    }

    /// @param type of the response
    <T extends Message> void propose(Door door, InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        var refusal = malformed(request);
        if (refusal == null) {
            refusal = door.refuses(needs -> needs.request(request));
        }
        if (refusal != null) {
            answer.refused(refusal);
            return;
        }
        if (request.hasAuthUserAdd()) {
            request.setAuthUserAdd(clean(request.getAuthUserAdd()));
        }
        if (request.hasAuthUserChangePassword()) {
            request.setAuthUserChangePassword(clean(request.getAuthUserChangePassword()));
        }
        requests.propose(door, request, type, answer);
    }

    /// What would stop the process of every member of etcd 3.3 when it is applied.
    private static @Nullable Refusal malformed(InternalRaftRequest.Builder request) {
        if (request.hasAuthRoleAdd() && request.getAuthRoleAdd().getName().isEmpty()) {
            return Refusal.ROLE_EMPTY;
        }
        if (request.hasAuthRoleGrantPermission()
                && !request.getAuthRoleGrantPermission().hasPerm()) {
            return Refusal.PERMISSION_NOT_GIVEN;
        }
        return null;
    }

    /// Without what etcd 3.3 does not know. A user without a password is not known there either, and would get
    /// in with an empty one; with one that nobody knows it does not.
    private AuthUserAddRequest clean(AuthUserAddRequest add) {
        return AuthUserAddRequest.newBuilder()
                .setName(add.getName())
                .setPassword(add.getOptions().getNoPassword() ? unknowable() : add.getPassword())
                .build();
    }

    private static AuthUserChangePasswordRequest clean(AuthUserChangePasswordRequest change) {
        return change.toBuilder().clearHashedPassword().build();
    }

    private String unknowable() {
        var bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
