package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.lab.history.Outcome;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/// A user whose rights change: asks for keys that it may or may not have, with a token, an old one, or none.
/// Confined.
final class Guest {
    private final Site site;
    private final Workload.Plan plan;
    private final Doors doors;
    private final Administrator administrator;
    private final String user;
    private final int number;
    private String token = "";

    /// @param doors without root's pass
    Guest(Site site, Workload.Plan plan, Doors doors, Administrator administrator, String user) {
        this.site = site;
        this.plan = plan;
        this.doors = doors;
        this.administrator = administrator;
        this.user = user;
        this.number = site.recorder().newClient();
    }

    void begin() {
        pause(site.profile().pause());
    }

    private void pause(Span length) {
        site.stage().in(length.any(site.random()), this::next);
    }

    private void next() {
        if (plan.isOver()) {
            return;
        }
        var door = doors.any(site.random());
        if (door == null) {
            pause(Site.AFTER_FAILURE);
        } else if (site.once(token.isEmpty() ? 2 : 20)) {
            authenticate(door);
        } else {
            act(door);
        }
    }

    private void authenticate(Door door) {
        var request = AuthenticateRequest.newBuilder()
                .setName(user)
                .setPassword(administrator.password(user))
                .build();
        ask(door, "", "", AuthGrpc.getAuthenticateMethod(), request, outcome -> {
            if (outcome instanceof Outcome.Answered(AuthenticateResponse response)) {
                token = response.getToken();
            }
            goOn(outcome);
        });
    }

    private void act(Door door) {
        var requests = plan.requests();
        switch (site.random().nextInt(8)) {
            case 0, 1 -> ask(door, KVGrpc.getPutMethod(), requests.put());
            case 2 -> ask(door, KVGrpc.getDeleteRangeMethod(), requests.delete());
            case 3, 4 -> ask(door, KVGrpc.getTxnMethod(), plan.txns().next());
            default -> ask(door, KVGrpc.getRangeMethod(), requests.range());
        }
    }

    private <Q extends Message, A extends Message> void ask(Door to, MethodDescriptor<Q, A> method, Q request) {
        ask(to, token.isEmpty() ? "" : user, token, method, request, outcome -> {
            if (outcome instanceof Outcome.Refused refused && refused.text().equals(Refusal.INVALID_TOKEN.text())) {
                token = "";
            }
            goOn(outcome);
        });
    }

    private <Q extends Message, A extends Message> void ask(
            Door to, String as, String shown, MethodDescriptor<Q, A> method, Q request, Consumer<Outcome> then) {
        var entry = site.recorder().called(number, as, to.member(), request);
        var headers = Exchange.headers(site.leader(), shown);
        var exchange = Exchange.<Q, A>begin(to.channel(), method, headers, request, _ -> {}, outcome -> {
            site.recorder().ended(entry, outcome);
            then.accept(outcome);
        });
        site.stage().in(site.profile().patience().any(site.random()), exchange::giveUp);
    }

    private void goOn(Outcome outcome) {
        pause(outcome instanceof Outcome.Answered ? site.profile().pause() : Site.AFTER_FAILURE);
    }
}
