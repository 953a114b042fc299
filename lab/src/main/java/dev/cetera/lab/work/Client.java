package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.lab.history.Outcome;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes one call after another, mostly to the same member as long as that one answers.
final class Client {
    private final Site site;
    private final Workload.Plan plan;
    private final int number;
    private @Nullable Door door;

    Client(Site site, Workload.Plan plan) {
        this.site = site;
        this.plan = plan;
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
        if (door == null || site.once(20)) {
            door = site.doors().any(site.random());
        }
        if (door == null) {
            pause(Site.AFTER_FAILURE);
        } else {
            act(door, site.profile().any(site.random()));
        }
    }

    /// Asks for all keys there are, until somebody says.
    void readAll() {
        plan.reads(1);
        tryToReadAll();
    }

    private void tryToReadAll() {
        var to = site.doors().any(site.random());
        Runnable again = () -> site.stage().in(Site.AFTER_FAILURE.any(site.random()), this::tryToReadAll);
        if (to == null) {
            again.run();
            return;
        }
        var everything = RangeRequest.newBuilder()
                .setKey(Keyspace.OPEN)
                .setRangeEnd(Keyspace.OPEN)
                .build();
        ask(to, KVGrpc.getRangeMethod(), everything, _ -> {}, outcome -> {
            if (outcome instanceof Outcome.Answered) {
                plan.reads(-1);
            } else {
                again.run();
            }
        });
    }

    private void act(Door to, Kind kind) {
        var requests = plan.requests();
        switch (kind) {
            case PUT -> ask(to, KVGrpc.getPutMethod(), requests.put());
            case DELETE -> ask(to, KVGrpc.getDeleteRangeMethod(), requests.delete());
            case TXN -> ask(to, KVGrpc.getTxnMethod(), plan.txns().next());
            case RANGE -> ask(to, KVGrpc.getRangeMethod(), requests.range());
            case COUNT -> count(to, plan.keys().counter());
            case COMPACT -> ask(to, KVGrpc.getCompactMethod(), requests.compaction());
            case GRANT -> ask(to, LeaseGrpc.getLeaseGrantMethod(), requests.grant());
            case TIME_TO_LIVE -> ask(to, LeaseGrpc.getLeaseTimeToLiveMethod(), requests.timeToLive());
            case LEASES -> ask(to, LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
            case REVOKE ->
                ask(
                        to,
                        LeaseGrpc.getLeaseRevokeMethod(),
                        LeaseRevokeRequest.newBuilder()
                                .setID(site.lore().someLease())
                                .build());
            case KEEP_ALIVE -> {
                plan.keepAlive(site.lore().someLease());
                pause(site.profile().pause());
            }
            case STATUS -> ask(to, MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
            case HASH_KV -> ask(to, MaintenanceGrpc.getHashKVMethod(), requests.hash());
            case ALARM -> ask(to, MaintenanceGrpc.getAlarmMethod(), requests.alarm());
            case ACCOUNT -> throw new IllegalStateException("users and roles are an administrator's");
            case DEFRAGMENT -> ask(to, MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance());
            case SNAPSHOT -> saveSnapshot(to);
            case MOVE_LEADER ->
                ask(
                        to,
                        MaintenanceGrpc.getMoveLeaderMethod(),
                        MoveLeaderRequest.newBuilder()
                                .setTargetID(site.lore().someMember())
                                .build());
        }
    }

    /// Reads a counter and adds one, unless it has changed since.
    private void count(Door to, ByteString counter) {
        var read = RangeRequest.newBuilder().setKey(counter).build();
        ask(to, KVGrpc.getRangeMethod(), read, _ -> {}, outcome -> {
            if (outcome instanceof Outcome.Answered(RangeResponse found) && !plan.isOver()) {
                long value = found.getKvsCount() == 0
                        ? 0
                        : Long.parseLong(found.getKvs(0).getValue().toStringUtf8());
                long modified = found.getKvsCount() == 0 ? 0 : found.getKvs(0).getModRevision();
                raise(to, counter, Txns.raise(counter, modified, value));
            } else {
                goOn(outcome);
            }
        });
    }

    private void raise(Door to, ByteString counter, TxnRequest request) {
        ask(to, KVGrpc.getTxnMethod(), request, _ -> {}, outcome -> {
            if (outcome instanceof Outcome.Answered(TxnResponse response) && response.getSucceeded()) {
                plan.counts().raised(counter);
            } else if (outcome instanceof Outcome.Unknown) {
                plan.counts().perhapsRaised(counter);
            }
            goOn(outcome);
        });
    }

    private void saveSnapshot(Door from) {
        var pieces = new ArrayList<ByteString>();
        Consumer<SnapshotResponse> each = piece -> {
            if (plan.wantsSnapshots()) {
                pieces.add(piece.getBlob());
            }
        };
        ask(from, MaintenanceGrpc.getSnapshotMethod(), SnapshotRequest.getDefaultInstance(), each, outcome -> {
            if (outcome instanceof Outcome.Answered && plan.wantsSnapshots()) {
                plan.saved(from.member(), ByteString.copyFrom(pieces));
            }
            goOn(outcome);
        });
    }

    private <Q extends Message, A extends Message> void ask(Door to, MethodDescriptor<Q, A> method, Q request) {
        ask(to, method, request, _ -> {}, this::goOn);
    }

    private <Q extends Message, A extends Message> void ask(
            Door to, MethodDescriptor<Q, A> method, Q request, Consumer<A> each, Consumer<Outcome> then) {
        var entry = site.recorder().called(number, to.member(), request);
        var exchange = Exchange.begin(to.channel(), method, Exchange.headers(site.leader()), request, each, outcome -> {
            site.recorder().ended(entry, outcome);
            if (outcome instanceof Outcome.Answered(var response)) {
                site.lore().hear(request, response);
            }
            then.accept(outcome);
        });
        site.stage().in(site.profile().patience().any(site.random()), exchange::giveUp);
    }

    private void goOn(Outcome outcome) {
        boolean turnedAway = switch (outcome) {
            case Outcome.Answered _ -> false;
            case Outcome.Refused refused -> refused.code() == Status.Code.UNAVAILABLE;
            case Outcome.Unknown _ -> true;
        };
        if (turnedAway) {
            door = null;
        }
        pause(turnedAway ? Site.AFTER_FAILURE : site.profile().pause());
    }
}
