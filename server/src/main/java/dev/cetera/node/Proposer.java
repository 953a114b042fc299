package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.Quota;
import dev.cetera.apply.StateMachine;
import dev.cetera.auth.Identity;
import dev.cetera.raft.ConfChange;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/// Puts requests on their way into the log, and keeps who waits for them. Each is proposed once at most: a
/// member that can't tell what became of one says that it timed out, and doesn't try again.
///
/// Shared: any thread may call any method.
final class Proposer {
    /// Changes that wait for the backend file. When it falls so far behind, new requests are refused instead
    /// of filling the memory.
    private static final long MAX_PENDING_BYTES = 512L << 20;

    /// Entries that are committed and not applied here, by etcd's measure.
    static final long MAX_BEHIND = 5_000;

    private final MemberConfig config;
    private final long memberId;
    private final Time time;
    private final RequestIds ids;
    private final StateMachine machine;
    private final Consumer<RaftLoop.Input> raft;
    private final LongSupplier behind;
    private final Proposals<Outcome<? extends Message>> requests = new Proposals<>();
    private final Proposals<Reconfigured> changes = new Proposals<>();

    /// @param raft   takes the proposals
    /// @param behind entries that are committed and not applied here
    Proposer(
            MemberConfig config,
            long memberId,
            Time time,
            RequestIds ids,
            StateMachine machine,
            Consumer<RaftLoop.Input> raft,
            LongSupplier behind) {
        this.config = config;
        this.memberId = memberId;
        this.time = time;
        this.ids = ids;
        this.machine = machine;
        this.raft = raft;
        this.behind = behind;
    }

    /// Who waits for a request.
    Proposals<Outcome<? extends Message>> requests() {
        return requests;
    }

    /// Who waits for a change of the membership.
    Proposals<Reconfigured> changes() {
        return changes;
    }

    /// Proposes a request of this member itself; it is answered when it is applied here, refused, or given up.
    void propose(InternalRaftRequest.Builder request, Answer<Outcome<? extends Message>> answer) {
        propose(request, 0, answer);
    }

    /// As above.
    ///
    /// @param inTerm only if this member leads that term when raft takes the request; 0 for whoever leads
    void propose(InternalRaftRequest.Builder request, long inTerm, Answer<Outcome<? extends Message>> answer) {
        propose(request, new Caller.Member().under(machine.accounts().now()), inTerm, answer);
    }

    /// As above, on somebody's account.
    void propose(InternalRaftRequest.Builder request, Identity identity, Answer<Outcome<? extends Message>> answer) {
        propose(request, identity, 0, answer);
    }

    private void propose(
            InternalRaftRequest.Builder request,
            Identity identity,
            long inTerm,
            Answer<Outcome<? extends Message>> answer) {
        var incapable = new Capabilities(machine.members().now().version()).refuses(request);
        if (incapable != null) {
            answer.refused(incapable);
            return;
        }
        long id = ids.next();
        var complete = request.setHeader(RequestHeader.newBuilder()
                        .setID(id)
                        .setUsername(identity.user())
                        .setAuthRevision(identity.revision()))
                .build();
        if (!machine.quota().admits(complete)) {
            raiseNoSpace(() -> answer.refused(Refusal.NO_SPACE));
            return;
        }
        if (Quota.hidesPuts(complete) && machine.alarms().raised(AlarmType.NOSPACE)) {
            answer.refused(Refusal.NO_SPACE);
            return;
        }
        if (machine.backend().pendingBytes() > MAX_PENDING_BYTES || behind.getAsLong() > MAX_BEHIND) {
            answer.refused(Refusal.TOO_MANY_REQUESTS);
            return;
        }
        if (complete.getSerializedSize() > config.maxRequestBytes()) {
            answer.refused(Refusal.REQUEST_TOO_LARGE);
            return;
        }
        var data = complete.toByteArray();
        var waiting = waiting(answer, data.length);
        var refusal = requests.register(id, waiting);
        if (refusal != null) {
            answer.refused(refusal);
            return;
        }
        raft.accept(new RaftLoop.Input.Propose(id, data, inTerm, waiting.deadlineNanos()));
    }

    private <T> Proposals.Waiting<T> waiting(Answer<T> answer, int bytes) {
        long now = time.nanos();
        return new Proposals.Waiting<>(answer, bytes, now, now + config.requestTimeoutMillis() * 1_000_000);
    }

    /// Proposes a request of the v2 API, which nobody waits for.
    ///
    /// @return its id
    long legacy(LongFunction<Request> request) {
        long id = ids.next();
        long deadline = time.nanos() + config.requestTimeoutMillis() * 1_000_000;
        raft.accept(new RaftLoop.Input.Propose(id, request.apply(id).toByteArray(), 0, deadline));
        return id;
    }

    /// Proposes a change of the membership; it is answered when it is applied here, refused, or given up.
    ///
    /// @param change by its request id
    void reconfigure(LongFunction<ConfChange> change, Answer<Reconfigured> answer) {
        long id = ids.next();
        var proposed = change.apply(id);
        var waiting = waiting(answer, proposed.context().length);
        var refusal = changes.register(id, waiting);
        if (refusal != null) {
            answer.refused(refusal);
            return;
        }
        raft.accept(new RaftLoop.Input.ProposeConfChange(proposed, waiting.deadlineNanos()));
    }

    /// It will never be applied on account of this member.
    void refuse(long requestId, Refusal why) {
        requests.refuse(requestId, why);
        changes.refuse(requestId, why);
    }

    void expire(long nowNanos, LongFunction<Refusal> why) {
        requests.expire(nowNanos, why);
        changes.expire(nowNanos, why);
    }

    void close() {
        requests.close();
        changes.close();
    }

    /// Sees to it that the alarm is raised.
    ///
    /// @param then when it is, or can't be
    void raiseNoSpace(Runnable then) {
        boolean raised = machine.alarms().list().stream()
                .anyMatch(alarm -> alarm.getAlarm() == AlarmType.NOSPACE && alarm.getMemberID() == memberId);
        if (raised) {
            then.run();
            return;
        }
        var alarm = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setAlarm(AlarmType.NOSPACE)
                .setMemberID(memberId);
        propose(InternalRaftRequest.newBuilder().setAlarm(alarm), new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                then.run();
            }

            @Override
            public void refused(Refusal why) {
                then.run();
            }
        });
    }
}
