package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import dev.cetera.lease.TimeToLive;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What etcd promises of leases:
///
/// - None ends by itself before its time is over, counted from when its last acknowledged renewal was sent.
/// - None lives on for long after the last moment when it may have been renewed: [Slack] says for how long.
/// - Who was told that a lease is gone is not told later that it was renewed.
/// - A renewal and a question for the time left name the time that was granted; a lease that is gone has
///   neither time nor keys; the keys that are named were attached at one revision,
///   or on the way to the next; nobody lists a lease
///   that nobody asked for.
///
/// That the keys of a lease go with it, in one revision, [StrictSerializability] sees to.
public final class LeaseRules {
    static final String NAME = "LeaseRules";

    private static final long SECOND = 1_000_000_000;

    private final History history;
    private final Story story;
    private final Slack slack;
    private final TreeMap<Long, LeaseLife> leases = new TreeMap<>();
    private boolean unknownIds;

    private LeaseRules(History history, Story story, Slack slack) {
        this.history = history;
        this.story = story;
        this.slack = slack;
    }

    /// A promise about a lease is broken, unless the story is wrong in one thing: a revision is not the end of
    /// the lease.
    record Doubt(LeaseEnd end, Violation violation) {}

    /// Holds all that was said of leases against each other.
    ///
    /// @param story of the same history, decided
    /// @return null when all promises are kept
    /// @throws Violation when a promise about a lease is broken
    static @Nullable Doubt check(History history, Story story, Slack slack) {
        return new LeaseRules(history, story, slack).check();
    }

    private @Nullable Doubt check() {
        history.operations().forEach(this::note);
        for (var chapter : story.chapters()) {
            if (chapter.lease() != 0) {
                life(chapter.lease()).ended(chapter);
            }
        }
        if (history.settled()) {
            noteKeysAtTheEnd();
        }
        for (var life : leases.values()) {
            var complaint = life.complaint(slack);
            if (complaint != null) {
                var violation = violation("lease " + Long.toHexString(life.id()) + ": " + complaint.text());
                if (complaint.end() == 0) {
                    throw violation;
                }
                return new Doubt(new LeaseEnd(life.id(), complaint.end()), violation);
            }
        }
        history.operations().forEach(this::checkAnswer);
        return null;
    }

    private Violation violation(String complaint) {
        return new Violation(NAME, complaint, history);
    }

    private LeaseLife life(long id) {
        return leases.computeIfAbsent(id, LeaseLife::new);
    }

    // ---- what is known ----

    private void note(Operation operation) {
        switch (operation.outcome()) {
            case Outcome.Answered _ -> noteAnswer(operation);
            case Outcome.Refused refused -> noteRefusal(operation, refused.text());
            case Outcome.Unknown _ -> noteUnknown(operation);
        }
    }

    private void noteAnswer(Operation operation) {
        if (!(operation.outcome() instanceof Outcome.Answered(var response))) {
            return;
        }
        switch (response) {
            case LeaseGrantResponse granted -> life(granted.getID()).granted(operation, granted.getTTL());
            case LeaseKeepAliveResponse renewed -> {
                if (renewed.getTTL() > 0) {
                    life(renewed.getID()).renewed(operation, renewed.getTTL());
                } else {
                    life(renewed.getID()).gone(operation);
                }
            }
            case RangeResponse range
            when operation.request() instanceof RangeRequest request
                    && !request.getSerializable()
                    && request.getRevision() <= 0 ->
                range.getKvsList().stream()
                        .map(KeyValue::getLease)
                        .filter(lease -> lease != 0)
                        .distinct()
                        .forEach(lease -> life(lease).alive(operation));
            default -> {
                switch (operation.request()) {
                    case LeaseRevokeRequest revoke -> {
                        life(revoke.getID()).revocation(operation);
                        life(revoke.getID()).gone(operation);
                    }
                    case PutRequest put -> {
                        if (put.getLease() != 0) {
                            life(put.getLease()).alive(operation);
                        }
                    }
                    default -> {}
                }
            }
        }
    }

    private void noteRefusal(Operation operation, String text) {
        if (text.equals(Refusal.LEASE_NOT_FOUND.text())) {
            switch (operation.request()) {
                case PutRequest put -> life(put.getLease()).gone(operation);
                case LeaseRevokeRequest revoke -> life(revoke.getID()).gone(operation);
                default -> {}
            }
        } else if (text.equals(Refusal.LEASE_EXISTS.text()) && operation.request() instanceof LeaseGrantRequest grant) {
            life(grant.getID()).alive(operation);
        }
    }

    private void noteUnknown(Operation operation) {
        switch (operation.request()) {
            case LeaseGrantRequest grant -> {
                unknownIds |= grant.getID() == 0;
                life(grant.getID()).unknownGrant(operation);
            }
            case LeaseRevokeRequest revoke -> life(revoke.getID()).revocation(operation);
            case LeaseKeepAliveRequest renewal -> life(renewal.getID()).unknownRenewal(operation);
            default -> {}
        }
    }

    /// A key that is there in the end, and whose deletion a watch would have told of, has a living lease.
    private void noteKeysAtTheEnd() {
        long end = 0;
        for (var operation : history.operations()) {
            end = Math.max(end, operation.ended() == Operation.NEVER ? operation.called() : operation.ended());
        }
        for (var kv : story.keysAt(story.revision())) {
            if (kv.getLease() != 0 && isWatched(kv.getKey())) {
                life(kv.getLease()).alive(end, Transcript.kv(kv) + " is there in the end");
            }
        }
    }

    private boolean isWatched(ByteString key) {
        return history.watches().stream()
                .flatMap(watch -> watch.legs().stream())
                .anyMatch(leg -> leg.end() == Watch.End.HISTORY
                        && !leg.request().getFiltersList().contains(FilterType.NODELETE)
                        && Following.range(leg.request()).contains(key));
    }

    // ---- single answers ----

    private void checkAnswer(Operation operation) {
        if (!(operation.outcome() instanceof Outcome.Answered(var response))) {
            return;
        }
        switch (response) {
            case LeaseKeepAliveResponse renewed -> {
                long asked = ((LeaseKeepAliveRequest) operation.request()).getID();
                require(renewed.getID() == asked, operation, "that is another lease");
                require(
                        renewed.getTTL() <= 0 || life(asked).mayBeGranted(renewed.getTTL()),
                        operation,
                        "that time was not granted");
            }
            case LeaseTimeToLiveResponse left ->
                checkTimeToLive(operation, (LeaseTimeToLiveRequest) operation.request(), left);
            case LeaseLeasesResponse list -> {
                for (long id :
                        list.getLeasesList().stream().map(LeaseStatus::getID).toList()) {
                    require(
                            unknownIds || life(id).mayExistBy(operation.ended()),
                            operation,
                            "nobody asked for lease " + Long.toHexString(id));
                }
            }
            default -> {}
        }
    }

    private void require(boolean holds, Operation operation, String complaint) {
        if (!holds) {
            throw violation(Transcript.line(operation) + ": " + complaint);
        }
    }

    private void checkTimeToLive(
            Operation operation, LeaseTimeToLiveRequest request, LeaseTimeToLiveResponse response) {
        require(response.getID() == request.getID(), operation, "that is another lease");
        if (response.getGrantedTTL() == 0) {
            require(
                    response.getTTL() == -1 && response.getKeysCount() == 0,
                    operation,
                    "a lease that is gone has nothing");
            return;
        }
        require(life(request.getID()).mayBeGranted(response.getGrantedTTL()), operation, "that time was not granted");
        double most = response.getGrantedTTL() * (1 + slack.clockRate()) + (double) slack.overdueNanos() / SECOND + 1;
        require(
                response.getTTL() <= most || response.getTTL() == TimeToLive.FOREVER_SECONDS,
                operation,
                "more time is left than was granted");
        if (request.getKeys()) {
            checkKeys(operation, request.getID(), response);
        }
    }

    private void checkKeys(Operation operation, long lease, LeaseTimeToLiveResponse response) {
        var named = new HashSet<>(response.getKeysList());
        require(named.size() == response.getKeysCount(), operation, "a key is named twice");
        long newest = newestBy(operation.ended());
        var after = attached(lease, newest);
        for (long revision = newest; revision >= 1; revision--) {
            var before = attached(lease, revision);
            if (isBetween(before, named, after)) {
                return;
            }
            after = before;
        }
        throw violation(Transcript.line(operation) + ": it never had just these keys");
    }

    /// The leader names the keys, and may be ahead of the member whose revision is in the header.
    private long newestBy(long time) {
        return story.chapters().stream()
                .takeWhile(chapter -> chapter.notBefore() <= time)
                .mapToLong(Story.Chapter::revision)
                .reduce(1, Math::max);
    }

    /// Nobody stops the work for this answer: it may be given amid a transaction, with some of its changes.
    private static boolean isBetween(Set<ByteString> before, Set<ByteString> named, Set<ByteString> after) {
        return named.stream().allMatch(key -> before.contains(key) || after.contains(key))
                && before.stream().allMatch(key -> named.contains(key) || !after.contains(key));
    }

    private Set<ByteString> attached(long lease, long revision) {
        var keys = new HashSet<ByteString>();
        for (var kv : story.keysAt(revision)) {
            if (kv.getLease() == lease) {
                keys.add(kv.getKey());
            }
        }
        return keys;
    }
}
