package dev.cetera.lab.check;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.lab.history.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All that is known of the lease with one id. It may have been granted anew after it was gone. Confined.
final class LeaseLife {
    private static final long SECOND = 1_000_000_000;

    /// A member that has not answered a renewal by then has given it up: its own limit is 7 seconds by
    /// default.
    private static final long LINGER = 10 * SECOND;

    /// Later than anything, and yet something can be added to it.
    private static final long FAR = Long.MAX_VALUE / 4;

    /// The lease was granted or renewed at some time in between.
    private record Renewal(long called, long ended, long ttlNanos, Operation operation) {}

    /// The lease was there at some time in between, or was not.
    ///
    /// @param revision that is taken for its end, by who reconstructed what nobody saw; 0 for what was seen
    private record Sight(long earliest, long latest, long revision, String how) {}

    /// What is wrong.
    ///
    /// @param end the revision that is taken for the end of the lease and would have to be something else; 0
    ///            where that is no matter
    record Complaint(String text, long end) {}

    private final long id;
    private final List<Renewal> grants = new ArrayList<>();
    private final List<Renewal> renewals = new ArrayList<>();
    private final List<Operation> unknownGrants = new ArrayList<>();
    private final List<Operation> unknownRenewals = new ArrayList<>();
    private final List<Operation> revocations = new ArrayList<>();
    private final List<Sight> gone = new ArrayList<>();
    private final List<Sight> alive = new ArrayList<>();

    LeaseLife(long id) {
        this.id = id;
    }

    long id() {
        return id;
    }

    // ---- gathering ----

    void granted(Operation operation, long ttlSeconds) {
        grants.add(new Renewal(operation.called(), operation.ended(), ttlSeconds * SECOND, operation));
    }

    void unknownGrant(Operation operation) {
        unknownGrants.add(operation);
    }

    void renewed(Operation operation, long ttlSeconds) {
        renewals.add(new Renewal(operation.called(), operation.ended(), ttlSeconds * SECOND, operation));
    }

    void unknownRenewal(Operation operation) {
        unknownRenewals.add(operation);
    }

    /// One that may have been carried out.
    void revocation(Operation operation) {
        revocations.add(operation);
    }

    void gone(Operation operation) {
        gone.add(new Sight(operation.called(), operation.ended(), 0, Transcript.line(operation)));
    }

    /// It ended with this revision, as far as can be told.
    void ended(Story.Chapter end) {
        long revision = end.operation() == null ? end.revision() : 0;
        gone.add(new Sight(end.notBefore(), end.notAfter(), revision, "its end was revision " + end.revision()));
    }

    void alive(Operation operation) {
        alive.add(new Sight(operation.called(), operation.ended(), 0, Transcript.line(operation)));
    }

    void alive(long at, String how) {
        alive.add(new Sight(at, at, 0, how));
    }

    // ---- judging ----

    boolean mayBeGranted(long ttlSeconds) {
        return !unknownGrants.isEmpty() || grants.stream().anyMatch(grant -> grant.ttlNanos() == ttlSeconds * SECOND);
    }

    boolean mayExistBy(long at) {
        return unknownGrants.stream().anyMatch(grant -> grant.called() <= at)
                || grants.stream().anyMatch(grant -> grant.called() <= at);
    }

    /// Null when nothing is wrong.
    @Nullable
    Complaint complaint(Slack slack) {
        var complaint = early(slack);
        if (complaint == null) {
            complaint = renewedAfterItsEnd();
        }
        if (complaint == null) {
            var late = late(slack);
            complaint = late == null ? null : new Complaint(late, 0);
        }
        return complaint;
    }

    private List<Renewal> allRenewals() {
        var all = new ArrayList<>(grants);
        all.addAll(renewals);
        all.sort(Comparator.comparingLong(Renewal::called));
        return all;
    }

    private @Nullable Complaint early(Slack slack) {
        for (var renewal : allRenewals()) {
            long least = least(renewal, slack);
            for (var end : gone) {
                if (end.latest() < least
                        && isAfter(end, renewal)
                        && !mayBeRevoked(renewal, end)
                        && !mayBeMeantForAnEarlierLife(renewal, end, slack)) {
                    return new Complaint(
                            "it ended too early: " + Transcript.line(renewal.operation()) + ", and " + end.how(),
                            end.revision());
                }
            }
        }
        return null;
    }

    /// When it may end by itself at the earliest.
    private static long least(Renewal renewal, Slack slack) {
        return renewal.called() + (long) (renewal.ttlNanos() * (1 - slack.clockRate()));
    }

    /// Whether the lease, gone as it is, was there and renewed before.
    private boolean isAfter(Sight end, Renewal renewal) {
        if (end.earliest() >= renewal.ended()) {
            return true;
        }
        // A lease that is granted once is never renewed after its end.
        boolean once = grants.size() == 1 && unknownGrants.isEmpty();
        return once && end.earliest() >= grants.getFirst().ended();
    }

    private boolean mayBeRevoked(Renewal renewal, Sight end) {
        return revocations.stream()
                .anyMatch(revocation -> revocation.called() <= end.latest() && revocation.ended() >= renewal.called());
    }

    /// An entry names a lease by its id alone. The revocation that a leader proposes because a life is over
    /// may find the id granted anew, if a client had revoked it meanwhile and the leader had not applied that
    /// yet. That is so for a short time after the new grant only.
    private boolean mayBeMeantForAnEarlierLife(Renewal renewal, Sight end, Slack slack) {
        return allGrants().stream()
                .filter(grant -> grant.called() <= renewal.called()
                        && end.earliest() <= later(grant.ended(), slack.overdueNanos()))
                .anyMatch(grant -> Stream.concat(allGrants().stream(), renewals.stream())
                        .anyMatch(
                                earlier -> earlier.called() < grant.called() && least(earlier, slack) <= end.latest()));
    }

    private List<Renewal> allGrants() {
        var all = new ArrayList<>(grants);
        for (var operation : unknownGrants) {
            long ttl = ((LeaseGrantRequest) operation.request()).getTTL();
            all.add(new Renewal(operation.called(), operation.called() + LINGER, ttl * SECOND, operation));
        }
        return all;
    }

    private @Nullable Complaint renewedAfterItsEnd() {
        for (var end : gone) {
            boolean again =
                    !unknownGrants.isEmpty() || grants.stream().anyMatch(grant -> grant.ended() >= end.earliest());
            for (var renewal : renewals) {
                if (!again && renewal.called() > end.latest()) {
                    return new Complaint(
                            "it was renewed after its end: " + Transcript.line(renewal.operation()) + ", and "
                                    + end.how(),
                            end.revision());
                }
            }
        }
        return null;
    }

    private @Nullable String late(Slack slack) {
        if (!unknownGrants.isEmpty() || grants.isEmpty()) {
            return null;
        }
        var all = new ArrayList<>(alive);
        renewals.forEach(renewal ->
                all.add(new Sight(renewal.called(), renewal.ended(), 0, Transcript.line(renewal.operation()))));
        for (var sight : all) {
            long due = due(sight.earliest(), slack);
            if (due != Long.MAX_VALUE && sight.earliest() > due + slack.overdueNanos()) {
                return "it should have ended long ago: " + sight.how();
            }
        }
        return null;
    }

    /// When it must have ended, if nothing renewed it that was called at a time or later; without the overdue.
    private long due(long before, Slack slack) {
        long ttl = 0;
        long due = Long.MIN_VALUE;
        for (var renewal : allRenewals()) {
            ttl = Math.max(ttl, renewal.ttlNanos());
            if (renewal.called() < before) {
                due = Math.max(due, later(renewal.ended(), renewal.ttlNanos(), slack));
            }
        }
        for (var renewal : unknownRenewals) {
            if (renewal.called() < before) {
                due = Math.max(due, later(renewal.called() + LINGER, ttl, slack));
            }
        }
        if (due == Long.MIN_VALUE) {
            // It was granted only then, or later.
            return Long.MAX_VALUE;
        }
        for (var upheaval : slack.upheavals()) {
            if (upheaval.from() <= due + slack.overdueNanos()) {
                due = Math.max(due, later(upheaval.until(), ttl, slack));
            }
        }
        return due;
    }

    private static long later(long from, long ttlNanos, Slack slack) {
        return later(from, (long) (ttlNanos * (1 + slack.clockRate())));
    }

    private static long later(long from, long nanos) {
        return from >= FAR ? FAR : from + nanos;
    }
}
