package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.node.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Clients of the cluster, each with one request at a time, and what they were promised. An answer is compared
/// with what the log, in its order, makes of the request: no answer may contradict it, nor any that was given
/// to anybody before the request began. Confined.
final class Clients {
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int COUNTERS = 2;
    private static final long FIRST_SHORT_LEASE = 100;

    /// Which hosts take requests, in a given order.
    interface Choice {
        @Nullable
        Host any();
    }

    /// A request under way.
    private static final class Call {
        final Host host;
        final int life;
        final String what;

        /// Everything acknowledged by then must be seen.
        final long leastIndex;

        boolean answered;

        Call(Host host, String what, long leastIndex) {
            this.host = host;
            this.life = host.life();
            this.what = what;
            this.leastIndex = leastIndex;
        }
    }

    private final Truth truth;
    private final Leaseholders leases;
    private final Requests requests;
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Choice hosts;
    private final List<Call> calls = new ArrayList<>();
    private final Map<Long, Integer> counted = new HashMap<>();

    /// The newest entry that any client knows to be applied.
    private long acknowledgedIndex;

    private int acknowledged;
    private int reads;
    private long nextLease = FIRST_SHORT_LEASE;
    private boolean closed;

    Clients(Truth truth, Leaseholders leases, Timeline timeline, Trace trace, Random random, Choice hosts) {
        this.truth = truth;
        this.leases = leases;
        this.requests = new Requests(random);
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.hosts = hosts;
    }

    int acknowledged() {
        return acknowledged;
    }

    int reads() {
        return reads;
    }

    /// No new requests from now on.
    void close() {
        closed = true;
    }

    // ---- what they do ----

    /// Begins a client, who makes one request after the other.
    ///
    /// @param pauseMillis between two of them, at most
    void begin(int pauseMillis) {
        timeline.in(random.nextInt(pauseMillis) * Timeline.MILLISECOND, () -> next(pauseMillis));
    }

    private void next(int pauseMillis) {
        if (closed) {
            return;
        }
        var done = new boolean[1];
        Runnable goOn = () -> {
            if (!done[0]) {
                done[0] = true;
                begin(pauseMillis);
            }
        };
        timeline.in((200 + random.nextInt(PATIENCE_MILLIS)) * Timeline.MILLISECOND, goOn::run);
        var host = hosts.any();
        if (host == null) {
            return;
        }
        host.soon(host.life(), 0, () -> {
            switch (random.nextInt(20)) {
                case 0, 1, 2 -> count(host, goOn);
                case 3, 4, 5, 6 -> read(host, goOn);
                case 7, 8 -> readPast(host, goOn);
                case 9 -> lease(host, goOn);
                default -> write(host, goOn);
            }
        });
    }

    private void write(Host host, Runnable goOn) {
        propose(host, requests.next(truth.model().revision()), goOn, _ -> {});
    }

    /// Reads a counter and adds one, unless it has changed since.
    private void count(Host host, Runnable goOn) {
        var key = ByteString.copyFromUtf8("counter/" + random.nextInt(COUNTERS));
        var call = call(host, "read of " + key.toStringUtf8());
        host.engine().linearize(new Reader(call, goOn) {
            @Override
            void read(long index) throws IOException {
                var found = range(host, RangeQuery.between(key.toByteArray(), new byte[0]));
                checkView(call, index);
                var kv = found.kvs().isEmpty()
                        ? null
                        : KeyValue.parseFrom(found.kvs().getFirst().encoded());
                long value = kv == null ? 0 : Long.parseLong(kv.getValue().toStringUtf8());
                long modified = kv == null ? 0 : kv.getModRevision();
                var txn = TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder()
                                .setKey(key)
                                .setTarget(Compare.CompareTarget.MOD)
                                .setModRevision(modified))
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder()
                                        .setKey(key)
                                        .setValue(ByteString.copyFromUtf8(Long.toString(value + 1)))));
                propose(host, InternalRaftRequest.newBuilder().setTxn(txn), goOn, outcome -> {
                    if (outcome instanceof Outcome.Done(TxnResponse response) && response.getSucceeded()) {
                        counted.merge((long) key.hashCode(), 1, Integer::sum);
                    }
                });
            }
        });
    }

    private void read(Host host, Runnable goOn) {
        var call = call(host, "linearizable read");
        host.engine().linearize(new Reader(call, goOn) {
            @Override
            void read(long index) throws IOException {
                checkView(call, index);
                goOn.run();
            }
        });
    }

    /// Reads an old revision, of one member alone.
    private void readPast(Host host, Runnable goOn) throws IOException {
        var view = host.engine().machine().store().view();
        long revision = Math.max(1, view.revision() - random.nextInt(30));
        if (revision >= view.compactRevision()) {
            truth.checkKeys(host, revision);
            reads++;
        }
        goOn.run();
    }

    private void lease(Host host, Runnable goOn) {
        long id = nextLease++;
        int ttl = 3 + random.nextInt(6);
        long began = timeline.now();
        var grant = LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl);
        propose(host, InternalRaftRequest.newBuilder().setLeaseGrant(grant), goOn, outcome -> {
            if (outcome instanceof Outcome.Done) {
                leases.granted(id, ttl, began);
                var put = PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("leased/" + id % 5))
                        .setValue(ByteString.copyFromUtf8("held"))
                        .setLease(id);
                propose(host, InternalRaftRequest.newBuilder().setPut(put), () -> {}, _ -> {});
            }
        });
    }

    /// A request and a read that must succeed, for the end.
    void probe(Host host, Runnable whenDone) {
        var put = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("probe"))
                .setValue(ByteString.copyFromUtf8(host.name));
        propose(host, InternalRaftRequest.newBuilder().setPut(put), () -> {}, _ -> {
            var call = call(host, "last read");
            host.engine().linearize(new Reader(call, () -> {}) {
                @Override
                void read(long index) throws IOException {
                    checkView(call, index);
                    whenDone.run();
                }
            });
        });
    }

    // ---- what they were promised ----

    private Call call(Host host, String what) {
        trace.add(host.name, "is asked:", what);
        var call = new Call(host, what, acknowledgedIndex);
        calls.add(call);
        return call;
    }

    private void propose(
            Host host,
            InternalRaftRequest.Builder request,
            Runnable goOn,
            Consumer<Outcome<? extends Message>> whenDone) {
        var call = call(host, request.toString().replace('\n', ' '));
        host.engine().propose(request, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                end(call);
                acknowledge(call, request.getHeader().getID(), outcome);
                whenDone.accept(outcome);
                goOn.run();
            }

            @Override
            public void refused(Refusal why) {
                end(call);
                trace.add(host.name, "refuses:", why.text());
                goOn.run();
            }
        });
        host.wake();
    }

    private void end(Call call) {
        Truth.check(!call.answered, () -> call.host + " answers twice: " + call.what);
        call.answered = true;
        calls.remove(call);
    }

    private void acknowledge(Call call, long id, Outcome<? extends Message> outcome) {
        look(call.host);
        var result = truth.result(id);
        trace.add(call.host.name, "acknowledges", call.what);
        if (result == null) {
            throw Truth.broken(call.host + " acknowledges what nobody committed: " + call.what);
        }
        Truth.check(
                outcome.equals(result.outcome()),
                () -> call.host + " answers " + call.what + " by " + outcome + ", not by " + result.outcome());
        Truth.check(
                result.index() > call.leastIndex,
                () -> call.what + " has index " + result.index() + ", and " + call.leastIndex
                        + " was acknowledged before it began");
        Truth.check(
                result.index() <= call.host.engine().appliedIndex(),
                () -> call.host + " acknowledges before it has applied: " + call.what);
        acknowledgedIndex = Math.max(acknowledgedIndex, result.index());
        acknowledged++;
    }

    private static void look(Host host) {
        host.look();
    }

    /// What comes with an index to read at.
    private abstract class Reader implements Answer<Long> {
        private final Call call;
        private final Runnable goOn;

        Reader(Call call, Runnable goOn) {
            this.call = call;
            this.goOn = goOn;
        }

        abstract void read(long index) throws IOException;

        @Override
        public final void done(Long index) {
            end(call);
            try {
                read(index);
            } catch (IOException failed) {
                throw Truth.broken(call.host + " can't read: " + failed);
            }
        }

        @Override
        public final void refused(Refusal why) {
            end(call);
            trace.add(call.host.name, "refuses a read:", why.text());
            goOn.run();
        }
    }

    /// A linearizable read shows the state of one moment, which lies behind all that anybody was told before
    /// it began.
    private void checkView(Call call, long index) throws IOException {
        look(call.host);
        reads++;
        var view = call.host.engine().machine().store().view();
        trace.add(call.host.name, "reads revision", view.revision(), "at", index);
        Truth.check(
                index >= call.leastIndex,
                () -> call.host + " reads at " + index + ", and " + call.leastIndex
                        + " was acknowledged before the read began");
        Truth.check(
                view.revision() >= truth.revisionAt(call.leastIndex),
                () -> call.host + " reads revision " + view.revision() + ", and " + truth.revisionAt(call.leastIndex)
                        + " was acknowledged before the read began");
        truth.checkKeys(call.host, view.revision());
        acknowledgedIndex = Math.max(acknowledgedIndex, index);
    }

    private static RangeResult range(Host host, RangeQuery query) throws IOException {
        if (host.engine().machine().store().range(query) instanceof Found<RangeResult>(var found)) {
            return found;
        }
        throw Truth.broken(host + " can't read its newest revision");
    }

    /// Requests to members that live on, and are not answered.
    @Nullable
    String unanswered() {
        return calls.stream()
                .filter(call -> call.host.isUp() && call.life == call.host.life())
                .map(call -> call.host + ": " + call.what)
                .findFirst()
                .orElse(null);
    }

    /// Each counter has at least one for each that was told so, and no more than succeeded in the log.
    void checkCounters() {
        for (int i = 0; i < COUNTERS; i++) {
            var key = ByteString.copyFromUtf8("counter/" + i);
            var kv = truth.model().at(Long.MAX_VALUE).get(key);
            long value = kv == null ? 0 : Long.parseLong(kv.getValue().toStringUtf8());
            int told = counted.getOrDefault((long) key.hashCode(), 0);
            Truth.check(
                    value >= told && (kv == null || value == kv.getVersion()),
                    () -> "counter " + key.toStringUtf8() + " is " + value + " after " + told + " successes: " + kv);
        }
    }
}
