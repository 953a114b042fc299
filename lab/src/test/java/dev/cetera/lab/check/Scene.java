package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.apply.Outcome.Refused;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.List;

/// A short history written by hand: one operation after the other, each a millisecond long, answered as the
/// model does it. What is wrong is put in afterwards.
final class Scene {
    static final long STEP = Improvised.MILLISECOND;

    private final List<Operation> operations = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private State state = State.EMPTY;
    private long now;
    private boolean settled;

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static PutRequest.Builder put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value));
    }

    static DeleteRangeRequest delete(String key) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).build();
    }

    static DeleteRangeRequest deleteAll() {
        return DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFrom(new byte[1]))
                .setRangeEnd(ByteString.copyFrom(new byte[1]))
                .build();
    }

    static RangeRequest get(String key) {
        return RangeRequest.newBuilder().setKey(bytes(key)).build();
    }

    static LeaseGrantRequest grant(long id, long ttl) {
        return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build();
    }

    static LeaseRevokeRequest revoke(long id) {
        return LeaseRevokeRequest.newBuilder().setID(id).build();
    }

    static CompactionRequest compact(long revision) {
        return CompactionRequest.newBuilder().setRevision(revision).build();
    }

    State state() {
        return state;
    }

    long now() {
        return now;
    }

    Scene pause(long nanos) {
        now += nanos;
        return this;
    }

    /// Answered as it should be.
    Scene does(Message request) {
        var step = state.apply(request);
        state = step.after();
        return record(request, answer(step));
    }

    /// Done, and nobody was told.
    Scene doesUnseen(Message request) {
        state = state.apply(request).after();
        return record(request, new Outcome.Unknown("lost"));
    }

    /// Not done, and nobody was told.
    Scene loses(Message request) {
        return record(request, new Outcome.Unknown("lost"));
    }

    /// Answered in this way, whatever should be.
    Scene claims(Message request, Message response) {
        return record(request, new Outcome.Answered(response));
    }

    Scene refuses(Message request, Refusal why) {
        return record(request, new Outcome.Refused(why.code(), why.text()));
    }

    /// Answered as a state before or after would.
    Scene claimsAsOf(State other, Message request) {
        return record(request, answer(other.apply(request)));
    }

    Scene renews(long lease, long ttl) {
        return claims(
                LeaseKeepAliveRequest.newBuilder().setID(lease).build(),
                LeaseKeepAliveResponse.newBuilder()
                        .setHeader(Improvised.header(state.revision()))
                        .setID(lease)
                        .setTTL(ttl)
                        .build());
    }

    Scene endsLease(long id) {
        state = state.endLease(id);
        return this;
    }

    private Outcome answer(State.Step step) {
        return switch (step.outcome()) {
            case Refused(var why) -> new Outcome.Refused(why.code(), why.text());
            case Done(var response) -> {
                var field = response.getDescriptorForType().findFieldByName("header");
                long shown = Requests.header(response).getRevision();
                yield new Outcome.Answered(response.toBuilder()
                        .setField(
                                field,
                                Improvised.header(shown == 0 ? step.after().revision() : shown))
                        .build());
            }
        };
    }

    private Scene record(Message request, Outcome outcome) {
        long ended = outcome instanceof Outcome.Unknown ? Operation.NEVER : now + STEP;
        operations.add(new Operation(operations.size(), 1, "m1", request, now, ended, outcome));
        now += 2 * STEP;
        return this;
    }

    /// A watch of everything, begun at a revision, that was told this.
    Scene watch(WatchCreateRequest.Builder request, WatchResponse.Builder... responses) {
        return watch(request, Watch.End.HISTORY, responses);
    }

    Scene watch(WatchCreateRequest.Builder request, Watch.End end, WatchResponse.Builder... responses) {
        return legs(leg(request, end, responses));
    }

    Scene legs(Watch.Leg... legs) {
        watches.add(new Watch(watches.size(), List.of(legs)));
        return this;
    }

    Watch.Leg leg(WatchCreateRequest.Builder request, Watch.End end, WatchResponse.Builder... responses) {
        var told = new ArrayList<Watch.Told>();
        for (var response : responses) {
            told.add(new Watch.Told(now++, response.build()));
        }
        return new Watch.Leg("m1", request.build(), now, told, end);
    }

    static WatchCreateRequest.Builder all(long start) {
        return WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFrom(new byte[1]))
                .setRangeEnd(ByteString.copyFrom(new byte[1]))
                .setPrevKv(true)
                .setStartRevision(start);
    }

    WatchResponse.Builder created() {
        return progress(state.revision()).setCreated(true);
    }

    static WatchResponse.Builder progress(long revision) {
        return WatchResponse.newBuilder().setHeader(Improvised.header(revision));
    }

    /// The events of some revisions in one response.
    WatchResponse.Builder events(long... revisions) {
        var response = WatchResponse.newBuilder();
        for (long revision : revisions) {
            response.addAllEvents(state.eventsOf(revision)).setHeader(Improvised.header(revision));
        }
        return response;
    }

    Event event(long revision) {
        return state.eventsOf(revision).getFirst();
    }

    Scene settled() {
        settled = true;
        return this;
    }

    History history() {
        return new History(operations, watches, settled, 1);
    }
}
