package dev.cetera.mvcc;

import dev.cetera.disk.Disk;
import dev.cetera.schema.Backend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Random;

/// Measures what a million keys cost: `java ... dev.cetera.mvcc.Footprint [keys]` prints heap bytes a key
/// beyond the key's own bytes, and the CPU time of a restore, a put and a read.
final class Footprint {
    private static final byte[] ALL = {0};

    private Footprint() {}

    public static void main(String[] arguments) throws IOException {
        var keys = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        measureIndex(keys);
        var random = new Random(1);
        var backend =
                Backend.open(Disk.real(), Files.createTempDirectory("footprint").resolve("db"));
        var store = Store.restore(backend).store();
        var puts = cpuNanos();
        for (var i = 1; i <= keys; i++) {
            var txn = store.begin();
            txn.put(ByteBuffer.allocate(8).putLong(random.nextLong()).array(), new byte[100], 0);
            txn.end();
            backend.consistentIndex(i);
            if (i % 10_000 == 0) {
                backend.commit();
            }
        }
        System.out.printf("put with commits: %.2f us%n", microsSince(puts) / keys);

        var overwrites = cpuNanos();
        random = new Random(1);
        for (var i = 1; i <= 10_000; i++) {
            var txn = store.begin();
            txn.put(ByteBuffer.allocate(8).putLong(random.nextLong()).array(), new byte[100], 0);
            txn.end();
        }
        System.out.printf("overwrite, no commit: %.2f us%n", microsSince(overwrites) / 10_000);
        backend.consistentIndex(keys + 1);
        backend.commit();

        var reads = cpuNanos();
        random = new Random(1);
        for (var i = 0; i < 200_000; i++) {
            store.range(RangeQuery.one(
                    ByteBuffer.allocate(8).putLong(random.nextLong()).array()));
        }
        System.out.printf("read of one key from the file: %.2f us%n", microsSince(reads) / 200_000);

        var restore = cpuNanos();
        var restored = Store.restore(backend).store();
        System.out.printf("restore: %.0f ms%n", microsSince(restore) / 1000);

        var count = cpuNanos();
        var counted = restored.range(RangeQuery.between(new byte[1], ALL).countOnly());
        System.out.printf("count of all: %.1f us, %s%n", microsSince(count), counted);

        var history = cpuNanos();
        var revisions = 0;
        for (var next = 2L; next <= restored.view().revision(); ) {
            if (restored.history(next, 1000, 1 << 20) instanceof Answer.Found(var stretch)) {
                revisions += stretch.changes().size();
                next = stretch.next();
            }
        }
        System.out.printf("history: %.2f us a revision, %d revisions%n", microsSince(history) / revisions, revisions);
    }

    private static void measureIndex(int keys) {
        var before = usedBytes();
        var index = new KeyIndex();
        var random = new Random(1);
        for (var i = 0; i < keys; i++) {
            index.put(
                    ByteBuffer.allocate(8).putLong(random.nextLong()).array(),
                    Version.put(i + 2, 0, i + 2, 1, false, null));
            if (i % 100 == 0) {
                index.root();
            }
        }
        var perKey = (usedBytes() - before) / (double) keys - 8;
        System.out.printf(
                "index, keys in random order: %.1f bytes a key, %d keys%n",
                perKey, index.peek().countLive(new byte[0], null));
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double microsSince(long startNanos) {
        return (cpuNanos() - startNanos) / 1e3;
    }

    private static long usedBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}
