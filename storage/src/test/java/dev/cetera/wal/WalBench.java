package dev.cetera.wal;

import dev.cetera.disk.Disk;
import dev.cetera.disk.HastyDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Entries on their way into the log's file: framed, summed up, written. An operation is one entry. Segments
/// follow each other as in a member and go when they are full, so the log is no longer at the end than at the
/// beginning.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WalBench {
    /// As many entries as gather during a sync under load.
    static final int BATCH = 64;

    /// A put of an 8-byte key and a 256-byte value.
    private static final int ENTRY_BYTES = 300;

    /// Between two looks for segments that can go.
    private static final long TIDY_ENTRIES = 1 << 16;

    private HastyDisk disk;
    private Wal wal;
    private Wal syncedWal;
    private final byte[] data = new byte[ENTRY_BYTES];
    private long last;
    private long lastSynced;

    @Setup
    public void open() throws IOException {
        disk = new HastyDisk();
        wal = Wal.create(disk, disk.directory().resolve("wal"), new Wal.Metadata(1, 2));
        syncedWal = Wal.create(Disk.real(), disk.directory().resolve("synced"), new Wal.Metadata(1, 2));
        new Random(1).nextBytes(data);
    }

    @TearDown
    public void close() throws IOException {
        wal.close();
        syncedWal.close();
        disk.close();
    }

    /// Each with a write to the file of its own, as when a single client puts; nothing is synced.
    @Benchmark
    public void append() throws IOException {
        append(wal, last, 1);
        last++;
        tidy(wal, last);
    }

    /// All that gathered with one write; nothing is synced.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void appendInBatches() throws IOException {
        append(wal, last, BATCH);
        last += BATCH;
        tidy(wal, last);
    }

    /// With a sync: what the disk of this machine makes of it.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void appendInBatchesAndSync() throws IOException {
        append(syncedWal, lastSynced, BATCH);
        lastSynced += BATCH;
        tidy(syncedWal, lastSynced);
    }

    private void append(Wal to, long after, int count) throws IOException {
        to.append(new HardState(1, 1, after), entries(after, count));
        to.sync();
    }

    private List<Entry> entries(long after, int count) {
        if (count == 1) {
            return List.of(new Entry(1, after + 1, EntryType.NORMAL, data));
        }
        var entries = new ArrayList<Entry>(count);
        for (int i = 1; i <= count; i++) {
            entries.add(new Entry(1, after + i, EntryType.NORMAL, data));
        }
        return entries;
    }

    private static void tidy(Wal wal, long last) throws IOException {
        if (last % TIDY_ENTRIES == 0) {
            wal.release(last);
            if (wal.purge(1).size() > 2) {
                throw new IllegalStateException("segments have piled up");
            }
        }
    }
}
