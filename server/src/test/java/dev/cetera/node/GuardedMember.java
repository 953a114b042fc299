package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.auth.Bcrypt;
import dev.cetera.disk.FakeDisk;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import dev.cetera.rpc.WatchFeed;
import dev.cetera.rpc.WatchMember;
import dev.cetera.rpc.WatchService;
import dev.cetera.rpc.WatchTurns;
import dev.cetera.token.SimpleTokens;
import dev.cetera.token.Tokens;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.WatchLimits;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A member with all its services, asked by clients of several names. Confined to the test.
final class GuardedMember implements AutoCloseable {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /// What a call was told.
    ///
    /// @param status null while it is open
    record Told(@Nullable Status status, List<byte[]> messages) {
        String text() {
            return status == null ? "" : Objects.requireNonNullElse(status.getDescription(), "");
        }
    }

    /// A call that is still open.
    final class Open<Q, A> {
        final Recorded<Q, A> call;
        final ServerCall.Listener<Q> listener;

        Open(Recorded<Q, A> call, ServerCall.Listener<Q> listener) {
            this.call = call;
            this.listener = listener;
        }

        void send(MessageLite request) throws Exception {
            listener.onMessage(call.method.parseRequest(new ByteArrayInputStream(request.toByteArray())));
            settle();
        }

        Told told() {
            return new Told(call.status, call.messages);
        }
    }

    static final class Recorded<Q, A> extends ServerCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final List<byte[]> messages = new ArrayList<>();
        private @Nullable Status status;

        Recorded(MethodDescriptor<Q, A> method) {
            this.method = method;
        }

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(A message) {
            try (var bytes = method.streamResponse(message)) {
                messages.add(bytes.readAllBytes());
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Override
        public void close(Status why, Metadata trailers) {
            assertThat(status).isNull();
            status = why;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }
    }

    final HandTurned member;
    final Desk desk;
    final Services services;
    private final WatchTurns watching;
    private final Map<String, String> tokens = new HashMap<>();

    GuardedMember() throws Exception {
        this(new FakeDisk(1));
    }

    GuardedMember(FakeDisk disk) throws Exception {
        this(disk, new SimpleTokens(Long.MAX_VALUE / 4, () -> 0, new Random(1)));
    }

    GuardedMember(FakeDisk disk, Tokens kind) throws Exception {
        var feed = new WatchFeed();
        member = new HandTurned(
                disk,
                HandTurned.Settings.DEFAULTS,
                feed,
                around -> around.withTokens(kind).withHashing(new Bcrypt(4, new SecureRandom())));
        member.engine.tick();
        member.settle();
        desk = new Desk(member.engine, new LongWork(Runnable::run, member.fatal::add));
        var who = WatchMember.of(desk);
        watching = feed.join(
                member.engine.machine().store(),
                revision -> new EventRing(128, 1 << 20, revision),
                who,
                WatchLimits.DEFAULTS,
                1_000_000_000,
                new WatchTurns.Surroundings(member.time(), Runnable::run, () -> {}));
        services = new Services(
                desk,
                new RpcLimits(128, 1_500_000),
                new Metrics(Metrics.Detail.BASIC),
                List.of(new WatchService(watching, who).definition()),
                Runnable::run);
    }

    void settle() throws Exception {
        boolean moved = true;
        while (moved) {
            member.settle();
            moved = watching.turn();
        }
        assertThat(member.fatal).isEmpty();
    }

    // ---- users, by the member itself ----

    <T extends Message> T account(InternalRaftRequest.Builder request, Class<T> type) throws Exception {
        var kept = new Kept<T>();
        desk.account(request, type, kept);
        settle();
        assertThat(kept.refusals).isEmpty();
        return kept.values.getFirst();
    }

    private void account(InternalRaftRequest.Builder request) throws Exception {
        account(request, Message.class);
    }

    /// A user with a role of the same name that has one permission; null for none.
    void user(String name, Permission.@Nullable Type type, String key, String end) throws Exception {
        account(InternalRaftRequest.newBuilder()
                .setAuthUserAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword("pw")));
        if (type != null) {
            account(InternalRaftRequest.newBuilder()
                    .setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName(name)));
            account(InternalRaftRequest.newBuilder()
                    .setAuthRoleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                            .setName(name)
                            .setPerm(Permission.newBuilder()
                                    .setPermType(type)
                                    .setKey(ByteString.copyFromUtf8(key))
                                    .setRangeEnd(ByteString.copyFromUtf8(end)))));
            grant(name, name);
        }
    }

    void grant(String user, String role) throws Exception {
        account(InternalRaftRequest.newBuilder()
                .setAuthUserGrantRole(
                        AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role)));
    }

    /// Makes root, and asks everybody who they are from here on.
    void enable() throws Exception {
        user("root", null, "", "");
        grant("root", "root");
        account(InternalRaftRequest.newBuilder().setAuthEnable(AuthEnableRequest.getDefaultInstance()));
    }

    /// The token of a user, all of whom have the same password.
    String token(String user) throws Exception {
        var known = tokens.get(user);
        if (known != null) {
            return known;
        }
        var kept = new Kept<AuthenticateResponse>();
        desk.authenticate(
                AuthenticateRequest.newBuilder().setName(user).setPassword("pw").build(), kept);
        settle();
        assertThat(kept.refusals).isEmpty();
        var token = kept.values.getFirst().getToken();
        tokens.put(user, token);
        return token;
    }

    // ---- calls ----

    Metadata as(String user) throws Exception {
        return bearing(token(user));
    }

    static Metadata bearing(String token) {
        var headers = new Metadata();
        headers.put(TOKEN, token);
        return headers;
    }

    static Metadata nobody() {
        return new Metadata();
    }

    /// One request, as far as it gets.
    Told call(String method, MessageLite request, Metadata headers) throws Exception {
        var open = open(method, headers);
        if (open.call.status == null) {
            open.send(request);
        }
        if (open.call.status == null) {
            open.listener.onHalfClose();
            settle();
        }
        if (open.call.status == null) {
            open.listener.onCancel();
            settle();
        }
        return open.told();
    }

    Open<?, ?> open(String method, Metadata headers) throws Exception {
        var definition = Objects.requireNonNull(services.lookupMethod("etcdserverpb." + method, null), method);
        return open(definition, headers);
    }

    private <Q, A> Open<Q, A> open(ServerMethodDefinition<Q, A> definition, Metadata headers) throws Exception {
        var call = new Recorded<>(definition.getMethodDescriptor());
        var listener = definition.getServerCallHandler().startCall(call, headers);
        settle();
        return new Open<>(call, listener);
    }

    @Override
    public void close() throws IOException {
        member.close();
    }
}
