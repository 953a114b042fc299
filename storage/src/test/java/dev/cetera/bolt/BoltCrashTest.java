package dev.cetera.bolt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The power goes at every operation of a commit; the file then shows the commit or the one before it, whole.
class BoltCrashTest {
    private static final Path FILE = Path.of("/d/db");
    private static final int SEEDS = 60;
    private static final int OUTCOMES = 6;

    /// Work up to some commit, then one more commit that meets a fault.
    private static final class Run {
        FakeDisk disk;
        final BoltOptions options;
        BoltModel before = new BoltModel();
        BoltModel after = new BoltModel();
        private final Random random;

        Run(long seed) {
            random = new Random(seed);
            disk = new FakeDisk(seed);
            disk.put(FILE.resolveSibling("other"), new byte[0]);
            options = BoltModel.anyOptions(random);
        }

        /// Opens the file and brings it to where the last commit begins.
        Bolt prepare() throws IOException {
            var bolt = Bolt.open(disk, FILE, options);
            for (int commits = random.nextInt(6); commits > 0; commits--) {
                commit(bolt);
            }
            return bolt;
        }

        void commit(Bolt bolt) throws IOException {
            before = after;
            after = before.copy();
            try (var tx = bolt.write()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    after.change(random, tx);
                }
                tx.commit();
            }
        }
    }

    /// Opens what is left and compares.
    ///
    /// @return what is wrong, null for nothing
    private static @Nullable String judge(FakeDisk left, Run run) throws IOException {
        if (!left.exists(FILE)) {
            return "no file";
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
    void aPowerLossAtAnyOperationLeavesTheCommitOrTheOneBeforeIt() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            boolean crashed = true;
            for (int operation = 1; crashed; operation++) {
                var run = new Run(seed);
                var bolt = run.prepare();
                run.disk.failAt(run.disk.operations() + operation, Fault.CRASH);
                crashed = crashes(run, bolt);
                assertThat(judge(run.disk.kill(), run)).isNull();
                for (int i = 0; i < OUTCOMES; i++) {
                    assertThat(judge(run.disk.crash(), run))
                            .as("seed %d operation %d outcome %d", seed, operation, i)
                            .isNull();
                }
            }
        }
    }

    @Test
    void aKilledCommitThatWasReadBackIsNotLostUnderTheNextOne() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (int operation = 1; operation <= 6; operation++) {
                for (int later = 1; later <= 6; later++) {
                    killThenLosePower(seed, operation, later);
                }
            }
        }
    }

    /// What the killed process wrote is there to be read, but not all of it on the disk.
    private static void killThenLosePower(long seed, int operation, int later) throws IOException {
        var run = new Run(seed);
        var bolt = run.prepare();
        run.disk.failAt(run.disk.operations() + operation, operation % 2 == 0 ? Fault.CRASH : Fault.IO_ERROR);
        try {
            run.commit(bolt);
        } catch (SimulatedCrash | IOException _) {
            // The process is gone, the machine is not.
        }
        run.disk = run.disk.kill();
        try (var again = Bolt.open(run.disk, FILE, run.options)) {
            try (var tx = again.read()) {
                run.after = run.after.isSeenBy(tx) ? run.after : run.before;
            }
            run.disk.failAt(run.disk.operations() + later, Fault.CRASH);
            run.commit(again);
            run.before = run.after;
        } catch (SimulatedCrash _) {
            // And now the power.
        }
        for (int i = 0; i < OUTCOMES; i++) {
            assertThat(judge(run.disk.crash(), run))
                    .as("seed %d operation %d later %d outcome %d", seed, operation, later, i)
                    .isNull();
        }
    }

    private static boolean crashes(Run run, Bolt bolt) throws IOException {
        try {
            run.commit(bolt);
            run.before = run.after;
            return false;
        } catch (SimulatedCrash _) {
            return true;
        }
    }

    @Test
    void aPowerLossWhileTheFileIsMadeLeavesOneThatOpensEmpty() throws IOException {
        for (long seed = 0; seed < 200; seed++) {
            var disk = new FakeDisk(seed);
            disk.put(FILE.resolveSibling("other"), new byte[0]);
            disk.failAt(1 + seed % 4, Fault.CRASH);
            assertThatThrownBy(() -> Bolt.open(disk, FILE, BoltOptions.DEFAULTS))
                    .isInstanceOf(SimulatedCrash.class);
            try (var bolt = Bolt.open(disk.crash(), FILE, BoltOptions.DEFAULTS);
                    var tx = bolt.read()) {
                assertThat(tx.check()).as("seed " + seed).isEmpty();
                assertThat(tx.buckets()).isEmpty();
            }
        }
    }

    @Test
    void withoutTheSyncBeforeTheMetaACommitCanBeTorn() throws IOException {
        int torn = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            var run = new Run(seed);
            var bolt = run.prepare();
            run.commit(bolt);
            run.disk.skipSync(1);
            // The last operation is the sync of the meta: before it, data and meta are equally unsure.
            long operations = operationsOfNextCommit(seed);
            run.disk.failAt(run.disk.operations() + operations, Fault.CRASH);
            assertThat(crashes(run, bolt)).isTrue();
            for (int i = 0; i < OUTCOMES; i++) {
                torn += judge(run.disk.crash(), run) == null ? 0 : 1;
            }
        }
        assertThat(torn)
                .as("commits torn because the data was not synced before the meta")
                .isGreaterThan(SEEDS / 4);
    }

    private static long operationsOfNextCommit(long seed) throws IOException {
        var run = new Run(seed);
        var bolt = run.prepare();
        run.commit(bolt);
        long before = run.disk.operations();
        run.commit(bolt);
        return run.disk.operations() - before;
    }

    @Test
    void aFullDiskLeavesTheFileUsableAsItWas() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            var run = new Run(seed);
            var bolt = run.prepare();
            for (int attempt = 0; attempt < 4 && !isPoisoned(bolt); attempt++) {
                // The file grows, pages are written, or already the sync.
                run.disk.failAt(run.disk.operations() + 1 + (seed + attempt) % 3, Fault.NO_SPACE);
                var old = run.after;
                if (failsWithIoError(run, bolt)) {
                    run.after = old;
                }
            }
            if (isPoisoned(bolt)) {
                continue;
            }
            for (int i = 0; i < 5; i++) {
                run.commit(bolt);
                try (var tx = bolt.write()) {
                    assertThat(tx.check()).as("seed " + seed).isEmpty();
                    run.after.assertSeenBy(tx, "seed " + seed);
                }
            }
            bolt.close();
            run.before = run.after;
            assertThat(judge(run.disk.crash(), run)).isNull();
        }
    }

    private static boolean failsWithIoError(Run run, Bolt bolt) {
        try {
            run.commit(bolt);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isPoisoned(Bolt bolt) {
        try (var tx = bolt.write()) {
            return tx.txid() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void afterAFailedSyncNothingIsWrittenAgain() throws IOException {
        var disk = new FakeDisk(1);
        disk.put(FILE.resolveSibling("other"), new byte[0]);
        try (var bolt = Bolt.open(disk, FILE, BoltOptions.DEFAULTS)) {
            var tx = bolt.write();
            tx.createBucket(BoltModel.name("b")).put(new byte[] {1}, new byte[] {2});
            // truncate, write, sync
            disk.failAt(disk.operations() + 3, Fault.IO_ERROR);
            assertThatThrownBy(tx::commit).isInstanceOf(IOException.class);
            long operations = disk.operations();
            assertThatThrownBy(bolt::write).hasMessageContaining("an earlier commit failed");
            assertThat(disk.operations()).isEqualTo(operations);
            try (var reader = bolt.read()) {
                assertThat(reader.buckets()).isEmpty();
            }
        }
    }
}
