package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.cluster.Member;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What clients ask about users and roles: looked at here, then proposed.
///
/// A member of etcd 3.3 proposes a password as it is and has every member hash it while it applies the entry,
/// so the log of a cluster holds all passwords. When every other member says that it is one of ours, the hash
/// goes into the log instead, in the form of etcd 3.5, beside a password that nobody knows: a member of etcd
/// that comes later and reads the entry lets nobody in on account of it, where an empty one would let in
/// everybody. When any member says nothing, the form is that of etcd 3.3.
///
/// Shared: it has no state.
final class AccountRequests {
    private final Engine engine;
    private final Requests requests;
    private final LongWork work;

    /// @param work hashes passwords
    AccountRequests(Engine engine, Requests requests, LongWork work) {
        this.engine = engine;
        this.requests = requests;
        this.work = work;
    }

    /// Proposes it, if the caller may ask for it.
    ///
    /// @param type of the response
    <T extends Message> void propose(Door door, InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        var refusal = malformed(request);
        if (refusal != null) {
            answer.refused(refusal);
        } else {
            requests.enter(
                    door, needs -> needs.request(request), answer, _ -> proposeAllowed(door, request, type, answer));
        }
    }

    private <T extends Message> void proposeAllowed(
            Door door, InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        if (request.hasAuthUserAdd()) {
            var add = request.getAuthUserAdd();
            var password = add.getOptions().getNoPassword() ? engine.hashing().unknowable() : add.getPassword();
            hashed(
                    password,
                    answer,
                    form -> requests.propose(door, request.setAuthUserAdd(added(add, form)), type, answer));
        } else if (request.hasAuthUserChangePassword()) {
            var change = request.getAuthUserChangePassword();
            hashed(
                    change.getPassword(),
                    answer,
                    form -> requests.propose(
                            door, request.setAuthUserChangePassword(changed(change, form)), type, answer));
        } else {
            requests.propose(door, request, type, answer);
        }
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

    // ---- passwords ----

    /// How a password is proposed.
    ///
    /// @param hashed in base64; empty where each member hashes for itself
    private record Form(String password, String hashed) {}

    /// Without what etcd 3.3 does not know: a user that is to have no password would get in there with an
    /// empty one, and has one that nobody knows instead.
    private static AuthUserAddRequest added(AuthUserAddRequest add, Form form) {
        return AuthUserAddRequest.newBuilder()
                .setName(add.getName())
                .setPassword(form.password())
                .setHashedPassword(form.hashed())
                .build();
    }

    private static AuthUserChangePasswordRequest changed(AuthUserChangePasswordRequest change, Form form) {
        return AuthUserChangePasswordRequest.newBuilder()
                .setName(change.getName())
                .setPassword(form.password())
                .setHashedPassword(form.hashed())
                .build();
    }

    private void hashed(String password, Answer<?> answer, Consumer<Form> then) {
        var _ = allTakeHashes().thenAccept(all -> {
            if (!all) {
                then.accept(new Form(password, ""));
                return;
            }
            work.later(answer, () -> {
                var hash = engine.hashing().hash(password).toString(StandardCharsets.UTF_8);
                var encoded = Base64.getEncoder().encodeToString(hash.getBytes(StandardCharsets.UTF_8));
                then.accept(new Form(engine.hashing().unknowable(), encoded));
            });
        });
    }

    /// Whether every other member says so, now.
    private CompletableFuture<Boolean> allTakeHashes() {
        var all = CompletableFuture.completedFuture(true);
        for (var member : engine.membership().members()) {
            if (member.id() != engine.memberId()) {
                all = all.thenCombine(takesHashes(member), Boolean::logicalAnd);
            }
        }
        return all;
    }

    /// One that is not connected is not asked: nobody should wait for it.
    private CompletableFuture<Boolean> takesHashes(Member member) {
        if (engine.link().activeSince(member.id()).isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return engine.peers().versions(member).handle((says, _) -> says != null && says.takesHashes());
    }
}
