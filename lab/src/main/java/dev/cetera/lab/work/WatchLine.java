package dev.cetera.lab.work;

import dev.cetera.api.etcdserverpb.WatchCancelRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchProgressRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client with several watches, all on one stream at a time. It ends watches and begins others, asks how far
/// they are, reads slowly for a while, and goes to another member - when it likes, and when its stream breaks.
final class WatchLine {
    private static final Span BETWEEN_WHIMS = Span.ofMillis(50, 3_000);
    private static final Span LAG = Span.ofMillis(20, 1_000);

    /// At the end, when nothing more is to come: how often to ask how far all are, and how long to wait for
    /// anything at all before going elsewhere.
    private static final long LAST_QUESTIONS_NANOS = 300_000_000;

    private static final long SILENCE_NANOS = 10_000_000_000L;

    private final Site site;
    private final Workload.Plan plan;
    private final int size;
    private final Manner manner;
    private final List<Watching> watches = new ArrayList<>();
    private @Nullable Stream stream;
    private boolean slow;

    /// What a line is for.
    enum Manner {
        /// Watches of all sorts.
        VARIED,
        /// One watch of everything that ever happens, read at once and not ended by the client: whoever judges
        /// the history needs not guess so much.
        WITNESS
    }

    WatchLine(Site site, Workload.Plan plan, int size, Manner manner) {
        this.site = site;
        this.plan = plan;
        this.size = size;
        this.manner = manner;
    }

    void begin() {
        fill();
        connect();
        site.stage().in(BETWEEN_WHIMS.any(site.random()), this::whim);
    }

    /// Every watch that was not ended runs, and - as far as can be known - has been told of everything.
    boolean isSettled() {
        return watches.stream().allMatch(watch -> watch.isEnded() || isSettled(watch));
    }

    private boolean isSettled(Watching watch) {
        return switch (site.profile().progress()) {
            case BOOKMARK -> watch.knows(site.lore().newest());
            case RUMOUR -> watch.isRunning();
        };
    }

    // ---- streams ----

    private void connect() {
        var door = site.doors().any(site.random());
        if (door == null) {
            site.stage().in(Site.AFTER_FAILURE.any(site.random()), this::connect);
            return;
        }
        var opened = new Stream(door);
        stream = opened;
        opened.open();
        for (var watch : List.copyOf(watches)) {
            if (stream == opened) {
                opened.create(watch);
            }
        }
    }

    /// The stream is gone; those that go on do so on the next.
    private void disconnected() {
        stream = null;
        watches.forEach(Watching::broken);
        watches.removeIf(Watching::isEnded);
        fill();
        site.stage().in(Site.AFTER_FAILURE.any(site.random()), this::connect);
    }

    /// Begins watches for those that have ended.
    private void fill() {
        while (!plan.isOver() && watches.size() < size) {
            var wanted = switch (manner) {
                case VARIED -> something();
                case WITNESS -> everything();
            };
            var watch = new Watching(site.recorder(), wanted);
            watches.add(watch);
            if (stream != null) {
                stream.create(watch);
            }
        }
    }

    // ---- what it likes ----

    private void whim() {
        if (plan.isOver()) {
            site.stage().in(LAST_QUESTIONS_NANOS, this::whim);
            slow = false;
            askForTheRest();
            return;
        }
        site.stage().in(BETWEEN_WHIMS.any(site.random()), this::whim);
        var current = stream;
        if (current == null) {
            return;
        }
        int whim = site.random().nextInt(12);
        if (manner == Manner.WITNESS) {
            followCalmly(current, whim);
        } else {
            follow(current, whim);
        }
    }

    private void follow(Stream current, int whim) {
        switch (whim) {
            case 0, 1, 2 -> current.cancel(watches.get(site.random().nextInt(watches.size())));
            case 3, 4, 5, 6 -> current.askForProgress();
            case 7, 8 -> slow = !slow;
            case 9 -> current.drop();
            default -> {}
        }
    }

    private static void followCalmly(Stream current, int whim) {
        if (whim == 0) {
            current.drop();
        } else {
            current.askForProgress();
        }
    }

    private void askForTheRest() {
        if (stream != null && !isSettled()) {
            if (site.stage().now() - stream.heard > SILENCE_NANOS) {
                stream.drop();
            } else {
                stream.askForProgress();
            }
        }
    }

    /// From the first revision on, or the first that there still is.
    private WatchCreateRequest everything() {
        return WatchCreateRequest.newBuilder()
                .setKey(Keyspace.OPEN)
                .setRangeEnd(Keyspace.OPEN)
                .setPrevKv(true)
                .setStartRevision(Math.max(1, site.lore().compacted()))
                .build();
    }

    private WatchCreateRequest something() {
        var random = site.random();
        var lore = site.lore();
        var range = site.once(30) ? plan.keys().nothing() : plan.keys().any();
        var wanted = WatchCreateRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setPrevKv(site.once(2))
                .setProgressNotify(site.once(2))
                .setFragment(site.once(3))
                .setStartRevision(
                        switch (random.nextInt(8)) {
                            case 0, 1, 2 -> 0;
                            case 3, 4, 5 -> lore.past();
                            case 6 -> lore.future();
                            default -> lore.someRevision();
                        });
        if (site.once(8)) {
            wanted.addFilters(site.once(2) ? FilterType.NOPUT : FilterType.NODELETE);
        }
        return wanted.build();
    }

    /// One stream, read by hand: a response at a time, and the next one when it is wanted.
    private final class Stream extends ClientCall.Listener<WatchResponse> {
        private final Door door;
        private final ClientCall<WatchRequest, WatchResponse> call;

        /// Asked for and not there yet, in the order in which they will be.
        private final Deque<Watching> awaited = new ArrayDeque<>();

        /// All that were ever there, even those that have ended: what comes for these is told, too.
        private final Map<Long, Watching> byId = new TreeMap<>();

        private long heard = site.stage().now();
        private long ids;
        private boolean closed;

        Stream(Door door) {
            this.door = door;
            this.call = door.channel().newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        }

        void open() {
            call.start(this, Exchange.headers(site.leader()));
            if (!closed) {
                call.request(1);
            }
        }

        /// Ends it from this side.
        void drop() {
            close();
            call.cancel("the client looks elsewhere", null);
        }

        private void close() {
            closed = true;
            disconnected();
        }

        // ---- requests ----

        void create(Watching watch) {
            // Members of etcd 3.3 choose all ids themselves.
            long id = site.once(6) ? 100 + ids++ : 0;
            awaited.add(watch);
            send(WatchRequest.newBuilder().setCreateRequest(watch.ask(door.member(), id)));
        }

        void cancel(Watching watch) {
            if (watch.isRunning()) {
                watch.leave();
                send(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watch.id())));
            }
        }

        void askForProgress() {
            send(WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
        }

        private void send(WatchRequest.Builder request) {
            if (!closed) {
                call.sendMessage(request.build());
            }
        }

        // ---- responses ----

        @Override
        public void onMessage(WatchResponse response) {
            if (closed) {
                return;
            }
            heard = site.stage().now();
            if (response.getCreated() && RootPass.isDenial(response.getCancelReason())) {
                plan.told(response.getCancelReason());
                drop();
                return;
            }
            site.lore().hear(WatchRequest.getDefaultInstance(), response);
            take(response);
            if (slow) {
                site.stage().in(LAG.any(site.random()), this::readOn);
            } else {
                readOn();
            }
        }

        private void readOn() {
            if (!closed) {
                call.request(1);
            }
        }

        private void take(WatchResponse response) {
            if (response.getCreated()) {
                var watch = awaited.poll();
                if (watch == null) {
                    site.recorder().stray(door.member(), response);
                    return;
                }
                watch.told(heard, response);
                if (!response.getCanceled()) {
                    byId.put(response.getWatchId(), watch);
                }
            } else if (response.getWatchId() == -1 && !response.getCanceled()) {
                progress(response);
                return;
            } else {
                var watch = byId.get(response.getWatchId());
                if (watch == null) {
                    site.recorder().stray(door.member(), response);
                    return;
                }
                watch.told(heard, response);
            }
            if (watches.removeIf(Watching::isEnded)) {
                fill();
            }
        }

        /// All watches of the stream are this far.
        private void progress(WatchResponse response) {
            if (site.profile().progress() == Profile.Progress.BOOKMARK) {
                byId.values().stream().filter(Watching::isRunning).forEach(watch -> watch.told(heard, response));
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!closed) {
                close();
            }
        }
    }
}
