package dev.cetera.lab.check;

import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Answers that a member gives from what it has, old as it may be: serializable reads and HashKV. They have no
/// place in the order, but each shows one revision, and that was so. Immutable once made.
final class Glimpses {
    private final Map<Long, List<Operation>> byRevision = new HashMap<>();

    Glimpses(History history) {
        for (var operation : history.operations()) {
            if (operation.outcome() instanceof Outcome.Answered(var response)) {
                if (operation.request() instanceof HashKVRequest hash && hash.getRevision() > 0) {
                    add(hash.getRevision(), operation);
                } else if (operation.request() instanceof HashKVRequest
                        || Requests.isSerializable(operation.request())) {
                    add(Requests.header(response).getRevision(), operation);
                }
            }
        }
    }

    private void add(long revision, Operation operation) {
        byRevision.computeIfAbsent(revision, _ -> new ArrayList<>()).add(operation);
    }

    /// The first answer that shows the newest revision of a state in another way; null when all are right.
    @Nullable
    String complaint(State state) {
        for (var operation : byRevision.getOrDefault(state.revision(), List.of())) {
            var complaint = complaint(state, operation);
            if (complaint != null) {
                return Transcript.line(operation) + ": at that revision it was " + complaint;
            }
        }
        return null;
    }

    private static @Nullable String complaint(State state, Operation operation) {
        if (!(operation.outcome() instanceof Outcome.Answered(var response))) {
            return null;
        }
        if (response instanceof HashKVResponse hash) {
            var expected = state.hash(state.revision(), hash.getCompactRevision());
            return expected == null || expected == hash.getHash() ? null : Integer.toUnsignedString(expected);
        }
        // Whether the member had compacted by then nobody knows; it has answered, so it had not.
        var step = state.asOf(state.revision()).apply(operation.request());
        return step.outcome() instanceof Done(var expected) && expected.equals(Requests.bare(response))
                ? null
                : Transcript.outcome(step.outcome());
    }
}
