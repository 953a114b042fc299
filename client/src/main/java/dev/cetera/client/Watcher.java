package dev.cetera.client;

import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One watch: where it stands, and what waits for its user. `nextRevision` is where a member must go on so
/// that nothing is missed and nothing comes twice: one past the last revision that is complete here.
///
/// What waits is bounded. A watch whose user is slow is taken off the member ("held back") and made again from
/// `nextRevision` when the user has caught up, so it costs memory neither here nor there.
///
/// Fields under the line belong to the hub's serial executor; the queue and the volatile ones are shared.
final class Watcher implements Watching {
    private static final long HIGH_BYTES = 16L << 20;
    private static final long LOW_BYTES = 4L << 20;
    /// What a batch costs beyond its keys and values.
    private static final long BATCH_BYTES = 256;

    private final WatchHub hub;
    private final KeyRange keys;
    private final WatchOption option;
    private final Runnable signal;
    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final CompletableFuture<Header> created = new CompletableFuture<>();
    private volatile boolean released;
    private volatile boolean heldBack;
    private volatile @Nullable EtcdException end;

    // ---- the hub's serial executor only ----
    private long nextRevision;
    private long id = -1;
    private boolean deniedBefore;
    private final List<WatchEvent> pieces = new ArrayList<>();
    private long pieceBytes;

    private record Waiting(WatchBatch batch, long bytes) {}

    /// @param signal is run, by any thread, whenever there is something new to [#poll], or an [#end]
    Watcher(WatchHub hub, KeyRange keys, WatchOption option, Runnable signal) {
        this.hub = hub;
        this.keys = keys;
        this.option = option;
        this.signal = signal;
        this.nextRevision = option.startRevision();
    }

    void begin() {
        hub.add(this);
    }

    @Override
    public CompletableFuture<Header> created() {
        return created.copy();
    }

    @Override
    public void close() {
        released = true;
        hub.remove(this);
        created.completeExceptionally(new CanceledException(EtcdException.Fate.NOT_APPLIED));
    }

    boolean released() {
        return released;
    }

    /// The next batch, or null.
    @Nullable
    WatchBatch poll() {
        var next = queue.poll();
        if (next == null) {
            return null;
        }
        long left = queuedBytes.addAndGet(-next.bytes);
        if (heldBack && left <= LOW_BYTES) {
            heldBack = false;
            hub.readmit(this);
        }
        return next.batch;
    }

    /// Why it has ended by itself, or null. What is queued still counts.
    @Nullable
    EtcdException end() {
        return end;
    }

    // ---- the hub's serial executor only ----

    WatchCreateRequest request() {
        var request = WatchCreateRequest.newBuilder()
                .setKey(keys.key().content())
                .setRangeEnd(keys.end().content())
                .setStartRevision(nextRevision)
                .setPrevKv(option.previous() == Previous.RETURNED)
                .setProgressNotify(option.progress() == WatchOption.Progress.TOLD)
                .setFragment(option.fragments() == WatchOption.Fragments.ALLOWED);
        switch (option.events()) {
            case PUTS -> request.addFilters(WatchCreateRequest.FilterType.NODELETE);
            case DELETES -> request.addFilters(WatchCreateRequest.FilterType.NOPUT);
            case ALL -> {}
        }
        return request.build();
    }

    long id() {
        return id;
    }

    void created(long newId, Header header) {
        id = newId;
        pieces.clear();
        pieceBytes = 0;
        if (nextRevision == 0) {
            nextRevision = header.revision() + 1;
        }
        deniedBefore = false;
        hub.executor().execute(() -> created.complete(header));
    }

    /// etcd 3.3 says "permission denied" to a token that it doesn't know, as after its start. So one denial is
    /// not believed, until a watch was made in between.
    boolean mayBeDeniedForItsToken() {
        boolean first = !deniedBefore;
        deniedBefore = true;
        return first;
    }

    /// The member knows it no more.
    void forgotten() {
        id = -1;
        pieces.clear();
        pieceBytes = 0;
    }

    /// Takes up events; those that were seen already, which a member may send again after it was asked anew,
    /// are left out. True if it must be held back now.
    boolean take(Header header, List<WatchEvent> events, long bytes, boolean more) {
        for (var event : events) {
            if (event.revision() >= nextRevision) {
                pieces.add(event);
            }
        }
        pieceBytes += bytes;
        if (more || pieces.isEmpty()) {
            return false;
        }
        var batch = new WatchBatch(header, pieces);
        nextRevision = pieces.get(pieces.size() - 1).revision() + 1;
        long cost = pieceBytes + BATCH_BYTES;
        pieces.clear();
        pieceBytes = 0;
        return offer(batch, cost);
    }

    boolean progress(Header header) {
        nextRevision = Math.max(nextRevision, header.revision() + 1);
        return option.progress() == WatchOption.Progress.TOLD && offer(new WatchBatch(header, List.of()), BATCH_BYTES);
    }

    private boolean offer(WatchBatch batch, long bytes) {
        if (released) {
            return false;
        }
        queue.add(new Waiting(batch, bytes));
        boolean full = queuedBytes.addAndGet(bytes) > HIGH_BYTES;
        if (full) {
            heldBack = true;
        }
        signal.run();
        return full;
    }

    /// After it was held back: the user may have caught up in between, so that no poll would readmit it.
    boolean caughtUpMeanwhile() {
        if (heldBack && queuedBytes.get() <= LOW_BYTES) {
            heldBack = false;
            return true;
        }
        return false;
    }

    boolean heldBack() {
        return heldBack;
    }

    void end(EtcdException why) {
        end = why;
        hub.executor().execute(() -> created.completeExceptionally(why));
        signal.run();
    }
}
