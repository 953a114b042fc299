package dev.cetera.concurrency;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event.EventType;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.api.v3electionpb.LeaderResponse;
import dev.cetera.concurrency.Inner.Outcome;
import dev.cetera.concurrency.Inner.Watch;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client that is told of each leader and of what leaders proclaim. It looks who leads, watches that one's
/// key until it goes, and looks again; with no leader it watches for the first to come. The next events are
/// asked for when the client has taken the last ones. When something fails the stream ends, without a word, as
/// in etcd.
///
/// Guarded by itself: the client may go, or be ready again, at any moment. Steps of its own follow each other.
final class Observation {
    private final Inner calls;
    private final ByteString name;
    private final ServerCallStreamObserver<LeaderResponse> observer;

    @GuardedBy("this")
    private @Nullable Watch watch;

    /// The client is behind, and the watch waits for it.
    @GuardedBy("this")
    private boolean behind;

    @GuardedBy("this")
    private boolean over;

    Observation(Inner calls, ByteString name, ServerCallStreamObserver<LeaderResponse> observer) {
        this.calls = calls;
        this.name = name;
        this.observer = observer;
        observer.setOnCancelHandler(this::stop);
        observer.setOnReadyHandler(this::ready);
    }

    void begin() {
        look();
    }

    private void look() {
        calls.range(Keys.first(name), new Outcome<>(this::looked, this::end));
    }

    private void looked(RangeResponse found) {
        if (found.getKvsCount() == 0) {
            var prefix = Keys.prefix(name);
            var what = WatchCreateRequest.newBuilder()
                    .setKey(prefix)
                    .setRangeEnd(Keys.end(prefix))
                    .setStartRevision(found.getHeader().getRevision());
            watch(what, this::someoneCame);
        } else {
            follow(found.getHeader(), found.getKvs(0));
        }
    }

    /// Tells of a leader and watches it from then on.
    private void follow(ResponseHeader header, KeyValue leader) {
        tell(header, leader);
        var what = WatchCreateRequest.newBuilder().setKey(leader.getKey()).setStartRevision(header.getRevision() + 1);
        watch(what, this::leaderChanged);
    }

    private void watch(WatchCreateRequest.Builder what, Consumer<WatchResponse> responses) {
        var begun = calls.watch(what, responses, this::end);
        boolean late;
        synchronized (this) {
            late = over;
            watch = begun;
        }
        if (late) {
            begun.stop();
        } else {
            next();
        }
    }

    private void someoneCame(WatchResponse response) {
        for (var event : response.getEventsList()) {
            if (event.getType() == EventType.PUT) {
                unwatch();
                var header = response.getHeader().toBuilder()
                        .setRevision(event.getKv().getModRevision())
                        .build();
                follow(header, event.getKv());
                return;
            }
        }
        next();
    }

    private void leaderChanged(WatchResponse response) {
        for (var event : response.getEventsList()) {
            if (event.getType() == EventType.DELETE) {
                unwatch();
                look();
                return;
            }
            tell(response.getHeader(), event.getKv());
        }
        next();
    }

    private void tell(ResponseHeader header, KeyValue leader) {
        if (!observer.isCancelled()) {
            observer.onNext(
                    LeaderResponse.newBuilder().setHeader(header).setKv(leader).build());
        }
    }

    /// Asks for what comes next, now or when the client can take it.
    private void next() {
        Watch on;
        synchronized (this) {
            behind = !observer.isReady();
            on = behind ? null : watch;
        }
        if (on != null) {
            on.next();
        }
    }

    private void ready() {
        Watch on;
        synchronized (this) {
            on = behind ? watch : null;
            behind = false;
        }
        if (on != null) {
            on.next();
        }
    }

    private void unwatch() {
        Watch stopped;
        synchronized (this) {
            stopped = watch;
            watch = null;
        }
        if (stopped != null) {
            stopped.stop();
        }
    }

    private void stop() {
        synchronized (this) {
            over = true;
        }
        unwatch();
    }

    private void end(Status why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        observer.onCompleted();
    }
}
