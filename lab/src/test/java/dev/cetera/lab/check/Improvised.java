package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/// A right history, made up from one seed: clients call, the model answers at some moment in between, some
/// answers are lost, leases end when their time is over, and watches are told of it all.
final class Improvised {
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000 * MILLISECOND;
    static final Slack SLACK = new Slack(0.001, SECOND, List.of());

    /// How much of everything.
    ///
    /// @param lost one of so many answers is; 0 for none
    record Profile(int clients, int operations, int keys, int watches, int lost) {
        static final Profile SMALL = new Profile(4, 60, 4, 3, 8);
        static final Profile USUAL = new Profile(8, 300, 8, 5, 15);
        static final Profile LARGE = new Profile(20, 5_000, 30, 20, 50);
    }

    private record Due(long at, int number, Runnable what) {}

    private static final int MEMBERS = 3;

    private final Profile profile;
    private final Random random;
    private final PriorityQueue<Due> agenda =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingInt(Due::number));
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Long, Long> deadlines = new HashMap<>();
    private final Map<Long, Long> ttls = new HashMap<>();
    /// The newest revision that each member has shown to anybody.
    private final Map<String, Long> shown = new HashMap<>();

    private final List<Follower> followers = new ArrayList<>();
    private State state = State.EMPTY;
    private long now;
    private int count;
    private int scheduled;
    private boolean over;

    private Improvised(Profile profile, long seed) {
        this.profile = profile;
        this.random = new Random(seed);
    }

    static History history(Profile profile, long seed) {
        return new Improvised(profile, seed).run();
    }

    private History run() {
        for (int client = 0; client < profile.clients(); client++) {
            next(client);
        }
        for (int i = 0; i < profile.watches(); i++) {
            var follower = new Follower(i, random);
            followers.add(follower);
            in(random.nextLong(500 * MILLISECOND), () -> follow(follower));
        }
        while (!agenda.isEmpty()) {
            var due = agenda.remove();
            now = due.at();
            due.what().run();
        }
        followers.forEach(follower -> follower.finish(now + SECOND, state));
        operations.sort(Comparator.comparingLong(Operation::called));
        var numbered = new ArrayList<Operation>();
        for (var one : operations) {
            numbered.add(new Operation(
                    numbered.size(),
                    one.client(),
                    one.member(),
                    one.request(),
                    one.called(),
                    one.ended(),
                    one.outcome()));
        }
        return new History(numbered, followers.stream().map(Follower::watch).toList(), true, MEMBERS);
    }

    private void in(long delay, Runnable what) {
        agenda.add(new Due(now + delay, scheduled++, what));
    }

    // ---- clients ----

    private void next(int client) {
        in(random.nextLong(40 * MILLISECOND), () -> {
            if (count++ < profile.operations()) {
                call(client, request());
            } else {
                over = true;
            }
        });
    }

    private void call(int client, Message request) {
        long called = now;
        var member = "m" + random.nextInt(MEMBERS);
        boolean lost = profile.lost() > 0 && random.nextInt(profile.lost()) == 0;
        if (lost) {
            operations.add(
                    new Operation(0, client, member, request, called, Operation.NEVER, new Outcome.Unknown("made up")));
            if (random.nextBoolean()) {
                in(random.nextLong(200 * MILLISECOND), () -> carryOut(member, request));
            }
            in(50 * MILLISECOND, () -> next(client));
            return;
        }
        in(random.nextLong(20 * MILLISECOND), () -> {
            var outcome = carryOut(member, request);
            in(random.nextLong(20 * MILLISECOND), () -> {
                operations.add(new Operation(0, client, member, request, called, now, outcome));
                next(client);
            });
        });
    }

    private Outcome carryOut(String member, Message request) {
        var outcome = carryOutAt(member, request);
        if (outcome instanceof Outcome.Answered(var response)) {
            shown.merge(member, Requests.header(response).getRevision(), Math::max);
        }
        return outcome;
    }

    private Outcome carryOutAt(String member, Message request) {
        return switch (request) {
            case LeaseKeepAliveRequest renewal -> new Outcome.Answered(renew(renewal.getID()));
            case LeaseTimeToLiveRequest question -> new Outcome.Answered(timeToLive(question));
            case HashKVRequest question -> hash(question.getRevision());
            case RangeRequest range
            when range.getSerializable() -> {
                long old = Math.max(shown.getOrDefault(member, 1L), state.revision() - random.nextInt(4));
                yield outcome(state.asOf(old).apply(request), old);
            }
            default -> {
                var step = state.apply(request);
                boolean done = step.outcome() instanceof Done;
                state = step.after();
                if (done && request instanceof LeaseGrantRequest grant) {
                    ttls.put(grant.getID(), grant.getTTL());
                    prolong(grant.getID());
                }
                if (done && request instanceof LeaseRevokeRequest revoke) {
                    deadlines.remove(revoke.getID());
                }
                yield outcome(step, state.revision());
            }
        };
    }

    private static Outcome outcome(State.Step step, long shown) {
        return switch (step.outcome()) {
            case dev.cetera.apply.Outcome.Refused(var why) -> new Outcome.Refused(why.code(), why.text());
            case Done(LeaseGrantResponse granted) ->
                new Outcome.Answered(
                        granted.toBuilder().setHeader(header(shown)).build());
            case Done(LeaseRevokeResponse revoked) ->
                new Outcome.Answered(
                        revoked.toBuilder().setHeader(header(shown)).build());
            case Done(var response) -> {
                var field = response.getDescriptorForType().findFieldByName("header");
                yield new Outcome.Answered(response.toBuilder()
                        .setField(field, header(Requests.header(response).getRevision()))
                        .build());
            }
        };
    }

    static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(77)
                .setRaftTerm(2)
                .setRevision(revision)
                .build();
    }

    private Outcome hash(long revision) {
        if (revision > state.revision()) {
            return new Outcome.Refused(Refusal.FUTURE_REVISION.code(), Refusal.FUTURE_REVISION.text());
        }
        var hash = state.hash(revision == 0 ? state.revision() : revision, state.compacted());
        return new Outcome.Answered(HashKVResponse.newBuilder()
                .setHeader(header(state.revision()))
                .setHash(hash == null ? 4711 : hash)
                .setCompactRevision(state.compacted())
                .build());
    }

    // ---- leases ----

    private LeaseKeepAliveResponse renew(long lease) {
        var response = LeaseKeepAliveResponse.newBuilder()
                .setHeader(header(state.revision()))
                .setID(lease);
        if (state.hasLease(lease)) {
            prolong(lease);
            response.setTTL(ttls.getOrDefault(lease, 0L));
        }
        return response.build();
    }

    private LeaseTimeToLiveResponse timeToLive(LeaseTimeToLiveRequest question) {
        long lease = question.getID();
        var response = LeaseTimeToLiveResponse.newBuilder()
                .setHeader(header(state.revision()))
                .setID(lease);
        if (!state.hasLease(lease)) {
            return response.setTTL(-1).build();
        }
        if (question.getKeys()) {
            response.addAllKeys(state.attached(lease));
        }
        return response.setTTL((deadlines.getOrDefault(lease, now) - now) / SECOND)
                .setGrantedTTL(ttls.getOrDefault(lease, 0L))
                .build();
    }

    private void prolong(long lease) {
        long deadline = now + ttls.getOrDefault(lease, 0L) * SECOND;
        deadlines.put(lease, deadline);
        in(deadline - now + random.nextLong(300 * MILLISECOND), () -> {
            if (deadlines.getOrDefault(lease, Long.MAX_VALUE) <= now && state.hasLease(lease)) {
                deadlines.remove(lease);
                state = state.endLease(lease);
            }
        });
    }

    // ---- requests ----

    private Message request() {
        return switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5 -> put(key());
            case 6, 7 -> delete();
            case 8, 9, 10 -> txn(2);
            case 11, 12, 13, 14 -> range();
            case 15 -> range().toBuilder().clearRevision().setSerializable(true).build();
            case 16 ->
                random.nextInt(3) == 0
                        ? CompactionRequest.newBuilder()
                                .setRevision(Math.max(1, state.revision() - 20 + random.nextInt(22)))
                                .build()
                        : range();
            case 17, 18 ->
                LeaseGrantRequest.newBuilder().setID(lease()).setTTL(2).build();
            case 19 -> LeaseRevokeRequest.newBuilder().setID(lease()).build();
            case 20, 21 -> LeaseKeepAliveRequest.newBuilder().setID(lease()).build();
            case 22 ->
                LeaseTimeToLiveRequest.newBuilder().setID(lease()).setKeys(true).build();
            default -> HashKVRequest.newBuilder().build();
        };
    }

    private PutRequest put(ByteString key) {
        var put = PutRequest.newBuilder().setKey(key).setPrevKv(random.nextBoolean());
        if (random.nextInt(12) == 0) {
            put.setIgnoreValue(true);
        } else {
            put.setValue(ByteString.copyFromUtf8("v" + (random.nextInt(6) == 0 ? random.nextInt(3) : 1_000 + count)));
        }
        if (random.nextInt(12) == 0) {
            put.setIgnoreLease(true);
        } else if (random.nextInt(3) == 0) {
            put.setLease(lease());
        }
        return put.build();
    }

    private DeleteRangeRequest delete() {
        var delete = DeleteRangeRequest.newBuilder().setKey(key()).setPrevKv(random.nextBoolean());
        if (random.nextInt(3) == 0) {
            delete.setRangeEnd(key());
        }
        return delete.build();
    }

    private RangeRequest range() {
        var range = RangeRequest.newBuilder().setKey(key());
        if (random.nextBoolean()) {
            range.setRangeEnd(random.nextBoolean() ? key() : ByteString.copyFrom(new byte[1]));
        }
        if (random.nextInt(4) == 0) {
            range.setRevision(Math.max(1, state.revision() + 1 - random.nextInt(15)));
        }
        if (random.nextInt(6) == 0) {
            range.setLimit(random.nextInt(3)).setKeysOnly(random.nextBoolean()).setCountOnly(random.nextBoolean());
        }
        return range.build();
    }

    private TxnRequest txn(int depth) {
        var txn = TxnRequest.newBuilder();
        if (random.nextBoolean()) {
            var compare =
                    Compare.newBuilder().setKey(key()).setResult(Compare.CompareResult.forNumber(random.nextInt(4)));
            switch (random.nextInt(4)) {
                case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(3));
                case 1 ->
                    compare.setTarget(Compare.CompareTarget.MOD).setModRevision(state.revision() - random.nextInt(5));
                case 2 -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(lease());
                default -> compare.setTarget(Compare.CompareTarget.CREATE).setRangeEnd(key());
            }
            txn.addCompare(compare);
        }
        int first = random.nextInt(profile.keys());
        for (int i = 0; i < random.nextInt(4); i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(key((first + depth * 3 + i) % profile.keys()))));
            if (random.nextBoolean()) {
                txn.addSuccess(RequestOp.newBuilder().setRequestRange(range()));
            }
        }
        if (random.nextBoolean()) {
            txn.addFailure(RequestOp.newBuilder().setRequestDeleteRange(delete()));
        }
        if (depth > 1 && random.nextInt(3) == 0) {
            txn.addFailure(RequestOp.newBuilder()
                    .setRequestTxn(TxnRequest.newBuilder()
                            .addFailure(RequestOp.newBuilder().setRequestRange(range()))
                            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete()))));
        }
        var made = txn.build();
        return Validity.refusal(made) == null ? made : txn.clearSuccess().build();
    }

    private ByteString key() {
        return key(random.nextInt(profile.keys()));
    }

    static ByteString key(int number) {
        return ByteString.copyFromUtf8("k%03d".formatted(number));
    }

    private long lease() {
        return 1 + random.nextLong(6);
    }

    // ---- watches ----

    private void follow(Follower follower) {
        follower.look(now, state, !over);
        if (!over) {
            in(1 + random.nextLong(120 * MILLISECOND), () -> follow(follower));
        }
    }
}
