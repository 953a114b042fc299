package dev.cetera.client;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.WatchCancelRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.client.transport.CallFailure;
import dev.cetera.client.transport.StreamCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// All watches of one client that ask with the same metadata, over one stream. When it breaks, a new one is
/// opened on another member and every watch made again from where it stands. Watches are made one at a time,
/// because the member chooses their ids and only the order tells which is whose; through a proxy not even that
/// would.
///
/// Confined to its serial executor, except what it hands on to it.
final class WatchHub {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /// After a refused token, so that a member that refuses all of them isn't asked in a circle.
    private static final long TOKEN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Calls calls;
    private final Serial serial;

    private final Set<Watcher> watchers = new LinkedHashSet<>();
    private final Map<Long, Watcher> byId = new HashMap<>();
    private final Deque<Watcher> wanted = new ArrayDeque<>();
    private @Nullable Watcher making;
    private @Nullable StreamCall<WatchRequest, WatchResponse> stream;
    private @Nullable StreamCall<?, ?> failed;
    private boolean open;
    private boolean pausing;
    private boolean closed;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    WatchHub(Calls calls) {
        this.calls = calls;
        this.serial = new Serial(calls.transport().executor());
    }

    void add(Watcher watcher) {
        serial.execute(() -> {
            if (closed) {
                watcher.end(new ClosedException(EtcdException.Fate.NOT_APPLIED));
            } else if (!watcher.released()) {
                watchers.add(watcher);
                want(watcher);
            }
        });
    }

    void remove(Watcher watcher) {
        serial.execute(() -> {
            if (watchers.remove(watcher)) {
                wanted.remove(watcher);
                takeOff(watcher);
                if (watchers.isEmpty() && stream != null) {
                    stream.cancel();
                }
            }
        });
    }

    /// One that was held back, and whose user has caught up.
    void readmit(Watcher watcher) {
        serial.execute(() -> {
            if (watchers.contains(watcher) && watcher.id() < 0 && watcher != making && !wanted.contains(watcher)) {
                want(watcher);
            }
        });
    }

    /// Where what the user does next doesn't hold up other watches.
    Executor executor() {
        return calls.transport().executor();
    }

    void close() {
        serial.execute(() -> {
            closed = true;
            endAll(new ClosedException(EtcdException.Fate.NOT_APPLIED));
            if (stream != null) {
                stream.cancel();
            }
        });
    }

    // ---- serial executor only ----

    private void want(Watcher watcher) {
        wanted.add(watcher);
        if (stream == null) {
            if (!pausing) {
                stream = calls.open(WatchGrpc.getWatchMethod(), failed, new Answers());
            }
        } else {
            makeNext();
        }
    }

    private void makeNext() {
        if (!open || making != null || stream == null) {
            return;
        }
        var next = wanted.poll();
        if (next != null) {
            making = next;
            stream.send(
                    WatchRequest.newBuilder().setCreateRequest(next.request()).build());
        }
    }

    private void takeOff(Watcher watcher) {
        long id = watcher.id();
        if (id >= 0 && byId.remove(id, watcher)) {
            watcher.forgotten();
            cancelOnMember(id);
        }
    }

    private void cancelOnMember(long id) {
        if (stream != null && open) {
            stream.send(WatchRequest.newBuilder()
                    .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                    .build());
        }
    }

    private void message(WatchResponse answer) {
        pauseNanos = FIRST_PAUSE_NANOS;
        if (answer.getCreated()) {
            made(answer);
            return;
        }
        var watcher = byId.get(answer.getWatchId());
        if (watcher == null) {
            return; // on its way when the watch was taken off
        }
        if (answer.getCanceled()) {
            byId.remove(answer.getWatchId());
            watcher.forgotten();
            canceled(watcher, answer);
            return;
        }
        var header = Protos.header(answer.getHeader());
        boolean full;
        if (answer.getEventsCount() > 0 || answer.getFragment()) {
            var events = answer.getEventsList().stream().map(WatchHub::event).toList();
            full = watcher.take(header, events, answer.getSerializedSize(), answer.getFragment());
        } else {
            full = watcher.progress(header);
        }
        if (full) {
            takeOff(watcher);
            if (watcher.caughtUpMeanwhile()) {
                want(watcher);
            }
        }
    }

    private void made(WatchResponse answer) {
        var watcher = making;
        making = null;
        if (watcher != null) {
            if (answer.getCanceled() || answer.getWatchId() < 0) {
                if (watchers.contains(watcher)) {
                    canceled(watcher, answer);
                }
            } else if (watchers.contains(watcher)) {
                byId.put(answer.getWatchId(), watcher);
                watcher.created(answer.getWatchId(), Protos.header(answer.getHeader()));
            } else {
                cancelOnMember(answer.getWatchId()); // closed in between
            }
        }
        makeNext();
    }

    /// The member has ended a watch.
    private void canceled(Watcher watcher, WatchResponse answer) {
        var reason = answer.getCancelReason();
        if (answer.getCompactRevision() != 0) {
            end(watcher, new CompactedException(answer.getCompactRevision(), Protos.header(answer.getHeader())));
        } else if (reason.equals(Refusal.INVALID_TOKEN.text())
                || (reason.equals(Refusal.PERMISSION_DENIED.text())
                        && calls.transport().hasLogin()
                        && watcher.mayBeDeniedForItsToken())) {
            // With a new stream comes a new token.
            wanted.add(watcher);
            pauseNanos = TOKEN_PAUSE_NANOS;
            if (stream != null) {
                calls.transport().renewToken();
                stream.cancel();
            }
        } else if (reason.isEmpty()) {
            end(watcher, new RefusedException(Refusal.FUTURE_REVISION));
        } else {
            end(watcher, new RefusedException(Code.FAILED_PRECONDITION, reason));
        }
    }

    private void end(Watcher watcher, EtcdException why) {
        watchers.remove(watcher);
        watcher.end(why);
    }

    private void endAll(EtcdException why) {
        wanted.clear();
        byId.clear();
        making = null;
        for (var watcher : new ArrayList<>(watchers)) {
            watcher.forgotten();
            end(watcher, why);
        }
    }

    private void ended(StreamCall<?, ?> gone, @Nullable CallFailure failure) {
        if (stream != gone) {
            return;
        }
        stream = null;
        open = false;
        failed = gone;
        making = null;
        byId.clear();
        wanted.clear();
        if (failure != null && isFinal(failure)) {
            endAll(EtcdException.from(failure));
            return;
        }
        for (var watcher : watchers) {
            watcher.forgotten();
            if (!watcher.heldBack()) {
                wanted.add(watcher);
            }
        }
        pausing = true;
        long pause = pauseNanos;
        pauseNanos = Math.min(pauseNanos * 5 / 4 + 1, LAST_PAUSE_NANOS);
        var unused = calls.transport().schedule(() -> serial.execute(this::openAgain), pause);
    }

    private void openAgain() {
        pausing = false;
        if (stream == null && !wanted.isEmpty() && !closed) {
            stream = calls.open(WatchGrpc.getWatchMethod(), failed, new Answers());
        }
    }

    /// Whether a new stream could not do better. What looks like a member in trouble is not.
    private static boolean isFinal(CallFailure failure) {
        return switch (failure.origin()) {
            case CANCELED, DEADLINE -> false; // this hub's own doing
            case CLOSED, LIMIT -> true;
            case REMOTE -> isRefusal(failure);
        };
    }

    private static boolean isRefusal(CallFailure failure) {
        var why = EtcdException.from(failure);
        return switch (why.code()) {
            case UNAUTHENTICATED -> !why.text().equals(Refusal.INVALID_TOKEN.text());
            case PERMISSION_DENIED,
                    INVALID_ARGUMENT,
                    FAILED_PRECONDITION,
                    UNIMPLEMENTED,
                    NOT_FOUND,
                    OUT_OF_RANGE,
                    RESOURCE_EXHAUSTED -> true;
            default -> false;
        };
    }

    private static WatchEvent event(Event event) {
        return new WatchEvent(
                event.getType() == Event.EventType.DELETE ? WatchEvent.Kind.DELETE : WatchEvent.Kind.PUT,
                Protos.keyValue(event.getKv()),
                event.hasPrevKv() ? Optional.of(Protos.keyValue(event.getPrevKv())) : Optional.empty());
    }

    private final class Answers implements StreamCall.Listener<WatchRequest, WatchResponse> {
        @Override
        public void opened(StreamCall<WatchRequest, WatchResponse> opened, String endpoint) {
            opened.request(1);
            serial.execute(() -> {
                if (stream == opened) {
                    open = true;
                    if (watchers.isEmpty()) {
                        opened.cancel();
                    } else {
                        makeNext();
                    }
                }
            });
        }

        @Override
        public void message(StreamCall<WatchRequest, WatchResponse> from, WatchResponse answer) {
            serial.execute(() -> {
                if (stream == from) {
                    WatchHub.this.message(answer);
                    from.request(1);
                }
            });
        }

        @Override
        public void closed(StreamCall<WatchRequest, WatchResponse> gone, @Nullable CallFailure failure) {
            serial.execute(() -> ended(gone, failure));
        }
    }
}
