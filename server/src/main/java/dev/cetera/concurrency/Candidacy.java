package dev.cetera.concurrency;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event.EventType;
import dev.cetera.concurrency.Inner.Outcome;
import dev.cetera.concurrency.Inner.Watch;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// One who wants a lock or an office: enters its key, and waits until all that were created before it are
/// gone, one after the other, watching only the one right before. Whoever gives up takes its key away.
///
/// Guarded by itself: the client may go at any moment. Steps of its own follow each other.
final class Candidacy {
    /// What to do with a key of the same lease that is there already.
    enum Existing {
        /// It stands for this candidate.
        KEEP,
        /// It does, and gets the new value.
        REPLACE
    }

    /// Who wants what.
    ///
    /// @param lost what to say when the key has gone while it waited
    record Wish(ByteString name, long lease, ByteString value, Existing existing, String lost) {
        ByteString key() {
            return Keys.of(name, lease);
        }
    }

    /// It has what it wants.
    ///
    /// @param revision at which its key was created
    /// @param entered  when it entered
    /// @param checked  when it was seen that nobody is before it
    record Won(ByteString key, long revision, ResponseHeader entered, ResponseHeader checked) {}

    private final Inner calls;
    private final Wish wish;
    private final Outcome<Won> outcome;

    // ---- one step after the other ----
    private long revision;
    private ResponseHeader entered = ResponseHeader.getDefaultInstance();

    @GuardedBy("this")
    private @Nullable Watch waiting;

    @GuardedBy("this")
    private boolean cancelled;

    Candidacy(Inner calls, Wish wish, Outcome<Won> outcome) {
        this.calls = calls;
        this.wish = wish;
        this.outcome = outcome;
    }

    void begin() {
        var key = wish.key();
        var owner = Keys.op(Keys.first(wish.name()));
        var request = TxnRequest.newBuilder()
                .addCompare(Keys.createdAt(key, 0))
                .addSuccess(Keys.put(key, wish.value(), wish.lease()))
                .addSuccess(owner)
                .addFailure(Keys.op(Keys.key(key)))
                .addFailure(owner)
                .build();
        calls.txn(request, new Outcome<>(this::entered, outcome.failed()));
    }

    /// The client has gone.
    void cancel() {
        Watch stopped;
        synchronized (this) {
            cancelled = true;
            stopped = waiting;
            waiting = null;
        }
        if (stopped != null) {
            stopped.stop();
            leave();
        }
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    private void entered(TxnResponse done) {
        entered = done.getHeader();
        if (done.getSucceeded()) {
            revision = entered.getRevision();
        } else {
            var own = done.getResponses(0).getResponseRange().getKvs(0);
            revision = own.getCreateRevision();
            if (wish.existing() == Existing.REPLACE && !own.getValue().equals(wish.value())) {
                replace(done);
                return;
            }
        }
        goOn(done);
    }

    private void replace(TxnResponse before) {
        var key = wish.key();
        var request = TxnRequest.newBuilder()
                .addCompare(Keys.createdAt(key, revision))
                .addSuccess(Keys.put(key, wish.value(), wish.lease()))
                .build();
        calls.txn(
                request,
                new Outcome<>(
                        done -> {
                            if (done.getSucceeded()) {
                                goOn(before);
                            } else {
                                lost();
                            }
                        },
                        this::fail));
    }

    private void goOn(TxnResponse done) {
        if (isCancelled()) {
            leave();
            return;
        }
        var owner = done.getResponses(1).getResponseRange();
        if (owner.getKvsCount() == 0 || owner.getKvs(0).getCreateRevision() == revision) {
            outcome.done().accept(new Won(wish.key(), revision, entered, entered));
        } else {
            look();
        }
    }

    /// Looks in one moment who is right before it and whether its own key is still there.
    private void look() {
        var request = TxnRequest.newBuilder()
                .addSuccess(Keys.op(Keys.lastBefore(wish.name(), revision)))
                .addSuccess(Keys.op(Keys.key(wish.key())))
                .build();
        calls.txn(request, new Outcome<>(this::looked, this::fail));
    }

    private void looked(TxnResponse seen) {
        if (isCancelled()) {
            leave();
            return;
        }
        var before = seen.getResponses(0).getResponseRange();
        var own = seen.getResponses(1).getResponseRange();
        if (own.getKvsCount() == 0 || own.getKvs(0).getCreateRevision() != revision) {
            lost();
        } else if (before.getKvsCount() == 0) {
            outcome.done().accept(new Won(wish.key(), revision, entered, seen.getHeader()));
        } else {
            await(before.getKvs(0).getKey(), seen.getHeader().getRevision());
        }
    }

    private void await(ByteString key, long from) {
        var what = WatchCreateRequest.newBuilder().setKey(key).setStartRevision(from);
        var begun = calls.watch(what, this::watched, this::watchEnded);
        boolean late;
        synchronized (this) {
            late = cancelled;
            waiting = late ? null : begun;
        }
        if (late) {
            begun.stop();
            leave();
        } else {
            begun.next();
        }
    }

    private void watched(WatchResponse response) {
        boolean gone = response.getEventsList().stream().anyMatch(event -> event.getType() == EventType.DELETE);
        Watch on;
        synchronized (this) {
            on = waiting;
            if (gone) {
                waiting = null;
            }
        }
        if (on == null) {
            return; // the client has gone
        }
        if (gone) {
            on.stop();
            look();
        } else {
            on.next();
        }
    }

    private void watchEnded(Status why) {
        synchronized (this) {
            waiting = null;
            if (cancelled) {
                return;
            }
        }
        fail(why);
    }

    private void lost() {
        outcome.failed().accept(Status.UNKNOWN.withDescription(wish.lost()));
    }

    private void fail(Status why) {
        leave();
        outcome.failed().accept(why);
    }

    /// Takes the key away, if it is still the same. Should that fail, it goes with its lease.
    private void leave() {
        var key = wish.key();
        var request = TxnRequest.newBuilder()
                .addCompare(Keys.createdAt(key, revision))
                .addSuccess(Keys.delete(key))
                .build();
        calls.txn(request, new Outcome<>(_ -> {}, _ -> {}));
    }
}
