package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What etcd says of revisions and of the numbers in key-values and headers, as far as single answers tell it:
///
/// - The store's revision begins with 1, and a header never shows less where the API has one.
/// - Each write has a revision of its own, the one that its header shows.
/// - In a key-value, `1 <= version`, `create_revision <= mod_revision`, the version is 1 exactly when the two
///   are equal, and there are no more versions than revisions; nothing is newer than the header that it comes
///   with.
/// - Whoever asks for a key at a revision is shown the same as anybody else: a key and a mod revision belong
///   to one value.
/// - All members of the cluster name one cluster id, and each name of a member goes with one member id.
/// - On one stream, and so in one life of a member, revision and raft term never go back; neither do they for
///   other answers of the member in that time.
public final class RevisionAlgebra {
    private static final String NAME = "RevisionAlgebra";

    private record Version(ByteString key, long modRevision) {}

    /// An answer of a member: what its header shows, and when it was made.
    private record Shown(long earliest, long latest, ResponseHeader header, String where) {}

    private final History history;
    private final Map<Long, Operation> writers = new HashMap<>();
    private final Map<Version, KeyValue> versions = new HashMap<>();
    private final Map<String, Long> memberIds = new HashMap<>();
    private final Map<String, List<Shown>> shownBy = new TreeMap<>();
    private long clusterId;

    private RevisionAlgebra(History history) {
        this.history = history;
    }

    /// Holds all answers of a history against each other.
    ///
    /// @throws Violation when an answer contradicts itself or another one
    public static void check(History history) {
        new RevisionAlgebra(history).check();
    }

    private void check() {
        for (var operation : history.operations()) {
            if (operation.outcome() instanceof Outcome.Answered(var response)) {
                checkAnswer(operation, response);
            }
        }
        history.watches().forEach(watch -> watch.legs().forEach(this::checkLeg));
        var lives = new Lives(history);
        shownBy.forEach((member, shown) -> checkOrder(member, shown, lives));
    }

    private Violation violation(String where, String complaint) {
        return new Violation(NAME, where + ": " + complaint, history);
    }

    private void require(boolean holds, String where, String complaint) {
        if (!holds) {
            throw violation(where, complaint);
        }
    }

    // ---- single answers ----

    private void checkAnswer(Operation operation, Message response) {
        var where = Transcript.line(operation);
        var header = Requests.header(response);
        checkHeader(operation.member(), header, where);
        shownBy.computeIfAbsent(operation.member(), _ -> new ArrayList<>())
                .add(new Shown(operation.called(), operation.ended(), header, where));
        if (!showsKeys(response)) {
            return;
        }
        require(header.getRevision() >= 1, where, "the header shows no revision");
        if (Requests.changed(response)) {
            require(header.getRevision() >= 2, where, "no write has revision 1");
            var other = writers.putIfAbsent(header.getRevision(), operation);
            if (other != null) {
                throw violation(where, "another write has that revision: " + Transcript.line(other));
            }
        }
        checkKeys(response, header.getRevision(), where);
    }

    private static boolean showsKeys(Message response) {
        return response instanceof PutResponse
                || response instanceof RangeResponse
                || response instanceof DeleteRangeResponse
                || response instanceof TxnResponse
                || response instanceof HashKVResponse;
    }

    private void checkHeader(String member, ResponseHeader header, String where) {
        if (header.getClusterId() != 0) {
            require(clusterId == 0 || clusterId == header.getClusterId(), where, "that is another cluster's id");
            clusterId = header.getClusterId();
        }
        if (header.getMemberId() != 0) {
            var other = memberIds.putIfAbsent(member, header.getMemberId());
            require(other == null || other == header.getMemberId(), where, "that is another member's id");
        }
    }

    private void checkKeys(Message response, long revision, String where) {
        switch (response) {
            case RangeResponse range -> {
                range.getKvsList().forEach(kv -> checkKeyValue(kv, revision, where));
                require(range.getCount() >= range.getKvsCount(), where, "more keys than it counts");
            }
            case PutResponse put -> {
                if (put.hasPrevKv()) {
                    checkKeyValue(put.getPrevKv(), revision - 1, where);
                }
            }
            case DeleteRangeResponse delete ->
                delete.getPrevKvsList().forEach(kv -> checkKeyValue(kv, revision, where));
            case TxnResponse txn -> {
                for (var op : txn.getResponsesList()) {
                    switch (op.getResponseCase()) {
                        case RESPONSE_RANGE -> checkKeys(op.getResponseRange(), revision, where);
                        case RESPONSE_PUT -> checkKeys(op.getResponsePut(), revision, where);
                        case RESPONSE_DELETE_RANGE -> checkKeys(op.getResponseDeleteRange(), revision, where);
                        case RESPONSE_TXN -> checkKeys(op.getResponseTxn(), revision, where);
                        case RESPONSE_NOT_SET -> {}
                    }
                }
            }
            default -> {}
        }
    }

    private void checkKeyValue(KeyValue kv, long revision, String where) {
        checkNumbers(kv, revision, where);
        var same = versions.putIfAbsent(new Version(kv.getKey(), kv.getModRevision()), kv);
        // Who asks for keys only is shown no value.
        if (same != null && !same.equals(kv)) {
            boolean valueIsHidden = same.getValue().isEmpty() || kv.getValue().isEmpty();
            require(
                    valueIsHidden && withoutValue(same).equals(withoutValue(kv)),
                    where,
                    Transcript.kv(kv) + " was shown as " + Transcript.kv(same));
        }
    }

    private void checkNumbers(KeyValue kv, long revision, String where) {
        long created = kv.getCreateRevision();
        long modified = kv.getModRevision();
        boolean counts = kv.getVersion() >= 1
                && created >= 2
                && created <= modified
                && (kv.getVersion() == 1) == (created == modified)
                && kv.getVersion() - 1 <= modified - created;
        require(counts, where, "no key can be so: " + Transcript.kv(kv));
        require(modified <= revision, where, "it is newer than the revision shown: " + Transcript.kv(kv));
    }

    private static KeyValue withoutValue(KeyValue kv) {
        return kv.toBuilder().clearValue().build();
    }

    // ---- watches ----

    private void checkLeg(Watch.Leg leg) {
        var where = Transcript.line(leg);
        for (var told : leg.told()) {
            var header = told.response().getHeader();
            checkHeader(leg.member(), header, where);
            for (var event : told.response().getEventsList()) {
                checkEvent(event, where);
            }
        }
        long term = 0;
        for (var told : leg.told()) {
            long now = told.response().getHeader().getRaftTerm();
            require(now == 0 || now >= term, where, "the term goes back from " + term + " to " + now);
            term = Math.max(term, now);
        }
    }

    private void checkEvent(Event event, String where) {
        if (event.getType() == Event.EventType.PUT) {
            checkNumbers(event.getKv(), event.getKv().getModRevision(), where);
        }
        if (event.hasPrevKv()) {
            checkNumbers(event.getPrevKv(), event.getKv().getModRevision() - 1, where);
        }
    }

    // ---- one life of a member ----

    /// Who is asked after somebody was answered sees no less. A member that starts again may have forgotten
    /// what it had not written, so that holds only while it lives.
    private void checkOrder(String member, List<Shown> shown, Lives lives) {
        var byAnswer = new ArrayList<>(shown);
        byAnswer.sort((a, b) -> Long.compare(a.latest(), b.latest()));
        var byCall = new ArrayList<>(shown);
        byCall.sort((a, b) -> Long.compare(a.earliest(), b.earliest()));
        for (var life : lives.of(member)) {
            long revision = 0;
            long term = 0;
            int answered = 0;
            for (var one : byCall) {
                if (!life.contains(one.earliest(), one.latest())) {
                    continue;
                }
                for (; answered < byAnswer.size() && byAnswer.get(answered).latest() < one.earliest(); answered++) {
                    var earlier = byAnswer.get(answered);
                    if (life.contains(earlier.earliest(), earlier.latest())) {
                        revision = Math.max(revision, earlier.header().getRevision());
                        term = Math.max(term, earlier.header().getRaftTerm());
                    }
                }
                var header = one.header();
                require(
                        header.getRevision() == 0 || header.getRevision() >= revision,
                        one.where(),
                        "the member has shown revision " + revision + " before");
                require(
                        header.getRaftTerm() == 0 || header.getRaftTerm() >= term,
                        one.where(),
                        "the member has shown term " + term + " before");
            }
        }
    }
}
