package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a watch makes of what members do, with a member that does what the test says.
class WatchTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final KeyRange KEYS = KeyRange.prefix("k");

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private FakeMember member;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        member = evidence.closing(new FakeMember(1));
        client = evidence.closing(Client.connect(member.endpoint()));
    }

    @Test
    void aBrokenStreamIsResumedBehindTheLastEvent() throws Exception {
        var seen = new CopyOnWriteArrayList<Long>();
        var watching = client.watch()
                .listen(
                        KEYS,
                        WatchOption.DEFAULTS,
                        batch -> batch.events().forEach(event -> seen.add(event.revision())));
        var stream = next();
        assertThat(create(stream).getStartRevision()).isZero();
        stream.send(created(5, 10));
        assertThat(watching.created().get(30, TimeUnit.SECONDS).revision()).isEqualTo(10);
        stream.send(events(5, 11, 12));
        Await.await("two events", SOON, () -> seen.size() == 2);
        stream.fail(Status.UNAVAILABLE);

        var second = next();
        assertThat(create(second).getStartRevision()).isEqualTo(13);
        second.send(created(0, 20));
        // A member that sends again what was seen does no harm.
        second.send(events(0, 12));
        second.send(events(0, 13));
        Await.await("three events", SOON, () -> seen.size() == 3);
        assertThat(seen).containsExactly(11L, 12L, 13L);
    }

    @Test
    void aDenialIsBelievedOnlyOfANewToken() throws Exception {
        member.goodToken = "first";
        var user = evidence.closing(Client.builder()
                .endpoints(member.endpoint())
                .login("root", "right")
                .connect());
        var ended = new CompletableFuture<EtcdException>();
        user.watch().listen(KEYS, WatchOption.DEFAULTS, new WatchListener() {
            @Override
            public void onBatch(WatchBatch batch) {}

            @Override
            public void onEnd(EtcdException why) {
                ended.complete(why);
            }
        });
        var stream = next();
        create(stream);
        stream.send(created(0, 10));
        stream.fail(Status.UNAVAILABLE);

        // The member has started anew, and knows no tokens.
        var second = next();
        create(second);
        member.goodToken = "second";
        second.send(denied());
        var third = next();
        assertThat(create(third).getStartRevision()).isEqualTo(11);
        assertThat(member.logins).hasValue(2);
        assertThat(ended).isNotDone();
        third.send(denied());
        assertThat(ended.get(30, TimeUnit.SECONDS)).hasMessage("etcdserver: permission denied");
    }

    private static WatchResponse denied() {
        return WatchResponse.newBuilder()
                .setHeader(header(20))
                .setWatchId(-1)
                .setCreated(true)
                .setCanceled(true)
                .setCancelReason("etcdserver: permission denied")
                .build();
    }

    @Test
    void aQuietWatchIsResumedBehindWhereItWasMade() throws Exception {
        client.watch().listen(KEYS, WatchOption.DEFAULTS, batch -> {});
        var stream = next();
        create(stream);
        stream.send(created(0, 10));
        stream.fail(Status.INTERNAL);
        assertThat(create(next()).getStartRevision()).isEqualTo(11);
    }

    @Test
    void progressMovesWhereAWatchIsResumed() throws Exception {
        var seen = new CopyOnWriteArrayList<WatchBatch>();
        client.watch().listen(KEYS, WatchOption.DEFAULTS.withProgress(), seen::add);
        var stream = next();
        assertThat(create(stream).getProgressNotify()).isTrue();
        stream.send(created(0, 10));
        stream.send(
                WatchResponse.newBuilder().setHeader(header(30)).setWatchId(0).build());
        Await.await("progress", SOON, () -> seen.size() == 1);
        assertThat(seen.get(0).isProgress()).isTrue();
        stream.fail(Status.UNAVAILABLE);
        assertThat(create(next()).getStartRevision()).isEqualTo(31);
    }

    @Test
    void piecesAreOneBatchAndAHalfOneIsForgotten() throws Exception {
        var seen = new CopyOnWriteArrayList<WatchBatch>();
        client.watch().listen(KEYS, WatchOption.DEFAULTS, seen::add);
        var stream = next();
        create(stream);
        stream.send(created(0, 10));
        stream.send(events(0, 11).toBuilder().setFragment(true).build());
        stream.send(events(0, 11).toBuilder().setFragment(true).build());
        stream.send(events(0, 11));
        Await.await("a batch", SOON, () -> seen.size() == 1);
        assertThat(seen.get(0).events()).hasSize(3);
        stream.send(events(0, 12).toBuilder().setFragment(true).build());
        stream.fail(Status.UNAVAILABLE);
        var second = next();
        assertThat(create(second).getStartRevision()).isEqualTo(12);
        second.send(created(0, 20));
        second.send(events(0, 12));
        Await.await("another batch", SOON, () -> seen.size() == 2);
        assertThat(seen.get(1).events()).hasSize(1);
    }

    @Test
    void compactionEndsAWatchAndSaysUpToWhere() throws Exception {
        try (var thread = new Reader()) {
            var stream = next();
            create(stream);
            stream.send(created(0, 10));
            stream.send(events(0, 11));
            stream.send(WatchResponse.newBuilder()
                    .setHeader(header(90))
                    .setWatchId(0)
                    .setCanceled(true)
                    .setCompactRevision(80)
                    .build());
            thread.join();
            assertThat(thread.batches).hasSize(1);
            assertThat(thread.end).isInstanceOfSatisfying(CompactedException.class, end -> {
                assertThat(end.compactRevision()).isEqualTo(80);
                assertThat(end.header().revision()).isEqualTo(90);
                assertThat(end).hasMessage("etcdserver: mvcc: required revision has been compacted");
            });
        }
    }

    @Test
    void oneStreamServesAllAndTheyAreMadeOneAfterAnother() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        for (var name : List.of("a", "b", "c")) {
            client.watch().listen(KeyRange.of(name), WatchOption.DEFAULTS, batch -> seen.add(name));
        }
        var stream = next();
        long id = 40;
        for (int i = 0; i < 3; i++) {
            create(stream);
            assertThat(stream.requests).isEmpty();
            stream.send(created(id++, 10));
        }
        stream.send(events(41, 11));
        Await.await("an event", SOON, () -> !seen.isEmpty());
        assertThat(seen).containsExactly("b");
        assertThat(member.watchStreams).isEmpty();
    }

    @Test
    void aRefusedWatchSaysWhy() throws Exception {
        try (var thread = new Reader()) {
            var stream = next();
            create(stream);
            stream.send(WatchResponse.newBuilder()
                    .setHeader(header(10))
                    .setWatchId(-1)
                    .setCreated(true)
                    .setCanceled(true)
                    .setCancelReason("etcdserver: permission denied")
                    .build());
            thread.join();
            assertThat(thread.end).isInstanceOf(RefusedException.class).hasMessage("etcdserver: permission denied");
        }
    }

    @Test
    void closingCancelsOnTheMember() throws Exception {
        var watching = client.watch().listen(KEYS, WatchOption.DEFAULTS, batch -> {});
        client.watch().listen(KEYS, WatchOption.DEFAULTS, batch -> {});
        var stream = next();
        create(stream);
        stream.send(created(3, 10));
        create(stream);
        stream.send(created(4, 10));
        watching.close();
        var request = Objects.requireNonNull(stream.requests.poll(30, TimeUnit.SECONDS));
        assertThat(request.getCancelRequest().getWatchId()).isEqualTo(3);
    }

    @Test
    void aSubscriberGetsNoMoreThanItAskedFor() throws Exception {
        var seen = new CopyOnWriteArrayList<WatchBatch>();
        var subscriptions = new CopyOnWriteArrayList<Flow.Subscription>();
        client.watch().publisher(KEYS, WatchOption.DEFAULTS).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscriptions.add(subscription);
                subscription.request(1);
            }

            @Override
            public void onNext(WatchBatch batch) {
                seen.add(batch);
            }

            @Override
            public void onError(Throwable why) {}

            @Override
            public void onComplete() {}
        });
        var stream = next();
        create(stream);
        stream.send(created(0, 10));
        stream.send(events(0, 11));
        stream.send(events(0, 12));
        Await.await("one", SOON, () -> seen.size() == 1);
        subscriptions.get(0).request(5);
        Await.await("the other", SOON, () -> seen.size() == 2);
        subscriptions.get(0).cancel();
    }

    @Test
    void whoIsSlowIsTakenOffTheMemberAndGoesOnWhereHeWas() throws Exception {
        var thread = Thread.currentThread();
        assertThat(thread.isInterrupted()).isFalse();
        var opening = java.util.concurrent.CompletableFuture.supplyAsync(
                () -> client.watch().open(KEYS, WatchOption.DEFAULTS));
        var stream = next();
        create(stream);
        stream.send(created(0, 0));
        try (var batches = opening.get(30, TimeUnit.SECONDS)) {
            var big = ByteString.copyFrom(new byte[1 << 20]);
            int sent = 0;
            while (stream.requests.isEmpty() && sent < 100) {
                sent++;
                stream.send(event(0, sent, big));
                if (sent >= 17) {
                    var soon = stream.requests.poll(100, TimeUnit.MILLISECONDS);
                    if (soon != null) {
                        assertThat(soon.hasCancelRequest()).isTrue();
                        break;
                    }
                }
            }
            long last = 0;
            for (int i = 0; i < 14; i++) {
                last = batches.next().events().get(0).revision();
            }
            assertThat(last).isEqualTo(14);
            // What was on its way when it was taken off comes once more.
            long from = create(stream).getStartRevision();
            assertThat(from).isBetween(17L, 19L);
            stream.send(created(1, 50));
            stream.send(event(1, from, ByteString.EMPTY));
            while (last < from) {
                long next = batches.next().events().get(0).revision();
                assertThat(next).isEqualTo(last + 1);
                last = next;
            }
        }
    }

    @Test
    void aClosedClientEndsItsWatches() throws Exception {
        var ends = new CopyOnWriteArrayList<EtcdException>();
        var watching = client.watch().listen(KEYS, WatchOption.DEFAULTS, new WatchListener() {
            @Override
            public void onBatch(WatchBatch batch) {}

            @Override
            public void onEnd(EtcdException why) {
                ends.add(why);
            }
        });
        create(next());
        client.close();
        Await.await("the end", SOON, () -> !ends.isEmpty());
        assertThat(ends).singleElement().isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> watching.created().join()).hasCauseInstanceOf(ClosedException.class);
    }

    @Test
    void aSubscriberThatThrowsWantsNoMore() throws Exception {
        var seen = new CopyOnWriteArrayList<WatchBatch>();
        client.watch().publisher(KEYS, WatchOption.DEFAULTS).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(WatchBatch batch) {
                seen.add(batch);
                throw new IllegalStateException("as the test wants it");
            }

            @Override
            public void onError(Throwable why) {}

            @Override
            public void onComplete() {}
        });
        var stream = next();
        create(stream);
        stream.send(created(3, 10));
        client.watch().listen(KeyRange.of("other"), WatchOption.DEFAULTS, batch -> {}); // keeps the stream
        create(stream);
        stream.send(created(4, 10));
        stream.send(events(3, 11));
        stream.send(events(3, 12));
        var last = Objects.requireNonNull(stream.requests.poll(30, TimeUnit.SECONDS), "the watch goes on");
        assertThat(last.getCancelRequest().getWatchId()).isEqualTo(3);
        assertThat(seen).hasSize(1);
    }

    private FakeMember.WatchStream next() throws InterruptedException {
        return Objects.requireNonNull(member.watchStreams.poll(30, TimeUnit.SECONDS), "no watch stream");
    }

    private static WatchCreateRequest create(FakeMember.WatchStream stream) throws InterruptedException {
        var request = Objects.requireNonNull(stream.requests.poll(30, TimeUnit.SECONDS), "no request");
        assertThat(request.hasCreateRequest()).isTrue();
        return request.getCreateRequest();
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private static WatchResponse created(long id, long revision) {
        return WatchResponse.newBuilder()
                .setHeader(header(revision))
                .setWatchId(id)
                .setCreated(true)
                .build();
    }

    private static WatchResponse events(long id, long... revisions) {
        var answer = WatchResponse.newBuilder()
                .setHeader(header(revisions[revisions.length - 1]))
                .setWatchId(id);
        for (long revision : revisions) {
            answer.addEvents(event(revision, ByteString.EMPTY));
        }
        return answer.build();
    }

    private static WatchResponse event(long id, long revision, ByteString value) {
        return WatchResponse.newBuilder()
                .setHeader(header(revision))
                .setWatchId(id)
                .addEvents(event(revision, value))
                .build();
    }

    private static Event event(long revision, ByteString value) {
        return Event.newBuilder()
                .setKv(dev.cetera.api.mvccpb.KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setValue(value)
                        .setModRevision(revision))
                .build();
    }

    /// Reads a watch to its end.
    private final class Reader implements AutoCloseable {
        final List<WatchBatch> batches = new CopyOnWriteArrayList<>();
        volatile @org.jspecify.annotations.Nullable EtcdException end;
        private final Thread thread = new Thread(this::read);

        Reader() {
            thread.start();
        }

        private void read() {
            try (var iterator = client.watch().open(KEYS, WatchOption.DEFAULTS)) {
                while (iterator.hasNext()) {
                    batches.add(iterator.next());
                }
            } catch (EtcdException e) {
                end = e;
            }
        }

        void join() throws InterruptedException {
            thread.join(SOON.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
