package dev.cetera.node;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.lease.Leases;

/// What clients ask about the time of a lease, on any member. Only the leader counts it down, so where this
/// member does not, the leader is asked.
///
/// Shared: it has no state of its own.
final class LeaseKeeper {
    private final KeepAlives here;
    private final LeaderQuestions questions;
    private final Leases leases;
    private final Peers peers;
    private final Time time;
    private final long timeoutNanos;

    LeaseKeeper(
            KeepAlives here, LeaderQuestions questions, Leases leases, Peers peers, Time time, MemberConfig config) {
        this.here = here;
        this.questions = questions;
        this.leases = leases;
        this.peers = peers;
        this.time = time;
        this.timeoutNanos = config.requestTimeoutMillis() * 1_000_000;
    }

    /// Starts the countdown of a lease again, wherever it is counted.
    ///
    /// @param answer the seconds until it ends; 0 for a lease that there is not
    void renew(long lease, Answer<Long> answer) {
        renew(lease, answer, time.nanos() + timeoutNanos);
    }

    private void renew(long lease, Answer<Long> answer, long deadlineNanos) {
        var asked = new LeaderQuestions.Asked<>(
                leader -> peers.renew(leader, lease), () -> renew(lease, answer, deadlineNanos), answer, deadlineNanos);
        var counted = new Answer<Long>() {
            @Override
            public void done(Long ttlSeconds) {
                answer.done(ttlSeconds);
            }

            @Override
            public void refused(Refusal why) {
                if (why == Refusal.NOT_LEADER) {
                    questions.ask(asked);
                } else {
                    answer.refused(why);
                }
            }
        };
        here.renew(lease, counted, deadlineNanos);
    }

    /// What is left of a lease, by the leader's clock.
    void timeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        if (leases.isPrimary()) {
            answer.done(timeToLiveHere(request));
        } else {
            questions.ask(new LeaderQuestions.Asked<>(
                    leader -> peers.timeToLive(leader, request),
                    () -> timeToLive(request, answer),
                    answer,
                    time.nanos() + timeoutNanos));
        }
    }

    /// What this member knows of a lease: without an end where it does not count.
    LeaseTimeToLiveResponse timeToLiveHere(LeaseTimeToLiveRequest request) {
        long now = time.nanos();
        var left = request.getKeys()
                ? leases.timeToLiveWithKeys(request.getID(), now)
                : leases.timeToLive(request.getID(), now);
        var response = LeaseTimeToLiveResponse.newBuilder()
                .setID(request.getID())
                .setTTL(left.remainingSeconds())
                .setGrantedTTL(left.grantedSeconds());
        left.keys().forEach(key -> response.addKeys(ByteString.copyFrom(key)));
        return response.build();
    }
}
