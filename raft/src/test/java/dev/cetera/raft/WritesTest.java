package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WritesTest {
    private static final HardState STATE = new HardState(1, 0, 0);

    @Test
    void aReceiptForAnOverwrittenEntryProvesNothing() {
        var writes = new Writes(HardState.NONE, 4);
        var first = writes.issue(STATE, 5);
        writes.overwrittenFrom(5);
        var second = writes.issue(STATE, 5);
        writes.overwrittenFrom(5);
        var third = writes.issue(STATE, 5);

        writes.persisted(first);
        assertThat(writes.durable()).isEqualTo(4);
        writes.persisted(second);
        assertThat(writes.durable()).isEqualTo(4);
        writes.persisted(third);
        assertThat(writes.durable()).isEqualTo(5);
    }

    @Test
    void oneReceiptStandsForAllBeforeIt() {
        var writes = new Writes(HardState.NONE, 0);
        writes.issue(STATE, 3);
        var second = writes.issue(STATE, 4);
        writes.persisted(second);
        assertThat(writes.durable()).isEqualTo(4);
        assertThat(writes.isIdle()).isTrue();
        writes.persisted(second);
        assertThat(writes.durable()).isEqualTo(4);
    }

    @Test
    void aReceiptThatWasNeverHandedOutIsABug() {
        var writes = new Writes(HardState.NONE, 0);
        assertThatThrownBy(() -> writes.persisted(new Persisted(1, 1, 1))).isInstanceOf(IllegalStateException.class);
    }

    /// The twin is a disk: a list of terms, onto which the writes are played when their receipt comes. What it
    /// has in common with the log, and no outstanding write will touch, is durable.
    @Test
    void durableAgreesWithADisk() {
        for (long seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var writes = new Writes(HardState.NONE, 0);
            var log = new ArrayList<Integer>();
            var disk = new ArrayList<Integer>();
            record Pending(int from, List<Integer> terms, Persisted done) {}
            var pending = new ArrayList<Pending>();
            int unique = 0;
            for (int step = 0; step < 30; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        for (int n = random.nextInt(3); n >= 0; n--) {
                            log.add(unique++);
                        }
                    }
                    case 1 -> {
                        if (!log.isEmpty()) {
                            int index = 1 + random.nextInt(log.size());
                            log.subList(index - 1, log.size()).clear();
                            writes.overwrittenFrom(index);
                            log.add(unique++);
                        }
                    }
                    case 2 -> {
                        int from = (int) writes.written();
                        var terms = List.copyOf(log.subList(from, log.size()));
                        pending.add(new Pending(from, terms, writes.issue(STATE, log.size())));
                    }
                    default -> {
                        if (!pending.isEmpty()) {
                            var write = pending.removeFirst();
                            disk.subList(Math.min(disk.size(), write.from), disk.size())
                                    .clear();
                            disk.addAll(write.terms);
                            writes.persisted(write.done);
                        }
                    }
                }
                int durable = 0;
                int untouched = pending.stream().mapToInt(Pending::from).min().orElse(Integer.MAX_VALUE);
                while (durable < Math.min(disk.size(), log.size())
                        && durable < untouched
                        && disk.get(durable).equals(log.get(durable))) {
                    durable++;
                }
                assertThat(writes.durable()).as("seed %d, step %d", seed, step).isEqualTo(durable);
            }
        }
    }
}
