package dev.cetera.bolt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random work on a bolt file against [BoltModel], with readers that stay open over many commits.
class BoltModelTest {
    private static final Path FILE = Path.of("/d/db");
    private static final int SEEDS = 40;
    private static final int COMMITS = 25;

    /// A reader and what it must go on seeing.
    private record Reader(ReadTx tx, BoltModel model) {}

    @Test
    void aBoltFileHoldsWhatAMapWould() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) throws IOException {
        var random = new Random(seed);
        var disk = new FakeDisk(seed);
        disk.put(Path.of("/d/other"), new byte[0]);
        var options = BoltModel.anyOptions(random);
        var bolt = Bolt.open(disk, FILE, options);
        var model = new BoltModel();
        List<Reader> readers = new ArrayList<>();
        for (int commit = 0; commit < COMMITS; commit++) {
            var when = "seed " + seed + " commit " + commit;
            var changed = model.copy();
            try (var tx = bolt.write()) {
                assertThat(tx.check()).as(when).isEmpty();
                for (int i = random.nextInt(6); i > 0; i--) {
                    changed.change(random, tx);
                }
                changed.assertSeenBy(tx, when);
                changed.assertFoundIn(tx, random, when);
                if (random.nextInt(5) > 0) {
                    tx.commit();
                    model = changed;
                }
            }
            for (int i = random.nextInt(20); i > 0; i--) {
                bolt.shrink();
            }
            var tx = bolt.read();
            model.assertSeenBy(tx, when);
            model.assertFoundIn(tx, random, when);
            assertThat(tx.check()).as(when).isEmpty();
            assertThat(bolt.sizeInUse()).as(when).isBetween(2L * options.pageSize(), bolt.size());
            readers.add(new Reader(tx, model.copy()));
            while (readers.size() > random.nextInt(5)) {
                var gone = readers.remove(random.nextInt(readers.size()));
                gone.model.assertSeenBy(gone.tx, when);
                gone.tx.close();
            }
            if (random.nextInt(6) == 0) {
                for (var reader : readers) {
                    reader.model.assertSeenBy(reader.tx, when);
                    reader.tx.close();
                }
                readers.clear();
                bolt.close();
                bolt = Bolt.open(disk, FILE, options.withFreelist(BoltModel.anyForm(random)));
            }
        }
        bolt.close();
        for (var reader : readers) {
            reader.model.assertSeenBy(reader.tx, "seed " + seed + " after close");
            reader.tx.close();
        }
    }
}
