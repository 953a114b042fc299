package dev.cetera.bolt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The power goes, or the process is killed, at every operation of a file that is getting shorter: what is
/// left shows the last commit or the one that was under way, whole.
class ShrinkingCrashTest {
    private static final Path FILE = Path.of("/d/db");
    private static final int SEEDS = 6;
    private static final int STEPS = 30;
    private static final int OUTCOMES = 3;

    /// A file of which much is free, and what then happens to it. The same each time for one seed.
    private static final class Run {
        final BoltOptions options;
        final FakeDisk disk;
        private final Random random;
        private final Random chance;
        BoltModel before;
        BoltModel after;

        Run(long seed) throws IOException {
            random = new Random(seed);
            var shrinking = new Shrinking(4096, 0.1, 1024L * random.nextInt(1, 12), 1024L * random.nextInt(8, 100));
            options = new BoltOptions(1024, BoltModel.anyForm(random), shrinking);
            disk = new FakeDisk(seed);
            disk.put(FILE.resolveSibling("other"), new byte[0]);
            after = new BoltModel();
            try (var bolt = Bolt.open(disk, FILE, options.withShrinking(Shrinking.NEVER))) {
                for (int i = 0; i < 12; i++) {
                    change(bolt, 4);
                }
                thinOut(bolt);
            }
            before = after;
            chance = new Random(seed);
        }

        void change(Bolt bolt, int most) throws IOException {
            before = after;
            after = before.copy();
            try (var tx = bolt.write()) {
                for (int i = random.nextInt(1, most + 1); i > 0; i--) {
                    after.change(random, tx);
                }
                tx.commit();
            }
            before = after;
        }

        private void thinOut(Bolt bolt) throws IOException {
            try (var tx = bolt.write()) {
                for (var bucket : after.buckets.entrySet()) {
                    var writer = tx.createBucket(BoltModel.name(bucket.getKey()));
                    for (var key : bucket.getValue().keySet().toArray(byte[][]::new)) {
                        if (random.nextInt(5) > 0) {
                            writer.delete(key);
                            bucket.getValue().remove(key);
                        }
                    }
                }
                tx.commit();
            }
        }

        /// Mostly nothing but shrinking.
        void step(Bolt bolt) throws IOException {
            if (chance.nextInt(5) == 0) {
                change(bolt, 1);
            } else {
                bolt.shrink();
            }
        }
    }

    private static @Nullable String judge(FakeDisk left, Run run) throws IOException {
        // Should one of the two be damaged, the other one is the file.
        var bytes = ByteBuffer.wrap(left.bytes(FILE));
        for (int page = 0; page < 2; page++) {
            if (Meta.decode(bytes, page * 1024) instanceof Meta.Decoded.Valid(var meta)
                    && meta.bytes() > bytes.limit()) {
                return "the file ends before the last page of meta " + page;
            }
        }
        try (var bolt = Bolt.open(left, FILE, run.options);
                var tx = bolt.read()) {
            var findings = tx.check();
            if (!findings.isEmpty()) {
                return findings.toString();
            }
            return run.before.isSeenBy(tx) || run.after.isSeenBy(tx) ? null : "neither before nor after";
        } catch (CorruptionException e) {
            return e.getMessage();
        }
    }

    @Test
    void aCrashAtAnyOperationLeavesTheCommitOrTheOneBeforeIt() throws IOException {
        int cuts = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            boolean crashed = true;
            for (int operation = 1 + (int) seed % 3; crashed; operation += 3) {
                var run = new Run(seed);
                long size = run.disk.size(FILE);
                crashed = crashes(run, operation);
                cuts += run.disk.kill().size(FILE) < size ? 1 : 0;
                var when = "seed " + seed + " operation " + operation;
                assertThat(judge(run.disk.kill(), run)).as(when).isNull();
                for (int i = 0; i < OUTCOMES; i++) {
                    assertThat(judge(run.disk.crash(), run)).as(when).isNull();
                }
            }
        }
        assertThat(cuts).isGreaterThan(SEEDS);
    }

    /// Whether it comes to so many operations.
    private static boolean crashes(Run run, int operation) throws IOException {
        var bolt = Bolt.open(run.disk, FILE, run.options);
        run.disk.failAt(run.disk.operations() + operation, Fault.CRASH);
        try {
            for (int i = 0; i < STEPS; i++) {
                run.step(bolt);
            }
            return false;
        } catch (SimulatedCrash _) {
            return true;
        }
    }

    @Test
    void aFullDiskOrAnErrorBeforeTheFirstSyncLeavesTheFileAsItWas() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            var run = new Run(seed);
            var random = new Random(seed);
            var bolt = Bolt.open(run.disk, FILE, run.options);
            for (int i = 0; i < STEPS && bolt.isWritable(); i++) {
                if (random.nextInt(3) == 0) {
                    run.disk.failAt(run.disk.operations() + 1, Fault.NO_SPACE);
                }
                var old = run.after;
                try {
                    run.step(bolt);
                } catch (IOException e) {
                    run.after = old;
                    run.before = old;
                }
                try (var tx = bolt.read()) {
                    assertThat(tx.check()).as("seed " + seed).isEmpty();
                    run.after.assertSeenBy(tx, "seed " + seed);
                }
            }
        }
    }

    /// A reader, and what it must go on seeing.
    private record Reader(ReadTx tx, BoltModel model) {}

    @Test
    void readersGoOnSeeingWhatTheySaw() throws IOException {
        for (long seed = 100; seed < 100 + SEEDS; seed++) {
            var run = new Run(seed);
            var random = new Random(seed);
            List<Reader> readers = new ArrayList<>();
            try (var bolt = Bolt.open(run.disk, FILE, run.options)) {
                for (int i = 0; i < 4 * STEPS; i++) {
                    run.step(bolt);
                    if (random.nextInt(4) == 0) {
                        readers.add(new Reader(bolt.read(), run.after));
                    }
                    for (var reader : readers) {
                        assertThat(run.disk.size(FILE)).isGreaterThanOrEqualTo(reader.tx.size());
                        reader.model.assertSeenBy(reader.tx, "seed " + seed);
                        assertThat(reader.tx.check()).as("seed " + seed).isEmpty();
                    }
                    if (readers.size() > random.nextInt(6)) {
                        readers.remove(random.nextInt(readers.size())).tx.close();
                    }
                }
                readers.forEach(reader -> reader.tx.close());
            }
        }
    }
}
