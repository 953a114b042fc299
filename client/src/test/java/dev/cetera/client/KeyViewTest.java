package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a view makes of history that is gone.
class KeyViewTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private final Pages pages = new Pages();
    private FakeMember member;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        member = evidence.closing(new FakeMember(1));
        client = evidence.closing(Client.connect(member.endpoint()));
    }

    private KeyView view() {
        return evidence.closing(KeyView.open(KV.over(pages), client.watch(), KeyRange.all()));
    }

    @Test
    void aListWhoseRevisionIsCompactedInBetweenIsBegunAnew() {
        pages.answer(page(10, true, "a"));
        pages.fail(new RefusedException(Refusal.COMPACTED));
        pages.answer(page(20, true, "a"));
        pages.answer(page(21, false, "b"));
        var view = view();
        assertThat(view.all()).extracting(KeyValue::key).containsExactly(Key.of("a"), Key.of("b"));
        assertThat(view.revision()).isEqualTo(20);
        assertThat(pages.asked).extracting(get -> get.option().revision()).containsExactly(0L, 10L, 0L, 20L);
    }

    @Test
    void aViewIsListedAgainHoweverLongMembersAreAway() throws Exception {
        pages.answer(page(10, false, "a"));
        var view = view();
        var told = new CopyOnWriteArrayList<WatchEvent>();
        view.onChange(told::addAll);
        var stream = member.watchStreams.poll(30, TimeUnit.SECONDS);
        assertThat(stream).isNotNull();
        pages.fail(new ConnectionException("io exception", EtcdException.Fate.UNKNOWN));
        pages.fail(new ConnectionException("io exception", EtcdException.Fate.UNKNOWN));
        pages.answer(page(40, false, "b"));
        stream.requests.poll(30, TimeUnit.SECONDS);
        stream.send(WatchResponse.newBuilder()
                .setWatchId(0)
                .setCreated(true)
                .setCanceled(true)
                .setCompactRevision(30)
                .build());
        Await.await("listed again", SOON, () -> view.revision() == 40);
        assertThat(view.all()).extracting(KeyValue::key).containsExactly(Key.of("b"));
        Await.await("told", SOON, () -> told.size() == 2);
        assertThat(told).extracting(event -> event.kind() + " " + event.key()).containsExactly("PUT b", "DELETE a");
        assertThat(view.ended()).isNotDone();
        var next = stream.requests.poll(30, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        assertThat(next.getCreateRequest().getStartRevision()).isEqualTo(41);
    }

    private static GetResponse page(long revision, boolean more, String key) {
        var kv = new KeyValue(Key.of(key), Value.EMPTY, 1, 1, 1, 0);
        return new GetResponse(new Header(1, 1, revision, 1), List.of(kv), more, 1);
    }

    /// Answers as the test says, in order.
    private static final class Pages implements AsyncKV {
        private final ConcurrentLinkedQueue<CompletableFuture<GetResponse>> answers = new ConcurrentLinkedQueue<>();
        private final List<Op.Get> asked = new CopyOnWriteArrayList<>();

        void answer(GetResponse page) {
            answers.add(CompletableFuture.completedFuture(page));
        }

        void fail(EtcdException why) {
            answers.add(CompletableFuture.failedFuture(why));
        }

        @Override
        public CompletableFuture<GetResponse> get(Op.Get get) {
            asked.add(get);
            return answers.remove();
        }

        @Override
        public CompletableFuture<PutResponse> put(Op.Put put) {
            throw new AssertionError(put);
        }

        @Override
        public CompletableFuture<DeleteResponse> delete(Op.Delete delete) {
            throw new AssertionError(delete);
        }

        @Override
        public CompletableFuture<TxnResponse> commit(Txn txn) {
            throw new AssertionError(txn);
        }

        @Override
        public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
            throw new AssertionError(revision);
        }

        @Override
        public AsyncKV within(Duration timeout) {
            return this;
        }
    }
}
