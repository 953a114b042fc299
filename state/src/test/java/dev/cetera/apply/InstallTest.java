package dev.cetera.apply;

import static dev.cetera.apply.Machine.ask;
import static dev.cetera.apply.Machine.compact;
import static dev.cetera.apply.Machine.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.bolt.Shrinking;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Compaction;
import dev.cetera.mvcc.History;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.mvcc.Store;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Replacement;
import dev.cetera.v2.V2Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Each world has its own values, so that anything read from two of them at once shows: every value names its
/// world and the revision that set it, and every revision sets one key.
class InstallTest {
    private static final int KEYS = 40;
    private static final Path RECEIVED = Path.of("/received");
    private static final RangeQuery ALL = RangeQuery.between(new byte[] {0}, new byte[] {0});

    private static void puts(Machine machine, int world, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            long revision = machine.revision() + 1;
            machine.entry(ask(put("k" + revision % KEYS, world + "/" + revision)));
        }
    }

    private static byte[] world(int world, int puts, long compactAt) throws IOException {
        var machine = new Machine(new FakeDisk(world), Long.MAX_VALUE);
        puts(machine, world, puts);
        if (compactAt > 0) {
            machine.entry(compact(compactAt));
        }
        machine.state.backend().commit();
        var bytes = new ByteArrayOutputStream();
        try (var file = machine.state.backend().snapshot()) {
            file.copy(bytes);
        }
        return bytes.toByteArray();
    }

    private static @org.jspecify.annotations.Nullable Compaction install(
            FakeDisk disk, StateMachine machine, byte[] database) throws IOException {
        disk.put(RECEIVED, database);
        try (var received = Replacement.open(disk, RECEIVED, Shrinking.NEVER)) {
            var meta = new SnapshotMeta(received.consistentIndex(), 1, ConfState.NONE);
            return machine.install(received, new Snapshot(meta, new V2Store().save()));
        }
    }

    private static int worldOf(KeyValue kv) {
        var value = new String(kv.value(), StandardCharsets.UTF_8);
        int slash = value.indexOf('/');
        assertThat(Long.parseLong(value.substring(slash + 1))).isEqualTo(kv.modRevision());
        return Integer.parseInt(value.substring(0, slash));
    }

    /// @return the world that was seen
    private static int readAll(Store store) throws IOException {
        if (!(store.range(ALL) instanceof Answer.Found<RangeResult>(var found))) {
            throw new AssertionError("the newest revision can't be read");
        }
        int world = worldOf(found.kvs().getFirst());
        long newest = 0;
        for (var kv : found.kvs()) {
            assertThat(worldOf(kv)).isEqualTo(world);
            newest = Math.max(newest, kv.modRevision());
        }
        assertThat(newest).isEqualTo(found.revision());
        assertThat(found.kvs()).hasSize(KEYS);
        return world;
    }

    private static void readPast(Store store) throws IOException {
        var now = store.view();
        long from = Math.max(2, now.revision() - 50);
        if (store.history(from, 50, 1 << 20) instanceof Answer.Found<History>(var history)) {
            var worlds = new ArrayList<Integer>();
            for (Changes changes : history.changes()) {
                changes.events().forEach(event -> worlds.add(worldOf(event.kv())));
            }
            assertThat(worlds.stream().distinct().count()).isLessThanOrEqualTo(1);
        }
        assertThat(store.hashKv(0)).isInstanceOf(Answer.Found.class);
    }

    @Test
    void readersSeeTheOldStateOrTheNewNeverAMix() throws Exception {
        var disk = new FakeDisk(1);
        var member = new Machine(disk, Long.MAX_VALUE);
        puts(member, 0, 200);
        var backend = member.state.backend();
        var store = member.state.store();
        var stop = new AtomicBoolean();
        try (var threads = Executors.newCachedThreadPool()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < 2; i++) {
                running.add(threads.submit(until(stop, () -> readAll(store))));
            }
            running.add(threads.submit(until(stop, () -> {
                readPast(store);
                return 0;
            })));
            running.add(threads.submit(until(stop, () -> {
                backend.commit();
                backend.defragment();
                return 0;
            })));
            try {
                for (int world = 1; world <= 25; world++) {
                    long compactAt = world % 3 == 0 ? 150 + world : 0;
                    var unfinished = install(disk, member.state, world(world, 200 + 20 * world, compactAt));
                    assertThat(unfinished != null).isEqualTo(compactAt > 0);
                    assertThat(readAll(store)).isEqualTo(world);
                    goOn(member.state, world);
                    while (unfinished != null && unfinished.step()) {}
                }
            } finally {
                stop.set(true);
            }
            for (var each : running) {
                each.get();
            }
        }
    }

    private static Callable<Void> until(AtomicBoolean stop, Callable<?> work) {
        return () -> {
            while (!stop.get()) {
                work.call();
            }
            return null;
        };
    }

    /// As the log would.
    private static void goOn(StateMachine machine, int world) throws IOException {
        for (int i = 0; i < 10; i++) {
            long revision = machine.store().view().revision() + 1;
            var request = InternalRaftRequest.newBuilder()
                    .setHeader(RequestHeader.newBuilder().setID(1))
                    .setPut(put("k" + revision % KEYS, world + "/" + revision))
                    .build();
            machine.apply(
                    new Entry(1, machine.backend().consistentIndex() + 1, EntryType.NORMAL, request.toByteArray()),
                    0,
                    0);
        }
    }

    @Test
    void aCompactionThatWasUnderWayLeavesTheNewFileAlone() throws Exception {
        var disk = new FakeDisk(1);
        var member = new Machine(disk, Long.MAX_VALUE);
        puts(member, 0, 300);
        if (!(member.entry(compact(250)) instanceof Applied.Compacting compacting)) {
            throw new AssertionError("refused");
        }
        assertThat(install(disk, member.state, world(1, 400, 0))).isNull();
        assertThat(compacting.physicalHalf().isOverthrown()).isTrue();
        assertThat(compacting.physicalHalf().step()).isFalse();
        assertThat(member.state.store().view().compactRevision()).isEqualTo(-1);
        assertThat(member.state.store().history(2, 1_000, 1 << 20))
                .isInstanceOfSatisfying(
                        Answer.Found.class,
                        found -> assertThat(((History) found.value()).changes()).hasSize(400));
    }

    @Test
    void whatWaitedForTheOldFileNeverReachesTheNew() throws Exception {
        var disk = new FakeDisk(1);
        var member = new Machine(disk, Long.MAX_VALUE);
        puts(member, 0, 10);
        member.entry(Machine.grant(5, 100));
        assertThat(member.state.backend().pendingChanges()).isPositive();
        var database = world(1, 100, 0);
        install(disk, member.state, database);
        assertThat(member.state.backend().pendingChanges()).isZero();
        assertThat(member.state.leases().list()).isEmpty();
        member.state.backend().commit();
        try (var file = member.state.backend().snapshot()) {
            assertThat(file.check()).isEmpty();
            assertThat(file.cursor(Bucket.LEASE).first()).isFalse();
        }
        assertThat(readAll(member.state.store())).isEqualTo(1);
    }

    @Test
    void entriesThatTheDatabaseContainsAreNotAppliedTwice() throws Exception {
        var disk = new FakeDisk(1);
        var member = new Machine(disk, Long.MAX_VALUE);
        puts(member, 0, 3);
        install(disk, member.state, world(1, 100, 0));
        long contained = member.state.backend().consistentIndex();
        var request = InternalRaftRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setID(1))
                .setPut(put("k1", "1/2"))
                .build()
                .toByteArray();
        long revision = member.revision();
        assertThat(member.state.apply(new Entry(1, contained, EntryType.NORMAL, request), 0, 0))
                .isInstanceOf(Applied.Nothing.class);
        assertThat(member.revision()).isEqualTo(revision);
        assertThat(member.state.apply(new Entry(1, contained + 1, EntryType.NORMAL, request), 0, 0))
                .isInstanceOf(Applied.Request.class);
        assertThat(member.revision()).isEqualTo(revision + 1);
    }
}
