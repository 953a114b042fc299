package dev.cetera.lab.check;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.apply.Outcome.Refused;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.State;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An operation as the search for an order sees it: when it may take effect, at which revisions, and what must
/// come of it then. Immutable.
///
/// @param request with the id that the member gave a lease
/// @param ended   [Operation#NEVER] where the outcome is unknown
/// @param from    the first revision of the store before the operation, as its answer tells it
/// @param until   the last such revision
record Call(Operation operation, Kind kind, Message request, long called, long ended, long from, long until) {
    enum Kind {
        /// Made a revision, the one after `from`.
        WRITE,
        /// Changed nothing; it shows one revision.
        READ,
        COMPACTION,
        GRANT,
        REVOCATION,
        /// For a reason that lies in the state.
        REFUSED,
        /// May take effect or not, and changes something if it does.
        UNKNOWN
    }

    private static final Set<String> BY_STATE = Set.of(
            Refusal.LEASE_NOT_FOUND.text(),
            Refusal.LEASE_EXISTS.text(),
            Refusal.KEY_NOT_FOUND.text(),
            Refusal.COMPACTED.text(),
            Refusal.FUTURE_REVISION.text());

    private static final long ANY = Long.MAX_VALUE;

    /// The operation as a call; null for what has no place in the order: it changes nothing and may be
    /// answered from the past.
    static @Nullable Call of(Operation operation) {
        if (Requests.isSerializable(operation.request()) || !isOrdered(operation.request())) {
            return null;
        }
        return switch (operation.outcome()) {
            case Outcome.Answered(var response) -> answered(operation, response);
            case Outcome.Refused refused -> refused(operation, refused.text());
            case Outcome.Unknown _ -> unknown(operation);
        };
    }

    private static boolean isOrdered(Message request) {
        return request instanceof PutRequest
                || request instanceof DeleteRangeRequest
                || request instanceof TxnRequest
                || request instanceof RangeRequest
                || request instanceof CompactionRequest
                || request instanceof LeaseGrantRequest
                || request instanceof LeaseRevokeRequest;
    }

    private static Call answered(Operation operation, Message response) {
        long shown = Requests.header(response).getRevision();
        return switch (operation.request()) {
            case LeaseGrantRequest grant -> {
                long id = response instanceof LeaseGrantResponse granted ? granted.getID() : grant.getID();
                var complete = grant.toBuilder().setID(id).build();
                yield of(operation, Kind.GRANT, complete, operation.ended(), 1, shown);
            }
            case LeaseRevokeRequest revoke -> of(operation, Kind.REVOCATION, revoke, operation.ended(), 1, shown);
            case CompactionRequest compaction ->
                of(operation, Kind.COMPACTION, compaction, operation.ended(), shown, shown);
            default ->
                Requests.changed(response)
                        ? of(operation, Kind.WRITE, operation.request(), operation.ended(), shown - 1, shown - 1)
                        : of(operation, Kind.READ, operation.request(), operation.ended(), shown, shown);
        };
    }

    private static @Nullable Call refused(Operation operation, String text) {
        if (text.equals(Refusal.NO_SPACE.text())) {
            // What was proposed before the alarm is applied all the same.
            return unknown(operation);
        }
        return BY_STATE.contains(text) && Validity.refusal(operation.request()) == null
                ? of(operation, Kind.REFUSED, operation.request(), operation.ended(), 1, ANY)
                : null;
    }

    private static @Nullable Call unknown(Operation operation) {
        boolean without = switch (operation.request()) {
            case RangeRequest _ -> true;
            case TxnRequest txn -> Requests.isReadOnly(txn);
            // Nobody can have used a lease whose id nobody was told.
            case LeaseGrantRequest grant -> grant.getID() == 0;
            // A lease may end at any time anyhow.
            case LeaseRevokeRequest _ -> true;
            default -> false;
        };
        return without || Validity.refusal(operation.request()) != null
                ? null
                : of(operation, Kind.UNKNOWN, operation.request(), Operation.NEVER, 1, ANY);
    }

    private static Call of(Operation operation, Kind kind, Message request, long ended, long from, long until) {
        return new Call(operation, kind, request, operation.called(), ended, from, until);
    }

    boolean isRefusedFor(Refusal why) {
        return operation.outcome() instanceof Outcome.Refused refused
                && refused.text().equals(why.text());
    }

    /// Whether it has to do with keys alone: it reads or writes them, and is not refused.
    boolean isOfKeys() {
        return switch (kind) {
            case WRITE, READ -> true;
            case UNKNOWN -> !(request instanceof CompactionRequest) && !(request instanceof LeaseGrantRequest);
            case COMPACTION, GRANT, REVOCATION, REFUSED -> false;
        };
    }

    /// Whether this is what must come of it.
    boolean fits(State.Step step) {
        return switch (operation.outcome()) {
            case Outcome.Refused refused ->
                kind == Kind.UNKNOWN
                        ? step.outcome() instanceof Done
                        : step.outcome() instanceof Refused(var why)
                                && why.text().equals(refused.text());
            case Outcome.Unknown _ -> step.outcome() instanceof Done;
            case Outcome.Answered(var response) ->
                step.outcome() instanceof Done(var expected)
                        && (kind == Kind.GRANT || kind == Kind.REVOCATION || expected.equals(Requests.bare(response)));
        };
    }
}
