package dev.cetera.lab.fuzz;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.Ranges;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import dev.cetera.node.RangeAnswer;
import dev.cetera.raft.EntryType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A member without raft, for services and pages: what is proposed is an entry at once, and applied. All that
/// it can't do by itself it refuses. Confined.
final class FakeMember implements InvocationHandler {
    private final @Nullable Machine machine;

    private FakeMember(@Nullable Machine machine) {
        this.machine = machine;
    }

    /// @param machine null for one that only refuses
    static Node of(@Nullable Machine machine) {
        return (Node) Proxy.newProxyInstance(
                Node.class.getClassLoader(), new Class<?>[] {Node.class}, new FakeMember(machine));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws IOException {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("hashCode") ? 1 : "a member";
        }
        if (method.getReturnType() == Node.class) {
            return proxy; // whoever calls
        }
        if (method.getName().equals("asksWho")) {
            return false;
        }
        if (arguments != null && arguments[arguments.length - 1] instanceof Answer<?>) {
            answer(method.getName(), arguments);
            return null;
        }
        return value(method.getReturnType());
    }

    private @Nullable Object value(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        if (type == long.class) {
            return machine == null ? 1L : machine.machine().store().view().revision();
        }
        if (type == String.class) {
            return "3.3.0";
        }
        if (type == List.class) {
            return List.of();
        }
        return type == dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse.class
                ? dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse.getDefaultInstance()
                : null;
    }

    @SuppressWarnings("unchecked") // the signature says of what the answer is
    private void answer(String method, Object[] arguments) throws IOException {
        var answer = (Answer<Object>) arguments[arguments.length - 1];
        if (method.equals("caughtUp") || method.equals("linearize") || method.equals("renewAsPrimary")) {
            answer.done(7L);
            return;
        }
        var on = machine;
        var request = InternalRaftRequest.newBuilder().setID(9);
        switch (on == null ? null : arguments[0]) {
            case RangeRequest range -> range(java.util.Objects.requireNonNull(on), range, answer);
            case TxnRequest txn when readsOnly(txn) -> read(java.util.Objects.requireNonNull(on), txn, answer);
            case TxnRequest txn -> propose(request.setTxn(txn), answer);
            case PutRequest put -> propose(request.setPut(put), answer);
            case DeleteRangeRequest delete -> propose(request.setDeleteRange(delete), answer);
            case CompactionRequest compact -> propose(request.setCompaction(compact), answer);
            case LeaseGrantRequest grant -> propose(request.setLeaseGrant(grant), answer);
            case LeaseRevokeRequest revoke -> propose(request.setLeaseRevoke(revoke), answer);
            case AlarmRequest alarm -> propose(request.setAlarm(alarm), answer);
            case null, default -> answer.refused(Refusal.STOPPED);
        }
    }

    private static boolean readsOnly(TxnRequest txn) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
                .allMatch(RequestOp::hasRequestRange);
    }

    private static void range(Machine on, RangeRequest request, Answer<Object> answer) throws IOException {
        switch (Ranges.range(on.machine().store()::range, request)) {
            case dev.cetera.mvcc.Answer.Found<Ranges.Ranged>(var found) ->
                answer.done(new RangeAnswer(found.revision(), found.kvs(), found.more(), found.count()));
            case dev.cetera.mvcc.Answer.Refused<Ranges.Ranged>(var why) -> answer.refused(why);
        }
    }

    private static void read(Machine on, TxnRequest request, Answer<Object> answer) throws IOException {
        switch (on.machine().read(request)) {
            case dev.cetera.mvcc.Answer.Found<dev.cetera.api.etcdserverpb.TxnResponse>(var found) -> answer.done(found);
            case dev.cetera.mvcc.Answer.Refused<dev.cetera.api.etcdserverpb.TxnResponse>(var why) ->
                answer.refused(why);
        }
    }

    /// What passed the services' checks must be applied by every member, so an error here stops a cluster.
    private void propose(InternalRaftRequest.Builder request, Answer<Object> answer) {
        Applied applied;
        try {
            applied = java.util.Objects.requireNonNull(machine)
                    .apply(EntryType.NORMAL, request.build().toByteArray());
        } catch (IOException fatal) {
            throw new UncheckedIOException("a client's request would stop all members", fatal);
        }
        var outcome = switch (applied) {
            case Applied.Request it -> it.outcome();
            case Applied.Compacting it -> it.outcome();
            case Applied.Revoked it -> it.outcome();
            case Applied.Account it -> it.outcome();
            default -> throw new AssertionError("a request was applied as " + applied);
        };
        switch (outcome) {
            case Outcome.Done<?>(var response) -> answer.done(response);
            case Outcome.Refused<?>(var why) -> answer.refused(why);
        }
    }

    @Override
    public String toString() {
        return "FakeMember" + Arrays.asList(machine);
    }
}
