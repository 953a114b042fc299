package dev.cetera.bolt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.bolt.Freelist.Run;
import dev.cetera.disk.FakeDisk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FreelistTest {
    /// The obvious twin: a set of page numbers, and of those that wait.
    private static final class Sets {
        final TreeSet<Long> free = new TreeSet<>();
        final TreeMap<Long, List<Run>> pending = new TreeMap<>();

        long allocate(int pages) {
            for (long first : free) {
                var run = LongStream.range(first, first + pages).boxed().toList();
                if (free.containsAll(run)) {
                    run.forEach(free::remove);
                    return first;
                }
            }
            return -1;
        }

        void add(Run run) {
            for (long page = run.first(); page < run.first() + run.pages(); page++) {
                free.add(page);
            }
        }
    }

    @Test
    void pagesComeAndGoAsInASet() {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var sets = new Sets();
            var bits = new BitSet();
            for (int i = random.nextInt(100); i > 0; i--) {
                int page = random.nextInt(2, 150);
                bits.set(page);
                sets.free.add((long) page);
            }
            compare(random, sets, new Freelist(bits), "seed " + seed);
        }
    }

    private static void compare(Random random, Sets sets, Freelist list, String when) {
        var used = new ArrayList<Run>();
        long txid = 1;
        for (int step = 0; step < 200; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    int pages = random.nextInt(3) == 0 ? random.nextInt(1, 9) : 1;
                    long first = list.allocate(pages);
                    assertThat(first).as(when).isEqualTo(sets.allocate(pages));
                    if (first >= 0) {
                        used.add(new Run(first, pages));
                    }
                }
                case 2 -> {
                    if (!used.isEmpty()) {
                        var run = used.remove(random.nextInt(used.size()));
                        if (random.nextBoolean()) {
                            list.putBack(run);
                            sets.add(run);
                        } else {
                            list.giveUp(txid, List.of(run));
                            sets.pending
                                    .computeIfAbsent(txid, _ -> new ArrayList<>())
                                    .add(run);
                            txid += random.nextInt(2);
                        }
                    }
                }
                default -> {
                    long seen = txid - random.nextInt(4);
                    list.release(seen);
                    while (!sets.pending.isEmpty() && sets.pending.firstKey() <= seen) {
                        sets.pending.pollFirstEntry().getValue().forEach(sets::add);
                    }
                }
            }
            assertThat(list.freePages()).as(when).isEqualTo(sets.free.size());
            assertThat(list.listedPages())
                    .as(when)
                    .isEqualTo(list.listed(List.of()).cardinality());
        }
    }

    @Test
    void aListOfAnyLengthIsReadAsWritten() throws IOException {
        for (int count : new int[] {0, 1, 510, 511, 0xfffd, 0xfffe, 0xffff, 0x10000, 75715}) {
            var list = new BitSet();
            for (int i = 0; i < count; i++) {
                list.set(3 + i * 2);
            }
            int run = FreelistPage.pagesFor(count, 4096);
            var bytes = ByteBuffer.allocate((2 + run) * 4096).order(ByteOrder.LITTLE_ENDIAN);
            FreelistPage.encode(bytes.slice(2 * 4096, run * 4096).order(ByteOrder.LITTLE_ENDIAN), 2, run, list);
            var pages = new Pages(Path.of("/d/db"), MemorySegment.ofArray(bytes.array()), 4096, 2L + run);
            assertThat(FreelistPage.read(pages, 2))
                    .isEqualTo(list.stream().mapToLong(page -> page).toArray());
        }
        // As bbolt was seen to do: it reckons with the ids before the list takes its own 149 pages from them.
        assertThat(FreelistPage.pagesFor(75715 + 149, 4096)).isEqualTo(149);
    }

    @Test
    void aListInOverflowFormSurvivesReopening() throws IOException {
        var disk = new FakeDisk(1);
        disk.put(Path.of("/d/other"), new byte[0]);
        var options = BoltOptions.DEFAULTS.withPageSize(1024).withFreelist(FreelistForm.STORED);
        var file = Path.of("/d/db");
        try (var bolt = Bolt.open(disk, file, options)) {
            for (int round = 0; round < 2; round++) {
                try (var tx = bolt.write()) {
                    var bucket = tx.createBucket(BoltModel.name("key"));
                    for (int i = 0; i < 70; i++) {
                        var key = new byte[] {(byte) i};
                        if (round == 0) {
                            bucket.put(key, new byte[1 << 20]);
                        } else {
                            bucket.delete(key);
                        }
                    }
                    tx.commit();
                }
            }
        }
        try (var bolt = Bolt.open(disk, file, options)) {
            assertThat(bolt.size() - bolt.sizeInUse()).isGreaterThan(0xffff * 1024L);
            for (int i = 0; i < 2; i++) {
                try (var tx = bolt.write()) {
                    assertThat(tx.check()).isEmpty();
                    tx.commit();
                }
            }
            try (var tx = bolt.read()) {
                assertThat(tx.check()).isEmpty();
            }
        }
    }
}
