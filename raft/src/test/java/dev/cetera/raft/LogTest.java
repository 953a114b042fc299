package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class LogTest {
    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryType.NORMAL, new byte[(int) (index % 7)]);
    }

    private static Log logOfTerms(long... terms) {
        var log = new Log(SnapshotMeta.NONE, List.of(), 0, 0);
        for (int i = 0; i < terms.length; i++) {
            log.append(entry(terms[i], i + 1L));
        }
        return log;
    }

    @Test
    void whatASnapshotMakesDispensableAgreesWithTheObviousVersion() {
        for (long seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            var log = logOfTerms();
            int count = 1 + random.nextInt(60);
            for (long index = 1; index <= count; index++) {
                log.append(entry(1, index));
            }
            log.commitTo(count);
            log.handOut(count, Long.MAX_VALUE);
            log.appliedTo(count);
            log.compact(random.nextInt(count));
            long snapshot = random.nextInt(count + 1);
            long keepEntries = random.nextInt(20);
            long keepBytes = random.nextInt(60);
            long base = log.base();
            long obvious = Math.max(snapshot, base);
            if (snapshot > base) {
                obvious = LongStream.rangeClosed(base, snapshot)
                        .filter(to -> snapshot - to <= keepEntries && log.bytesIn(to + 1, snapshot) <= keepBytes)
                        .findFirst()
                        .orElseThrow();
            }
            assertThat(Math.max(base, log.dispensableBehind(snapshot, keepEntries, keepBytes)))
                    .as("seed " + seed)
                    .isEqualTo(obvious);
        }
    }

    @Test
    void anyHistoryAgreesWithATree() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var log = logOfTerms();
            var tree = new TreeMap<Long, Entry>();
            long term = 1;
            for (int step = 0; step < 60; step++) {
                long last = log.lastIndex();
                switch (random.nextInt(4)) {
                    case 0, 1 -> {
                        term += random.nextInt(2);
                        for (int n = random.nextInt(40); n > 0; n--) {
                            var next = entry(term, log.lastIndex() + 1);
                            log.append(next);
                            tree.put(next.index(), next);
                        }
                    }
                    case 2 -> {
                        long from = last - random.nextInt(5);
                        if (from > log.committed() && from <= last) {
                            log.truncateFrom(from);
                            tree.tailMap(from, true).clear();
                        }
                    }
                    default -> {
                        log.commitTo(log.committed() + (last - log.committed()) / 2);
                        var out = log.handOut(last, 1 + random.nextInt(1000));
                        out.forEach(entry -> assertThat(entry).isEqualTo(tree.get(entry.index())));
                        log.appliedTo(log.handed());
                        log.compact(Math.max(0, log.applied() - random.nextInt(50)));
                        tree.headMap(log.base(), true).clear();
                    }
                }
                assertThat(log.slice(log.firstIndex(), log.lastIndex()))
                        .as("seed %d, step %d", seed, step)
                        .containsExactlyElementsOf(tree.values());
                assertThat(log.bytes())
                        .isEqualTo(tree.values().stream()
                                .mapToLong(e -> e.data().length)
                                .sum());
            }
        }
    }

    @Test
    void theHintIsTheLastIndexWhoseTermIsNotHigher() {
        var log = logOfTerms(1, 1, 2, 2, 5, 5);
        assertThat(LongStream.rangeClosed(0, 6).map(term -> log.lastWithTermAtMost(6, term)))
                .containsExactly(0L, 2L, 4L, 4L, 4L, 6L, 6L);
        assertThat(log.lastWithTermAtMost(3, 9)).isEqualTo(3);
        assertThat(log.lastWithTermAtMost(99, 9)).isEqualTo(6);
    }

    @Test
    void aMessageHoldsAsManyEntriesAsFitAndAtLeastOne() {
        var log = logOfTerms(1, 1, 1, 1);
        assertThat(log.sliceWithin(1, 1)).hasSize(1);
        assertThat(log.sliceWithin(1, 32 + 1 + 32 + 2)).hasSize(2);
        assertThat(log.sliceWithin(1, 1000)).hasSize(4);
        assertThat(log.sliceWithin(5, 1000)).isEmpty();
    }

    @Test
    void whatWasCommittedIsNeverTakenBack() {
        var log = logOfTerms(1, 1, 1);
        log.commitTo(2);
        assertThatThrownBy(() -> log.truncateFrom(2)).isInstanceOf(IllegalStateException.class);
        log.commitTo(1);
        assertThat(log.committed()).isEqualTo(2);
        assertThatThrownBy(() -> log.commitTo(4))
                .hasMessage(
                        "tocommit(4) is out of range [lastIndex(3)]. Was the raft log corrupted, truncated, or lost?");
    }

    @Test
    void aGapOrAFallingTermIsABug() {
        var log = logOfTerms(1, 2);
        assertThatThrownBy(() -> log.append(entry(2, 4))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> log.append(entry(1, 3))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListThatWasHandedOutNeverChanges() {
        var log = logOfTerms(1, 1, 1);
        var slice = log.slice(1, 3);
        log.truncateFrom(2);
        log.append(entry(3, 2));
        assertThat(slice).containsExactly(entry(1, 1), entry(1, 2), entry(1, 3));
    }
}
