package dev.cetera.lab.check;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The KV API's guarantees: atomicity, durability and strict serializability. There is one order of all
/// operations, in which each takes effect at one moment between its call and its answer, and in which every
/// answer is right; transactions, compactions and the ends of leases are among them.
///
/// - A put, a deletion or a transaction whose answer is unknown takes effect at any time after its call, or
///   never.
/// - What was refused did nothing, and the reason was true at some moment.
/// - What any member showed to anybody is there for every operation that begins later: also what a watch or a
///   serializable read showed.
/// - A serializable read may show the past: the state of the revision in its header, and no state that never
///   was.
/// - HashKV is that of the revision and of the compaction that it names.
///
/// The history must begin with an empty store, and hold every request that changes something.
public final class StrictSerializability {
    private static final String NAME = "StrictSerializability";
    static final int MAX_STEPS = 400_000;

    private static final Set<String> BY_REQUEST = Set.of(
            Refusal.EMPTY_KEY.text(),
            Refusal.VALUE_PROVIDED.text(),
            Refusal.LEASE_PROVIDED.text(),
            Refusal.TOO_MANY_OPS.text(),
            Refusal.DUPLICATE_KEY.text());

    private final History history;
    private final Set<LeaseEnd> excluded;

    private StrictSerializability(History history, Set<LeaseEnd> excluded) {
        this.history = history;
        this.excluded = excluded;
    }

    /// Finds the order.
    ///
    /// @return what happened, or an undecided story where that took too many steps
    /// @throws Violation when there is none
    public static Story check(History history) {
        return check(history, Set.of(), MAX_STEPS);
    }

    /// @param excluded what did not happen
    static Story check(History history, Set<LeaseEnd> excluded, int maxSteps) {
        return new StrictSerializability(history, excluded).check(maxSteps);
    }

    private Story check(int maxSteps) {
        history.operations().forEach(this::checkRefusal);
        var told = Facts.of(history, Facts.Trust.TOLD);
        checkCount(told.newest());
        var impossible = new ArrayList<String>();
        // Perhaps a watch was told what is wrong, or not told what it should have been. Then there is an order
        // for whom believes less, and the watch is at fault.
        for (var trust : Facts.Trust.values()) {
            var story = search(Facts.of(history, trust), told, maxSteps, impossible);
            if (story != null) {
                return story;
            }
        }
        throw violation(impossible.getLast());
    }

    private Violation violation(String complaint) {
        return new Violation(NAME, complaint, history);
    }

    /// Looks at keys alone, then at everything.
    ///
    /// @param impossible gets the reason why there is no order
    /// @return null when there is none
    private @Nullable Story search(Facts facts, Facts hints, int maxSteps, List<String> impossible) {
        Story story = null;
        for (var depth : Search.Depth.values()) {
            story = switch (new Search(history, depth, facts, hints, excluded, maxSteps).run()) {
                case Search.Result.Found(var turns, var last) -> tell(turns, last, facts);
                case Search.Result.Undecided(var why) -> Story.undecided(why);
                case Search.Result.Impossible(var why) -> {
                    impossible.add(why);
                    yield null;
                }
            };
            if (story == null || !story.isDecided()) {
                return story;
            }
        }
        return story;
    }

    private static Story tell(List<Search.Turn> turns, State last, Facts facts) {
        var chapters = new ArrayList<Story.Chapter>();
        long notBefore = Long.MIN_VALUE;
        for (var turn : turns) {
            long revision = turn.after().revision();
            var call = turn.call();
            boolean isPlaced = call != null
                    && switch (call.kind()) {
                        case WRITE, COMPACTION -> true;
                        case UNKNOWN, REVOCATION -> revision > chapters.size() + 1;
                        case READ, GRANT, REFUSED -> false;
                    };
            if (call != null && isPlaced) {
                notBefore = Math.max(notBefore, call.called());
            }
            if (revision > chapters.size() + 1) {
                notBefore = Math.max(notBefore, facts.lastReadOf(revision - 1));
                chapters.add(new Story.Chapter(
                        revision,
                        turn.after().eventsOf(revision),
                        call == null ? null : call.operation(),
                        turn.lease(),
                        notBefore,
                        facts.knownBy(revision)));
            }
        }
        return Story.of(chapters, last);
    }

    // ---- what needs no search ----

    /// A member refuses what the request itself makes impossible, and only that.
    private void checkRefusal(Operation operation) {
        var wanted = Validity.refusal(operation.request());
        if (operation.outcome() instanceof Outcome.Answered && wanted != null) {
            throw violation(Transcript.line(operation) + ": must be refused, " + wanted.text());
        }
        if (operation.outcome() instanceof Outcome.Refused refused
                && wanted == null
                && BY_REQUEST.contains(refused.text())) {
            throw violation(Transcript.line(operation) + ": there is nothing wrong with the request");
        }
        if (operation.outcome() instanceof Outcome.Refused refused
                && operation.request() instanceof RangeRequest range
                && range.getSerializable()) {
            checkRefused(operation, range, refused.text());
        }
    }

    /// No revision without somebody who can have made it.
    private void checkCount(long newest) {
        long makers = history.operations().stream()
                .filter(operation -> !(operation.request() instanceof RangeRequest))
                .count();
        if (newest - 1 > makers) {
            throw violation(
                    "revision " + newest + " was seen, and only " + makers + " requests can have made revisions");
        }
    }

    // ---- what is refused by the past ----

    private void checkRefused(Operation operation, RangeRequest range, String text) {
        boolean possible = true;
        if (text.equals(Refusal.COMPACTED.text())) {
            possible = mayBeCompacted(range.getRevision(), operation.ended());
        } else if (text.equals(Refusal.FUTURE_REVISION.text())) {
            possible = range.getRevision() > 1;
        }
        if (!possible) {
            throw violation(Transcript.line(operation) + ": that was never so");
        }
    }

    private boolean mayBeCompacted(long revision, long by) {
        return history.operations().stream()
                .anyMatch(operation -> operation.request() instanceof CompactionRequest compaction
                        && !(operation.outcome() instanceof Outcome.Refused)
                        && operation.called() <= by
                        && compaction.getRevision() > revision);
    }
}
