package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.compactor.Compactor;
import dev.cetera.config.GoDuration;
import dev.cetera.config.Retention;
import dev.cetera.logs.Log;
import dev.cetera.mvcc.Store;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Has a leader compact of its own accord. Every member takes note of revisions, so that whoever becomes the
/// leader knows how far back a period goes. Confined to the clock, but for the answers.
final class AutoCompaction {
    private static final Log LOG = Log.of("compactor");

    private final @Nullable Compactor compactor;
    private final Store store;
    private final Supplier<Status> status;
    private final Proposer proposer;

    AutoCompaction(Retention retention, Store store, Time time, Supplier<Status> status, Proposer proposer) {
        this.compactor = Compactor.of(retention, time.nanos());
        this.store = store;
        this.status = status;
        this.proposer = proposer;
    }

    void tick(long nowNanos) {
        if (compactor == null) {
            return;
        }
        var role = status.get().role() == Role.LEADER ? Compactor.Role.ACTIVE : Compactor.Role.PASSIVE;
        long revision = compactor.due(nowNanos, store.view().revision(), role);
        if (revision > 0) {
            compact(compactor, revision);
        }
    }

    private void compact(Compactor asking, long revision) {
        LOG.notice("Starting auto-compaction at revision " + revision + " (retention: " + asking.retention() + ")");
        var request = InternalRaftRequest.newBuilder()
                .setCompaction(CompactionRequest.newBuilder().setRevision(revision));
        proposer.propose(request, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                switch (outcome) {
                    case Outcome.Done<? extends Message> _ -> succeeded();
                    case Outcome.Refused<? extends Message>(var why) -> refused(why);
                }
            }

            @Override
            public void refused(Refusal why) {
                if (why == Refusal.COMPACTED) {
                    succeeded(); // somebody else was faster
                    return;
                }
                asking.failed();
                LOG.notice("Failed auto-compaction at revision " + revision + " (" + why.text() + ")");
                LOG.notice("Retry after " + GoDuration.text(asking.retryNanos()));
            }

            private void succeeded() {
                asking.succeeded();
                LOG.notice("Finished auto-compaction at revision " + revision);
            }
        });
    }
}
