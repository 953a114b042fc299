package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import io.grpc.MethodDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Makes users and roles, changes what they may do one step at a time, and turns access control on and off;
/// off in the end. Gets root a token whenever one is wanted. What is refused is let be. Confined.
final class Administrator {
    private static final int ROLES = 3;
    private static final Span PAUSE = Span.ofMillis(20, 600);
    private static final Span IDLE = Span.ofMillis(100, 400);

    /// What is asked, and how.
    private record Step<Q extends Message, A extends Message>(MethodDescriptor<Q, A> method, Q request) {}

    private final Site site;
    private final Workload.Plan plan;
    private final Doors doors;
    private final RootPass pass;
    private final int number;
    private final Deque<Step<?, ?>> script = new ArrayDeque<>();
    private final List<AuthRoleGrantPermissionRequest> granted = new ArrayList<>();

    /// As last asked for: a user's may be an earlier one.
    private final Map<String, String> passwords = new HashMap<>();

    private int changes;
    private boolean on;

    /// After the end: access control is off.
    private boolean done;

    /// @param doors without root's pass
    Administrator(Site site, Workload.Plan plan, Doors doors, RootPass pass) {
        this.site = site;
        this.plan = plan;
        this.doors = doors;
        this.pass = pass;
        this.number = site.recorder().newClient();
    }

    static String user(int number) {
        return "u" + number;
    }

    private String anyUser() {
        return user(site.random().nextInt(site.profile().users()));
    }

    private String anyRole() {
        return "r" + site.random().nextInt(ROLES);
    }

    /// Most probably the right one.
    String password(String user) {
        return passwords.getOrDefault(user, "");
    }

    boolean isDone() {
        return done;
    }

    // ---- one after the other ----

    void begin() {
        script.add(addition(Operation.ROOT));
        script.add(roleAddition(Operation.ROOT));
        script.add(roleGrant(Operation.ROOT, Operation.ROOT));
        for (int i = 0; i < site.profile().users(); i++) {
            script.add(addition(user(i)));
        }
        for (int i = 0; i < ROLES; i++) {
            script.add(roleAddition("r" + i));
            script.add(grant("r" + i));
            script.add(roleGrant(user(i % site.profile().users()), "r" + i));
        }
        script.add(enabling());
        pause(PAUSE);
    }

    private void pause(Span length) {
        site.stage().in(length.any(site.random()), this::next);
    }

    private void next() {
        var door = doors.any(site.random());
        if (door == null) {
            pause(Site.AFTER_FAILURE);
        } else if (pass.isWanted()) {
            done = false;
            authenticate(door);
        } else if (!plan.isOver()) {
            // The beginning is asked for until it is done: without it there is nothing to change.
            var first = script.peek();
            take(door, first == null ? something() : first);
        } else if (!done) {
            take(door, disabling());
        } else {
            pause(IDLE);
        }
    }

    private void authenticate(Door door) {
        var request = AuthenticateRequest.newBuilder()
                .setName(Operation.ROOT)
                .setPassword(password(Operation.ROOT))
                .build();
        ask(door, "", "", new Step<>(AuthGrpc.getAuthenticateMethod(), request), outcome -> {
            switch (outcome) {
                case Outcome.Answered(var response) -> pass.renew(((AuthenticateResponse) response).getToken());
                case Outcome.Refused _ -> pass.renew("");
                case Outcome.Unknown _ -> {}
            }
            pause(outcome instanceof Outcome.Answered ? PAUSE : Site.AFTER_FAILURE);
        });
    }

    private void take(Door door, Step<?, ?> step) {
        ask(door, Operation.ROOT, pass.token(), step, outcome -> {
            switch (outcome) {
                case Outcome.Answered _ -> {
                    script.remove(step);
                    heard(step.request());
                }
                case Outcome.Refused(var code, var text) -> {
                    pass.told(text);
                    if (!RootPass.isForAToken(text) && code != io.grpc.Status.Code.UNAVAILABLE) {
                        script.remove(step);
                    }
                }
                case Outcome.Unknown _ -> {}
            }
            pause(outcome instanceof Outcome.Answered ? PAUSE : Site.AFTER_FAILURE);
        });
    }

    private void heard(Message request) {
        switch (request) {
            case AuthEnableRequest _ -> on = true;
            case AuthDisableRequest _ -> {
                on = false;
                done = plan.isOver();
            }
            case AuthRoleGrantPermissionRequest grant -> granted.add(grant);
            default -> {}
        }
    }

    private <Q extends Message, A extends Message> void ask(
            Door to, String user, String token, Step<Q, A> step, Consumer<Outcome> then) {
        var entry = site.recorder().called(number, user, to.member(), step.request());
        var headers = Exchange.headers(site.leader(), token);
        var exchange = Exchange.<Q, A>begin(to.channel(), step.method(), headers, step.request(), _ -> {}, outcome -> {
            site.recorder().ended(entry, outcome);
            then.accept(outcome);
        });
        site.stage().in(site.profile().patience().any(site.random()), exchange::giveUp);
    }

    // ---- what is asked ----

    private Step<?, ?> something() {
        if (!on) {
            return site.once(2) ? enabling() : change();
        }
        return site.once(15) ? disabling() : change();
    }

    private Step<?, ?> change() {
        return switch (site.random().nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> grant(anyRole());
            case 6, 7, 8 -> revocation();
            case 9, 10, 11 -> roleGrant(anyUser(), anyRole());
            case 12, 13 ->
                new Step<>(
                        AuthGrpc.getUserRevokeRoleMethod(),
                        AuthUserRevokeRoleRequest.newBuilder()
                                .setName(anyUser())
                                .setRole(anyRole())
                                .build());
            case 14 -> addition(anyUser());
            case 15 ->
                new Step<>(
                        AuthGrpc.getUserDeleteMethod(),
                        AuthUserDeleteRequest.newBuilder().setName(anyUser()).build());
            case 16 -> passwordChange(anyUser());
            case 17 -> roleAddition(anyRole());
            case 18 ->
                site.once(2)
                        ? new Step<>(
                                AuthGrpc.getRoleDeleteMethod(),
                                AuthRoleDeleteRequest.newBuilder()
                                        .setRole(anyRole())
                                        .build())
                        : new Step<>(
                                AuthGrpc.getRoleGetMethod(),
                                AuthRoleGetRequest.newBuilder()
                                        .setRole(anyRole())
                                        .build());
            default -> new Step<>(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance());
        };
    }

    private static Step<?, ?> enabling() {
        return new Step<>(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
    }

    private static Step<?, ?> disabling() {
        return new Step<>(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
    }

    private String newPassword(String user) {
        var password = user + "-" + ++changes;
        passwords.put(user, password);
        return password;
    }

    private Step<?, ?> addition(String user) {
        return new Step<>(
                AuthGrpc.getUserAddMethod(),
                AuthUserAddRequest.newBuilder()
                        .setName(user)
                        .setPassword(newPassword(user))
                        .build());
    }

    private Step<?, ?> passwordChange(String user) {
        return new Step<>(
                AuthGrpc.getUserChangePasswordMethod(),
                AuthUserChangePasswordRequest.newBuilder()
                        .setName(user)
                        .setPassword(newPassword(user))
                        .build());
    }

    private static Step<?, ?> roleAddition(String role) {
        return new Step<>(
                AuthGrpc.getRoleAddMethod(),
                AuthRoleAddRequest.newBuilder().setName(role).build());
    }

    private static Step<?, ?> roleGrant(String user, String role) {
        return new Step<>(
                AuthGrpc.getUserGrantRoleMethod(),
                AuthUserGrantRoleRequest.newBuilder()
                        .setUser(user)
                        .setRole(role)
                        .build());
    }

    private Step<?, ?> grant(String role) {
        var range = plan.keys().any();
        var types = Permission.Type.values();
        return new Step<>(
                AuthGrpc.getRoleGrantPermissionMethod(),
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(Permission.newBuilder()
                                .setPermType(types[site.random().nextInt(types.length - 1)])
                                .setKey(range.key())
                                .setRangeEnd(range.end()))
                        .build());
    }

    /// Of what was granted, if anything was.
    private Step<?, ?> revocation() {
        if (granted.isEmpty()) {
            return grant(anyRole());
        }
        var grant = granted.remove(site.random().nextInt(granted.size()));
        return new Step<>(
                AuthGrpc.getRoleRevokePermissionMethod(),
                AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole(grant.getName())
                        .setKey(grant.getPerm().getKey())
                        .setRangeEnd(grant.getPerm().getRangeEnd())
                        .build());
    }
}
