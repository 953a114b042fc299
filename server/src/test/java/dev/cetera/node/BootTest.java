package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.apply.IncompatibleVersionException;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.LockedException;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.HandTurned.Settings;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BootTest {
    private static final Settings SNAPPING = Settings.DEFAULTS.withSnapshotCount(10);

    /// A directory with snapshots and their log, closed in good order.
    private static FakeDisk withSnapshots() throws Exception {
        var disk = new FakeDisk(1);
        var member = HandTurned.started(disk, SNAPPING);
        for (int i = 0; i < 40; i++) {
            member.put("key", "value" + i);
            member.settle();
        }
        member.close();
        return disk.kill();
    }

    private static List<String> files(FakeDisk disk) throws IOException {
        var all = new ArrayList<String>();
        for (var dir : List.of(HandTurned.SNAP, HandTurned.WAL)) {
            for (var name : disk.list(dir)) {
                all.add(dir.resolve(name) + " " + disk.size(dir.resolve(name)));
            }
        }
        return all;
    }

    // ---- founding ----

    @Test
    void foundingThatIsCutShortAnywhereIsTakenUpAgain() throws Exception {
        var whole = new FakeDisk(1);
        HandTurned.started(whole).close();
        for (long operation = 1; operation <= whole.operations(); operation++) {
            var disk = new FakeDisk(operation);
            disk.failAt(operation, Fault.CRASH);
            try {
                HandTurned.started(disk).close();
            } catch (SimulatedCrash expected) {
                // that is what it is for
            }
            for (var after : List.of(disk.crash(), disk.kill())) {
                try (var member = HandTurned.started(after)) {
                    assertThat(member.published)
                            .as("cut at operation " + operation)
                            .isEqualTo(1);
                    var put = member.put("a", "1");
                    member.settle();
                    assertThat(put.values).hasSize(1);
                } catch (Exception | Error failed) {
                    throw new AssertionError("cut at operation " + operation, failed);
                }
            }
        }
    }

    @Test
    void aLogThatWasNeverFinishedIsNotFinishedForAnotherCluster() throws Exception {
        var disk = new FakeDisk(1);
        Wal.create(durable(disk), HandTurned.WAL, new Wal.Metadata(1, 2)).close();
        assertThatThrownBy(() -> HandTurned.started(disk))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("was begun for member 1 of cluster 2 and never finished");
    }

    private static FakeDisk durable(FakeDisk disk) throws IOException {
        disk.createDirectories(HandTurned.SNAP);
        return disk;
    }

    @Test
    void aBackendWithEntriesAndNoLogIsRefused() throws Exception {
        var disk = new FakeDisk(1);
        try (var backend = Backend.open(durable(disk), HandTurned.DB)) {
            backend.consistentIndex(5);
            backend.commit();
        }
        assertThatThrownBy(() -> HandTurned.started(disk))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("holds entries up to index 5, and there is no log");
    }

    /// CVE-2020-15113: a directory that was there before was taken whoever might read it. Refusing it would
    /// stop members that were served well for years.
    @Test
    void cve2020_15113ADirectoryThatOthersMayEnterIsNamed() throws Exception {
        var disk = durable(new FakeDisk(1));
        disk.mode(HandTurned.DATA, "drwxr-xr-x");
        try (var log = new LogLines("pkg/fileutil")) {
            HandTurned.started(disk).close();
            assertThat(log.lines)
                    .containsExactly("check file permission: directory \"/data\" exist, but the permission is"
                            + " \"drwxr-xr-x\". The recommended permission is \"-rwx------\" to prevent possible"
                            + " unprivileged access to the data.");
        }
        try (var log = new LogLines("pkg/fileutil")) {
            HandTurned.started(new FakeDisk(1)).close();
            assertThat(log.lines).isEmpty();
        }
    }

    // ---- going on ----

    @Test
    void anExistingMemberKeepsItsIdentityWhateverTheFlagsSay() throws Exception {
        var disk = new FakeDisk(1);
        long member;
        long cluster;
        try (var first = HandTurned.started(disk)) {
            member = first.engine.memberId();
            cluster = first.engine.clusterId();
        }
        try (var again = HandTurned.started(disk, Settings.DEFAULTS.withToken("other"))) {
            assertThat(again.engine.memberId()).isEqualTo(member);
            assertThat(again.engine.clusterId()).isEqualTo(cluster);
        }
    }

    @Test
    void everythingIsReplayedWithoutTheBackendWhenTheLogIsWhole() throws Exception {
        var disk = new FakeDisk(1);
        try (var first = HandTurned.started(disk)) {
            first.put("a", "1");
            first.settle();
        }
        disk.delete(HandTurned.DB);
        try (var again = HandTurned.started(disk)) {
            assertThat(again.get("a")).isEqualTo("1");
            assertThat(again.engine.machine().store().view().revision()).isEqualTo(2);
        }
    }

    @Test
    void aDirectoryInUseIsRefusedAndItsLocksAreLetGoOfAtTheEnd() throws Exception {
        var disk = new FakeDisk(1);
        try (var _ = HandTurned.started(disk)) {
            assertThatThrownBy(() -> HandTurned.started(disk)).isInstanceOf(LockedException.class);
        }
        HandTurned.started(disk).close();
    }

    @Test
    void aRefusedStartLetsGoOfItsLocks() throws Exception {
        var disk = new FakeDisk(1);
        HandTurned.started(disk).close();
        try (var backend = Backend.open(disk, HandTurned.DB)) {
            backend.put(Bucket.AUTH_USERS, "u".getBytes(StandardCharsets.US_ASCII), new byte[] {10, 5});
            backend.consistentIndex(backend.consistentIndex());
            backend.commit();
        }
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> HandTurned.started(disk))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("a user or a role can't be read");
        }
        Backend.open(disk, HandTurned.DB).close();
    }

    @Test
    void aSnapshotWithoutTheBackendIsRefusedAndNothingIsTouched() throws Exception {
        var disk = withSnapshots();
        disk.delete(HandTurned.DB);
        var before = files(disk);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                    .isInstanceOf(StartException.class)
                    .hasMessage("recovering backend from snapshot error: database snapshot file path error:"
                            + " snap: snapshot file doesn't exist (/data/member/snap/db is missing, and the snapshot"
                            + " is of index 44)");
        }
        assertThat(files(disk)).isEqualTo(before);
    }

    @Test
    void whereTheLogHasForgottenWhatADamagedSnapshotCoversTheSnapshotIsNamed() throws Exception {
        var disk = withSnapshots();
        for (var name : disk.list(HandTurned.SNAP)) {
            if (name.endsWith(".snap")) {
                disk.flipBit(HandTurned.SNAP.resolve(name), 20, 0);
            }
        }
        var first = disk.list(HandTurned.WAL).getFirst();
        disk.rename(
                HandTurned.WAL.resolve(first), HandTurned.WAL.resolve(first.substring(0, 17) + "0000000000000005.wal"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "open wal error: wal: file not found; damaged snapshots: [/data/member/snap/")
                    .hasMessageContaining(".snap.broken");
        }
    }

    @Test
    void whereTheLogBeginsWithAReceivedSnapshotThatIsDamagedTheSnapshotIsNamed() throws Exception {
        var disk = withSnapshots();
        var newest = Objects.requireNonNull(new Snapshots(disk, HandTurned.SNAP, (_, _) -> {}).newest(_ -> true))
                .meta();
        var metadata = Wal.read(disk, HandTurned.WAL, Wal.SnapshotMark.NONE).metadata();
        for (var name : disk.list(HandTurned.WAL)) {
            disk.delete(HandTurned.WAL.resolve(name));
        }
        try (var wal = Wal.create(disk, HandTurned.WAL, metadata)) {
            var mark = new Wal.SnapshotMark(newest.index(), newest.term());
            var state = new HardState(newest.term(), 0, newest.index());
            wal.goOnFrom(mark, state);
            wal.append(state, List.of(new Entry(newest.term(), newest.index() + 1, EntryType.NORMAL, new byte[] {1})));
            wal.sync();
        }
        for (var name : disk.list(HandTurned.SNAP)) {
            if (name.endsWith(".snap")) {
                disk.flipBit(HandTurned.SNAP.resolve(name), 20, 0);
            }
        }
        assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged snapshots: [/data/member/snap/")
                .hasMessageContaining(".snap.broken");
    }

    @Test
    void aBackendOlderThanTheSnapshotIsRefused() throws Exception {
        var disk = withSnapshots();
        disk.delete(HandTurned.DB);
        backendAt(disk, 5);
        assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("snap: snapshot file doesn't exist (/data/member/snap/db holds entries up to"
                        + " index 5, and the snapshot is of index");
    }

    private static void backendAt(FakeDisk disk, long index) throws IOException {
        try (var backend = Backend.open(disk, HandTurned.DB)) {
            backend.consistentIndex(index);
            backend.commit();
        }
    }

    @Test
    void aBackendThatCameWithTheSnapshotIsPutInItsPlace() throws Exception {
        var disk = withSnapshots();
        disk.rename(HandTurned.DB, received(disk));
        backendAt(disk, 5);
        try (var member = HandTurned.started(disk, SNAPPING)) {
            assertThat(member.get("key")).isEqualTo("value39");
        }
    }

    @Test
    void aBackendThatCameWithTheSnapshotServesWhereThereIsNoOther() throws Exception {
        var disk = withSnapshots();
        disk.rename(HandTurned.DB, received(disk));
        try (var member = HandTurned.started(disk, SNAPPING)) {
            assertThat(member.get("key")).isEqualTo("value39");
        }
    }

    @Test
    void whatAnEarlierRunHasLeftIsRemovedButNotFromUnderAMemberThatRuns() throws Exception {
        var disk = withSnapshots();
        var left = List.of("tmp0", "db.tmp.1", "0000000000000003.snap.db");
        for (var name : left) {
            disk.put(HandTurned.SNAP.resolve(name), new byte[1]);
        }
        try (var _ = HandTurned.started(disk, SNAPPING)) {
            assertThat(disk.list(HandTurned.SNAP)).doesNotContainAnyElementsOf(left);
            for (var name : left) {
                disk.put(HandTurned.SNAP.resolve(name), new byte[1]);
            }
            assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING)).isInstanceOf(LockedException.class);
            assertThat(disk.list(HandTurned.SNAP)).containsAll(left);
        }
    }

    @Test
    void entriesOfAnOlderTermThanTheSnapshotAreLeftBehindIt() throws Exception {
        // As another program leaves a log that a snapshot came to: with what was there before.
        var disk = withSnapshots();
        var newest = Objects.requireNonNull(new Snapshots(disk, HandTurned.SNAP, (_, _) -> {}).newest(_ -> true));
        long index = newest.meta().index();
        var meta = new SnapshotMeta(
                index + 5, newest.meta().term() + 7, newest.meta().conf());
        new Snapshots(disk, HandTurned.SNAP, (_, _) -> {}).save(new Snapshot(meta, newest.data()));
        long last;
        try (var wal = Wal.open(
                        disk,
                        HandTurned.WAL,
                        new Wal.SnapshotMark(index, newest.meta().term()),
                        (_, _) -> {},
                        new dev.cetera.wal.WalOptions(20_000))
                .wal()) {
            last = index + 10;
            var entries = new ArrayList<Entry>();
            for (long at = index + 1; at <= last; at++) {
                entries.add(new Entry(newest.meta().term(), at, EntryType.NORMAL, new byte[0]));
            }
            wal.append(HardState.NONE, entries);
            wal.saveSnapshot(new Wal.SnapshotMark(meta.index(), meta.term()));
            wal.append(new HardState(meta.term(), 0, meta.index()), List.of());
            wal.sync();
        }
        try (var backend = Backend.open(disk, HandTurned.DB)) {
            backend.consistentIndex(meta.index());
            backend.commit();
        }
        try (var member = new HandTurned(disk, SNAPPING)) {
            assertThat(member.engine.status().lastIndex()).isEqualTo(meta.index());
        }
    }

    @Test
    void aReceivedBackendThatIsOldItselfIsRefused() throws Exception {
        var disk = withSnapshots();
        disk.delete(HandTurned.DB);
        backendAt(disk, 7);
        disk.rename(HandTurned.DB, received(disk));
        backendAt(disk, 5);
        assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("index 7) does not match with snapshot (index ");
    }

    /// Where a leader's database for the newest snapshot would be.
    private static java.nio.file.Path received(FakeDisk disk) throws IOException {
        var newest = disk.list(HandTurned.SNAP).stream()
                .filter(name -> name.endsWith(".snap"))
                .sorted()
                .reduce((_, later) -> later)
                .orElseThrow();
        return HandTurned.SNAP.resolve(newest.substring(17, 33) + ".snap.db");
    }

    @Test
    void aSnapshotThatTheLogDoesNotNameIsPassedOver() throws Exception {
        var disk = withSnapshots();
        var snapshots = new Snapshots(disk, HandTurned.SNAP, (_, _) -> {});
        var newest = Objects.requireNonNull(snapshots.newest(_ -> true));
        var meta = newest.meta();
        snapshots.save(new Snapshot(new SnapshotMeta(meta.index() + 1_000, meta.term(), meta.conf()), newest.data()));
        try (var member = HandTurned.started(disk, SNAPPING)) {
            assertThat(member.get("key")).isEqualTo("value39");
        }
    }

    // ---- versions ----

    @Test
    void aClusterThatHasGoneBeyondThisReleaseIsRefused() throws Exception {
        var disk = withSnapshots();
        var snapshots = new Snapshots(disk, HandTurned.SNAP, (_, _) -> {});
        var newest = Objects.requireNonNull(snapshots.newest(_ -> true));
        var legacy = new V2Store();
        legacy.recover(newest.data());
        var members = new Members(legacy);
        members.load();
        members.apply(Members.setVersion(1, new ClusterVersion(3, 4, 0)));
        snapshots.save(new Snapshot(newest.meta(), legacy.save()));
        var before = files(disk);

        assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessage("cluster cannot be downgraded (current version: 3.3.27 is lower than determined cluster"
                        + " version: 3.4).");
        assertThat(files(disk)).isEqualTo(before);
    }
}
