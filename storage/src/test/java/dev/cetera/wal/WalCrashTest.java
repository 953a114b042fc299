package dev.cetera.wal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.wal.Wal.Metadata;
import dev.cetera.wal.Wal.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random work, cut off at every operation, against an obvious model: a list of all records that were ever
/// appended. What is read back must be a beginning of that list, at least up to the last sync.
class WalCrashTest {
    private static final Path DIR = Path.of("/member/wal");
    private static final Metadata METADATA = new Metadata(7, 9);

    @Test
    void afterAPowerLossAtAnyOperationTheLogIsABeginningOfWhatWasAppended() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            atEveryOperation(seed, _ -> {});
        }
    }

    @Test
    void oneSyncLeftOutIsNoticed() {
        // Each of the first syncs: those of the first segment, of its directories, of appends and of cuts.
        for (int skipped = 1; skipped <= 12; skipped++) {
            int n = skipped;
            assertThatThrownBy(() -> {
                        for (long seed = 0; seed < 40; seed++) {
                            atEveryOperation(seed, disk -> disk.skipSync(n));
                        }
                    })
                    .as("sync %d left out", n)
                    .isInstanceOf(AssertionError.class);
        }
    }

    @FunctionalInterface
    private interface Preparation {
        void of(FakeDisk disk);
    }

    private static void atEveryOperation(long seed, Preparation preparation) throws IOException {
        for (long operation = 1; ; operation++) {
            var run = new Run(seed, operation);
            preparation.of(run.disk);
            try {
                if (!run.untilCrash(operation)) {
                    return;
                }
                run.recover();
                // The log must go on as if nothing had been.
                run.untilCrash(run.disk.operations() + 1 + run.random.nextInt(60));
                run.recover();
            } catch (IOException | AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", operation " + operation, e);
            }
        }
    }

    /// One life of a log, with its model.
    private static final class Run {
        private final Random random;
        private FakeDisk disk;
        private final WalOptions options;
        private @Nullable Wal wal;
        private boolean created;

        /// Entries, hard states and marks, in the order they were appended.
        private final List<Record> records = new ArrayList<>();

        /// How many of them must survive.
        private int durable;

        private final TreeMap<Long, Entry> log = new TreeMap<>();
        private HardState state = HardState.NONE;
        private SnapshotMark mark = SnapshotMark.NONE;

        Run(long seed, long operation) {
            random = new Random(seed);
            disk = new FakeDisk(seed * 1_000_003 + operation);
            disk.put(Path.of("/member/there"), new byte[0]);
            options = new WalOptions(512L << random.nextInt(4));
        }

        /// Works until the disk stops at that operation; false when the work ended before.
        boolean untilCrash(long operation) throws IOException {
            disk.failAt(operation, Fault.CRASH);
            try {
                if (!created) {
                    wal = Wal.create(disk, DIR, METADATA, options);
                    created = true;
                }
                for (int step = 0; step < 40; step++) {
                    work(requireNonNull(wal));
                }
                return disk.operations() >= operation;
            } catch (SimulatedCrash crash) {
                return true;
            }
        }

        private void work(Wal wal) throws IOException {
            switch (random.nextInt(10)) {
                case 0 -> wal.prepareNext();
                case 1 -> {
                    if (state.commit() > mark.index()) {
                        var next = new SnapshotMark(
                                state.commit(), at(state.commit()).term());
                        records.add(next);
                        wal.saveSnapshot(next);
                        durable = records.size();
                        mark = next;
                    }
                }
                case 2 -> wal.release(mark.index());
                case 3 -> wal.purge(1 + random.nextInt(3));
                case 4 -> {
                    // Only the commit moves: nothing needs to be durable.
                    long last = log.isEmpty() ? 0 : log.lastKey();
                    long commit = Math.min(last, state.commit() + random.nextInt(3));
                    append(wal, new HardState(state.term(), state.vote(), commit), List.of());
                }
                default -> {
                    append(wal, new HardState(nextTerm(), random.nextInt(4), state.commit()), batch());
                    if (random.nextInt(4) > 0) {
                        wal.sync();
                        durable = records.size();
                    }
                }
            }
        }

        private Entry at(long index) {
            return requireNonNull(log.get(index));
        }

        private long nextTerm() {
            return Math.max(1, state.term() + (random.nextInt(5) == 0 ? 1 : 0));
        }

        private List<Entry> batch() {
            long last = log.isEmpty() ? 0 : log.lastKey();
            long first = last + 1;
            if (random.nextInt(6) == 0 && last > state.commit()) {
                first = state.commit() + 1 + random.nextInt((int) (last - state.commit()));
            }
            var batch = new ArrayList<Entry>();
            int count = random.nextInt(5);
            for (int i = 0; i < count; i++) {
                byte[] data = new byte[random.nextInt(random.nextInt(8) == 0 ? 2_000 : 200)];
                random.nextBytes(data);
                batch.add(new Entry(Math.max(1, state.term()), first + i, EntryType.NORMAL, data));
            }
            return batch;
        }

        private void append(Wal wal, HardState next, List<Entry> batch) throws IOException {
            records.addAll(batch);
            for (var entry : batch) {
                log.tailMap(entry.index(), true).clear();
                log.put(entry.index(), entry);
            }
            if (!next.equals(state)) {
                records.add(next);
                state = next;
            }
            wal.append(next, batch);
        }

        /// The power is gone, or only the process. Starts again, perhaps stopped once more on the way.
        void recover() throws IOException {
            disk = random.nextInt(4) == 0 ? disk.kill() : disk.crash();
            if (random.nextInt(3) == 0) {
                disk.failAt(disk.operations() + 1 + random.nextInt(8), Fault.CRASH);
                try {
                    open();
                } catch (SimulatedCrash crash) {
                    disk = disk.crash();
                    open();
                }
            } else {
                open();
            }
        }

        private void open() throws IOException {
            if (!Wal.exists(disk, DIR)) {
                assertThat(created).as("a log that was there is gone").isFalse();
                return;
            }
            var valid = Wal.validSnapshots(disk, DIR);
            assertThat(valid.getLast().index()).isGreaterThanOrEqualTo(mark.index());
            var opened = Wal.open(disk, DIR, valid.getLast(), (_, _) -> {}, options);
            var replay = opened.replay();
            assertThat(replay.metadata()).isEqualTo(METADATA);
            // The shortest beginning that fits: what changes nothing may as well be lost.
            int kept = durable;
            while (kept <= records.size() && !replay.equals(fold(kept, valid.getLast()))) {
                kept++;
            }
            assertThat(kept)
                    .as("of %d records, %d durable, no such beginning was read", records.size(), durable)
                    .isLessThanOrEqualTo(records.size());
            wal = opened.wal();
            created = true;
            goOnFrom(kept);
        }

        private Wal.Replay fold(int count, SnapshotMark start) {
            var entries = new TreeMap<Long, Entry>();
            var last = HardState.NONE;
            for (var record : records.subList(0, count)) {
                if (record instanceof Entry entry && entry.index() > start.index()) {
                    entries.tailMap(entry.index(), true).clear();
                    entries.put(entry.index(), entry);
                } else if (record instanceof HardState newer) {
                    last = newer;
                }
            }
            return new Wal.Replay(METADATA, last, List.copyOf(entries.values()));
        }

        private void goOnFrom(int count) {
            records.subList(count, records.size()).clear();
            durable = count;
            var all = fold(count, SnapshotMark.NONE);
            state = all.hardState();
            log.clear();
            all.entries().forEach(entry -> log.put(entry.index(), entry));
            for (var record : records) {
                if (record instanceof SnapshotMark found) {
                    mark = found;
                }
            }
        }
    }
}
