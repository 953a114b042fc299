package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Readers beside an applier, a committer and a compaction. Every transaction writes every key, so a reader
/// that saw anything but one moment would see two revisions in one answer.
class StoreThreadsTest {
    private static final int KEYS = 30;
    /// Rounds that each of the others gets while transactions go on.
    private static final int ROUNDS = 200;

    private static final int MOST_PENDING = 20 * KEYS;

    private static final byte[] ALL = {0};
    private static final byte[] NONE = {};

    private final Store store;
    private final Backend backend;
    private final ConcurrentLinkedQueue<Compaction> compactions = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final Semaphore rounds = new Semaphore(0);

    StoreThreadsTest() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/data"));
        backend = Backend.open(disk, Path.of("/data/db"));
        store = Store.restore(backend).store();
    }

    @Test
    void aReaderSeesOneMomentWhateverGoesOn() throws Exception {
        try (var threads = Executors.newCachedThreadPool()) {
            var all = new ArrayList<Future<?>>();
            all.add(threads.submit(running(this::commitAndCompact)));
            all.add(threads.submit(running(this::readTheNewest)));
            all.add(threads.submit(running(this::readThePast)));
            all.add(threads.submit(running(this::readHistory)));
            try {
                for (var i = 1; rounds.availablePermits() < all.size() * ROUNDS && !done.get(); i++) {
                    apply(i);
                    // Nor does a real applier run further ahead of its committer than a bound.
                    while (backend.pendingChanges() > MOST_PENDING && !done.get()) {
                        Thread.onSpinWait();
                    }
                }
            } finally {
                done.set(true);
            }
            for (var each : all) {
                each.get();
            }
        }
    }

    private interface Work {
        void run(Random random) throws IOException;
    }

    /// Does its work until the applier is done; the first [#ROUNDS] times count. A failure ends the test.
    private Callable<Integer> running(Work work) {
        return () -> {
            var random = new Random(1);
            var round = 0;
            try {
                while (!done.get()) {
                    work.run(random);
                    if (++round <= ROUNDS) {
                        rounds.release();
                    }
                }
            } finally {
                done.set(true);
            }
            return round;
        };
    }

    private void apply(int index) throws IOException {
        var txn = store.begin();
        var value = ByteBuffer.allocate(8).putLong(store.view().revision() + 1).array();
        for (var key = 0; key < KEYS; key++) {
            txn.put(new byte[] {(byte) (key + 1)}, value, 0);
        }
        txn.end();
        if (index % 7 == 0 && compactions.isEmpty()) {
            var compaction = store.compact(store.view().revision() - index % 3);
            if (compaction instanceof Answer.Found(var accepted)) {
                compactions.add(accepted);
            }
        }
        backend.consistentIndex(index);
        store.tidy(5);
    }

    private void commitAndCompact(Random random) throws IOException {
        backend.commit();
        var compaction = compactions.peek();
        if (compaction != null && !compaction.step(1 + random.nextInt(2000))) {
            compactions.remove();
        }
        if (random.nextInt(50) == 0) {
            backend.defragment();
        }
    }

    private void readTheNewest(Random random) throws IOException {
        check(store.range(RangeQuery.between(NONE, ALL)), 0);
    }

    private void readThePast(Random random) throws IOException {
        var at = Math.max(2, store.view().revision() - random.nextInt(10));
        if (store.view().revision() >= at) {
            check(store.range(RangeQuery.between(NONE, ALL).at(at)), at);
        }
    }

    private void check(Answer<RangeResult> answer, long at) {
        if (!(answer instanceof Answer.Found(var range))) {
            assertThat(store.view().compactRevision()).isGreaterThan(at);
            return;
        }
        var revision = at == 0 ? range.revision() : at;
        assertThat(range.count()).isEqualTo(revision == 1 ? 0 : KEYS);
        assertThat(range.kvs()).hasSize((int) range.count()).allSatisfy(kv -> {
            assertThat(kv.modRevision()).isEqualTo(revision);
            assertThat(ByteBuffer.wrap(kv.value()).getLong()).isEqualTo(revision);
        });
    }

    private void readHistory(Random random) throws IOException {
        var from = Math.max(2, store.view().revision() - random.nextInt(20));
        if (!(store.history(from, 1 + random.nextInt(10), 10_000) instanceof Answer.Found(var history))) {
            assertThat(store.view().compactRevision()).isGreaterThan(from);
            return;
        }
        var next = from;
        for (var changes : history.changes()) {
            assertThat(changes.revision()).isEqualTo(next++);
            assertThat(changes.events()).hasSize(KEYS);
        }
        assertThat(history.next()).isEqualTo(next);
    }
}
