package dev.cetera.lab.cluster;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.testkit.Await;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// One watch over all keys that goes on at the next member when the one it was at goes away, and that checks
/// that it misses nothing, sees nothing twice, and sees all in order.
///
/// Guarded by itself.
public final class Watching implements AutoCloseable {
    private static final long RETRY_NANOS = 20_000_000;

    private final List<Direct> members = new ArrayList<>();
    private final Map<ByteString, KeyValue> newest = new HashMap<>();
    private final StringBuilder problems = new StringBuilder();
    private final Thread thread;
    private long seen;
    private int streams;
    private volatile boolean stopping;

    private Watching(List<Member> members, int first, long after) {
        for (int i = 0; i < members.size(); i++) {
            this.members.add(new Direct(members.get((first + i) % members.size())));
        }
        this.seen = after;
        this.thread = Thread.ofPlatform().name("watching").daemon().unstarted(this::run);
    }

    /// Watches from revision 1, at the member in place `first` to begin with.
    public static Watching start(List<Member> members, int first) {
        var watching = new Watching(members, first, 0);
        watching.thread.start();
        return watching;
    }

    private void run() {
        for (int i = 0; !stopping; i++) {
            watch(members.get(i % members.size()), new CountDownLatch(1));
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private void watch(Direct member, CountDownLatch end) {
        StreamObserver<WatchRequest> requests = member.watch().watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                take(response);
            }

            @Override
            public void onError(Throwable error) {
                end.countDown();
            }

            @Override
            public void onCompleted() {
                end.countDown();
            }
        });
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(Direct.FIRST_KEY)
                        .setRangeEnd(Direct.FIRST_KEY)
                        .setStartRevision(seen() + 1))
                .build());
        try {
            end.await();
        } catch (InterruptedException e) {
            requests.onError(e);
        }
    }

    private synchronized void take(WatchResponse response) {
        if (response.getCreated()) {
            streams++;
        }
        if (response.getCanceled()) {
            problems.append("cancelled: ").append(response.getCancelReason()).append('\n');
        }
        for (Event event : response.getEventsList()) {
            KeyValue kv = event.getKv();
            KeyValue before = newest.put(kv.getKey(), kv);
            boolean inOrder = kv.getModRevision() >= seen;
            boolean next = event.getType() == Event.EventType.DELETE
                    || kv.getVersion() == 1
                    || (before != null && kv.getVersion() == before.getVersion() + 1);
            if (!inOrder || !next || (before != null && before.getModRevision() >= kv.getModRevision())) {
                problems.append(kv.getKey().toStringUtf8())
                        .append(" in version ")
                        .append(kv.getVersion());
                problems.append(" at revision ").append(kv.getModRevision()).append(" came after revision ");
                problems.append(seen).append(before == null ? "" : ", itself in version " + before.getVersion());
                problems.append('\n');
            }
            seen = kv.getModRevision();
        }
    }

    /// Revision of the newest event.
    public synchronized long seen() {
        return seen;
    }

    /// How often it was begun anew, the first time included.
    public synchronized int streams() {
        return streams;
    }

    /// Waits for the events up to `revision`, and fails when they were not exactly what `member` holds.
    public void verify(Member member, long revision) {
        Await.await("the watch has come to revision " + revision, Cluster.PATIENCE, () -> seen() >= revision);
        Map<ByteString, KeyValue> held;
        try (var direct = new Direct(member)) {
            held = Tally.of(direct).all();
        }
        synchronized (this) {
            held.forEach((key, kv) -> {
                KeyValue event = newest.get(key);
                if (event == null || event.getModRevision() != kv.getModRevision() || !event.equals(kv)) {
                    problems.append("not seen: ")
                            .append(kv)
                            .append(", but ")
                            .append(event)
                            .append('\n');
                }
            });
            if (!problems.isEmpty()) {
                throw new AssertionError("the watch went wrong:\n" + problems);
            }
        }
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        members.forEach(Direct::close);
    }
}
