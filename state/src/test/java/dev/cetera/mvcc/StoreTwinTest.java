package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The store against the [Twin] that is too simple to be wrong, through random lives with commits,
/// compactions, restarts and crashes. A life is one seed; the log of entries survives every crash, as the WAL
/// would.
class StoreTwinTest {
    private static final int SEEDS = Integer.getInteger("cetera.seeds", 1500);
    private static final Path DIRECTORY = Path.of("/data");
    private static final Path DB = DIRECTORY.resolve("db");

    private sealed interface Entry {
        record Txn(List<Operation> operations) implements Entry {}

        record Compact(long revision) implements Entry {}
    }

    @Test
    void everyLifeAgreesWithTheTwin() throws IOException {
        for (var seed = 0L; seed < SEEDS; seed++) {
            try {
                new Life(seed).live();
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /// A view some reader has kept, with what it must show for ever, or else refuse.
    private record Past(View view, Map<byte[], KeyValue> living, List<Twin.Change> log) {}

    /// A list that is being read, with what is still to come.
    private record Reading(Listing listing, Deque<KeyValue> expected) {}

    private static final class Life {
        private final Random random;
        private final Twin twin = new Twin();
        private final List<Entry> entries = new ArrayList<>();
        private final Deque<Compaction> compactions = new ArrayDeque<>();
        private final int keys;
        private final List<Past> past = new ArrayList<>();
        private final List<Reading> readings = new ArrayList<>();
        private FakeDisk disk;
        private Backend backend;
        private Store store;

        Life(long seed) throws IOException {
            random = new Random(seed);
            keys = 1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 12);
            disk = new FakeDisk(seed);
            disk.createDirectories(DIRECTORY);
            disk.syncDirectory(Path.of("/"));
            backend = Backend.open(disk, DB);
            store = Store.restore(backend).store();
        }

        void live() throws IOException {
            for (var step = 0; step < 60; step++) {
                switch (random.nextInt(16)) {
                    case 0, 1, 2, 3, 4 -> append(new Entry.Txn(operations()));
                    case 5 -> append(new Entry.Compact(random.nextLong(-1, twin.revision + 2)));
                    case 6 -> driveCompaction();
                    case 7 -> backend.commit();
                    case 8 -> store.tidy(1 + random.nextInt(20));
                    case 9 -> crash();
                    case 10 -> checkHistory();
                    case 11 -> checkHash();
                    case 12 -> past.add(new Past(store.view(), twin.at(twin.revision), List.copyOf(twin.log)));
                    default -> checkRange();
                }
                checkPast();
                readOn();
            }
            checkAll();
            reopen(disk);
            checkAll();
        }

        private List<Operation> operations() {
            var operations = new ArrayList<Operation>();
            for (var i = random.nextInt(5); i >= 0; i--) {
                operations.add(
                        random.nextInt(3) > 0
                                ? new Operation.Put(key(), value(), random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0)
                                : new Operation.Delete(key(), end()));
            }
            return operations;
        }

        private byte[] key() {
            var n = random.nextInt(keys);
            return n % 3 == 0 ? new byte[] {(byte) n, (byte) (n >> 8), 0} : new byte[] {(byte) n, (byte) (n >> 8)};
        }

        private byte[] end() {
            return random.nextBoolean() ? new byte[0] : random.nextInt(4) == 0 ? new byte[1] : key();
        }

        private byte[] value() {
            var value = new byte[random.nextInt(random.nextInt(20) == 0 ? 3000 : 20)];
            random.nextBytes(value);
            return value;
        }

        private void append(Entry entry) throws IOException {
            entries.add(entry);
            switch (entry) {
                case Entry.Txn(var operations) -> twin.txn(operations);
                case Entry.Compact(var revision) -> {
                    var why = twin.compact(revision);
                    var expected = why == null ? Answer.Found.class : Answer.Refused.class;
                    assertThat(apply(entry)).isInstanceOf(expected);
                    return;
                }
            }
            apply(entry);
        }

        private Object apply(Entry entry) throws IOException {
            Object result;
            switch (entry) {
                case Entry.Txn(var operations) -> {
                    var changes = Operation.run(store, operations);
                    var last = twin.history(changes.revision());
                    assertThat(changes.events())
                            .isEqualTo(
                                    changes.events().isEmpty()
                                            ? List.of()
                                            : last.getFirst().events());
                    result = changes;
                }
                case Entry.Compact(var revision) -> {
                    var answer = store.compact(revision);
                    if (answer instanceof Answer.Found(var compaction)) {
                        compactions.add(compaction);
                    }
                    result = answer;
                }
            }
            // Entries are numbered from 1; between two of them a commit may come at any time, within one never.
            applied++;
            if (random.nextInt(8) == 0) {
                backend.commit();
            }
            backend.consistentIndex(applied);
            return result;
        }

        private long applied;

        private void driveCompaction() throws IOException {
            if (!compactions.isEmpty() && !compactions.getFirst().step(1 + random.nextInt(10))) {
                compactions.removeFirst();
            }
        }

        private void crash() throws IOException {
            try {
                disk.failAt(disk.operations() + 1 + random.nextInt(8), Fault.CRASH);
                if (random.nextBoolean()) {
                    backend.commit();
                }
                if (random.nextInt(3) == 0) {
                    backend.defragment();
                }
                for (var i = random.nextInt(5); i > 0; i--) {
                    driveCompaction();
                }
            } catch (SimulatedCrash _) {
                // as ordered
            }
            reopen(disk.crash());
        }

        private void reopen(FakeDisk next) throws IOException {
            readings.forEach(each -> each.listing.close());
            readings.clear();
            if (next == disk) {
                backend.close();
            }
            disk = next;
            backend = Backend.open(disk, DB);
            var restored = Store.restore(backend);
            store = restored.store();
            compactions.clear();
            past.clear();
            if (restored.unfinished() != null) {
                compactions.add(restored.unfinished());
            }
            applied = backend.consistentIndex();
            while (applied < entries.size()) {
                apply(entries.get((int) applied));
            }
            assertThat(store.view().revision()).isEqualTo(twin.revision);
            assertThat(store.view().compactRevision()).isEqualTo(twin.compactRevision);
        }

        private void checkAll() throws IOException {
            checkRange(RangeQuery.between(new byte[1], new byte[1]));
            for (var i = 0; i < 5; i++) {
                checkRange();
            }
            checkHistory();
            checkHash();
            checkBefore();
        }

        private void checkRange() throws IOException {
            checkRange(new RangeQuery(
                    key(),
                    end(),
                    random.nextBoolean() ? 0 : random.nextLong(-1, twin.revision + 2),
                    random.nextBoolean() ? 0 : random.nextInt(4),
                    random.nextInt(4) == 0 ? RangeQuery.Want.COUNT : RangeQuery.Want.KEY_VALUES));
        }

        private void checkRange(RangeQuery query) throws IOException {
            assertThat(store.range(query)).as("%s", query).isEqualTo(twin.range(query));
            assertThat(store.begin().range(query))
                    .as("%s in a transaction", query)
                    .isEqualTo(twin.range(query));
            if (query.want() == RangeQuery.Want.KEY_VALUES) {
                checkListing(query);
            }
        }

        private void checkListing(RangeQuery query) throws IOException {
            var keep = random.nextInt(400) - 1;
            var odd = random.nextInt(3) == 0;
            Listing.Shape shape =
                    odd ? kv -> kv.version() % 2 == 1 ? kv.withoutValue() : null : Listing.Shape.AS_STORED;
            switch (store.list(query, shape, keep)) {
                case Answer.Refused<Listing>(var why) ->
                    assertThat(twin.range(query)).as("%s as a list", query).isEqualTo(new Answer.Refused<>(why));
                case Answer.Found<Listing>(var listing) -> {
                    var all = ((Answer.Found<RangeResult>) twin.range(query.withLimit(0))).value();
                    var shaped = all.kvs().stream()
                            .map(shape::of)
                            .filter(Objects::nonNull)
                            .toList();
                    var limited = query.limit() > 0 && query.limit() < shaped.size();
                    var expected = limited ? shaped.subList(0, (int) query.limit()) : shaped;
                    assertThat(listing.count()).isEqualTo(all.count());
                    assertThat(listing.revision()).isEqualTo(all.revision());
                    assertThat(listing.more()).isEqualTo(limited);
                    assertThat(listing.number()).isEqualTo(expected.size());
                    assertThat(listing.bytes())
                            .isEqualTo(expected.stream()
                                    .mapToLong(KeyValue::listedBytes)
                                    .sum());
                    var whole = listing.whole();
                    assertThat(whole != null).isEqualTo(listing.bytes() <= keep);
                    if (whole != null) {
                        assertThat(whole).isEqualTo(expected);
                        return;
                    }
                    readings.add(new Reading(listing, new ArrayDeque<>(expected)));
                }
            }
        }

        /// A piece of each list that is being read: whatever has happened since it was begun, it goes on with
        /// what was there then.
        private void readOn() throws IOException {
            for (var each : readings) {
                for (var kv : each.listing.next(1 + random.nextInt(200))) {
                    assertThat(kv).isEqualTo(each.expected.poll());
                }
                if (each.expected.isEmpty() || random.nextInt(50) == 0) {
                    each.listing.close();
                    each.expected.clear();
                    assertThat(each.listing.next(1)).isEmpty();
                }
            }
            readings.removeIf(each -> each.expected.isEmpty());
        }

        private void checkPast() throws IOException {
            for (var each : past) {
                var revision = each.view.revision();
                if (each.view.range(RangeQuery.between(new byte[0], new byte[1])) instanceof Answer.Found(var range)) {
                    assertThat(range.kvs()).isEqualTo(new ArrayList<>(each.living.values()));
                    assertThat(range.revision()).isEqualTo(revision);
                } else {
                    assertThat(twin.compactRevision).isGreaterThan(revision);
                }
                var from = Math.max(1, each.view.compactRevision() + 1);
                if (store.history(each.view, from, 1000, 1 << 20) instanceof Answer.Found(var history)) {
                    var events = withoutThe(twin.compactRevision, history.changes()).stream()
                            .mapToInt(changes -> changes.events().size());
                    var expected = each.log.stream()
                            .filter(change -> change.main() >= from && change.main() != twin.compactRevision)
                            .count();
                    assertThat(events.sum()).isEqualTo((int) expected);
                } else {
                    assertThat(twin.compactRevision).isGreaterThan(from);
                }
            }
        }

        private void checkBefore() throws IOException {
            for (var change : twin.log) {
                var kv = KeyValue.deleted(change.key(), change.main());
                var expected = change.main() - 1 < twin.compactRevision
                        ? null
                        : twin.at(change.main() - 1).get(change.key());
                assertThat(store.view().before(kv)).isEqualTo(expected);
            }
        }

        private void checkHistory() throws IOException {
            var from = random.nextLong(-1, twin.revision + 3);
            if (from < twin.compactRevision) {
                assertThat(store.history(from, 5, 100)).isInstanceOf(Answer.Refused.class);
                return;
            }
            var seen = new ArrayList<Changes>();
            for (var next = from; next <= twin.revision; ) {
                var found = (Answer.Found<History>) store.history(next, 1 + random.nextInt(5), random.nextInt(100));
                assertThat(found.value().next()).isGreaterThan(next);
                seen.addAll(found.value().changes());
                next = found.value().next();
            }
            // At the compacted revision what is superseded within it may be gone; no client's transaction does that.
            assertThat(lastOfEachKeyAt(twin.compactRevision, seen))
                    .isEqualTo(lastOfEachKeyAt(twin.compactRevision, twin.history(from)));
        }

        private static List<Changes> lastOfEachKeyAt(long revision, List<Changes> changes) {
            return changes.stream()
                    .map(each -> each.revision() == revision ? lastOfEachKey(each) : each)
                    .toList();
        }

        private static Changes lastOfEachKey(Changes changes) {
            var last = new TreeMap<byte[], Event>(Arrays::compareUnsigned);
            changes.events().forEach(event -> last.put(event.kv().key(), event));
            return new Changes(changes.revision(), List.copyOf(last.values()));
        }

        private static List<Changes> withoutThe(long revision, List<Changes> changes) {
            return changes.stream().filter(each -> each.revision() != revision).toList();
        }

        private void checkHash() throws IOException {
            var at = twin.compactRevision + 1 + random.nextLong(Math.max(1, twin.revision - twin.compactRevision));
            if (at > twin.revision) {
                at = 0;
            }
            var expected = twin.hash(at <= 0 ? twin.revision : at);
            var hash = (Answer.Found<KvHash>) store.hashKv(at);
            if (expected != null) {
                assertThat(hash.value())
                        .isEqualTo(new KvHash(expected, at <= 0 ? twin.revision : at, twin.compactRevision));
            }
        }
    }

    @Test
    void aHalfDoneCompactionDoesNotTurnTheRevisionBack() throws IOException {
        var life = new Life(1);
        life.append(new Entry.Txn(List.of(new Operation.Put(new byte[] {1}, new byte[0], 0))));
        life.append(new Entry.Txn(List.of(new Operation.Delete(new byte[] {1}, new byte[0]))));
        life.append(new Entry.Compact(3));
        var compaction = life.compactions.getFirst();
        assertThat(compaction.step(1)).isTrue();
        assertThat(compaction.step(1)).isTrue();

        var restored = Store.restore(life.backend);
        assertThat(restored.store().view().revision()).isEqualTo(3);
        assertThat(restored.store().view().compactRevision()).isEqualTo(3);
        var unfinished = Objects.requireNonNull(restored.unfinished());
        assertThat(unfinished.step()).isFalse();
        assertThat(Store.restore(life.backend).unfinished()).isNull();
    }

    @Test
    void aTombstoneAtTheCompactedRevisionStays() throws IOException {
        var life = new Life(1);
        var put = new Operation.Put(new byte[] {1}, new byte[0], 0);
        var delete = new Operation.Delete(new byte[] {1}, new byte[0]);
        Operation.run(life.store, List.of(put, new Operation.Put(new byte[] {2}, new byte[0], 0)));
        Operation.run(life.store, List.of(delete));
        Operation.run(life.store, List.of(put));
        Operation.run(life.store, List.of(delete));
        var compaction = (Answer.Found<Compaction>) life.store.compact(5);
        life.backend.consistentIndex(1);
        assertThat(compaction.value().step()).isFalse();
        try (var file = life.backend.snapshot()) {
            assertThat(file.get(Bucket.KEY, Revision.putKey(2, 1))).isNotNull();
            assertThat(file.get(Bucket.KEY, Revision.putKey(4, 0))).isNull();
            assertThat(file.get(Bucket.KEY, Revision.tombstoneKey(3, 0))).isNull();
            assertThat(file.get(Bucket.KEY, Revision.tombstoneKey(5, 0))).isNotNull();
        }
        var history =
                (Answer.Found<History>) Store.restore(life.backend).store().history(5, 10, 100);
        assertThat(history.value().changes())
                .containsExactly(new Changes(
                        5, List.of(new Event(Event.Type.DELETE, KeyValue.deleted(new byte[] {1}, 5)))));
    }

    @Test
    void aRestoreTellsWhichKeysALeaseHolds() throws IOException {
        for (var seed = 0L; seed < 50; seed++) {
            var life = new Life(seed);
            for (var i = 0; i < 30; i++) {
                life.append(new Entry.Txn(life.operations()));
            }
            life.backend.commit();
            var expected = new TreeMap<Long, List<byte[]>>();
            for (var kv : life.twin.at(life.twin.revision).values()) {
                if (kv.lease() != 0) {
                    expected.computeIfAbsent(kv.lease(), _ -> new ArrayList<>()).add(kv.key());
                }
            }
            var leases = Store.restore(life.backend).leases();
            assertThat(leases.keySet()).isEqualTo(expected.keySet());
            expected.forEach((lease, keys) -> assertThat(leases.get(lease))
                    .as("seed")
                    .usingRecursiveComparison()
                    .isEqualTo(keys));
        }
    }
}
