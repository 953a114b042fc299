package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.apply.IncompatibleVersionException;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.LockedException;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.HandTurned.Settings;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.RaftCodec;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

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
    void moreMembersThanOneAreRefused() {
        var two = Settings.DEFAULTS.withInitialCluster("one=http://127.0.0.1:2380,two=http://127.0.0.1:2382");
        assertThatThrownBy(() -> HandTurned.started(new FakeDisk(1), two))
                .isInstanceOf(StartException.class)
                .hasMessage("--initial-cluster names 2 members, and this version runs clusters of one member only");
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
            backend.put(Bucket.AUTH, "authEnabled".getBytes(StandardCharsets.US_ASCII), new byte[] {1});
            backend.consistentIndex(backend.consistentIndex());
            backend.commit();
        }
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> HandTurned.started(disk))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("authentication is enabled");
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
                            + " snap: snapshot file doesn't exist");
        }
        assertThat(files(disk)).isEqualTo(before);
    }

    @Test
    void aBackendOlderThanTheSnapshotIsRefused() throws Exception {
        var disk = withSnapshots();
        disk.delete(HandTurned.DB);
        backendAt(disk, 5);
        assertThatThrownBy(() -> HandTurned.started(disk, SNAPPING))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("snap: snapshot file doesn't exist");
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

    // ---- who is in the cluster ----

    @TestFactory
    Stream<DynamicTest> whoeverIsNotAloneInItsLogIsRefused() {
        record Case(String name, long commit, List<ConfChange> changes, String refusal) {}
        var add1 = change(ConfChange.Type.ADD_NODE, 1);
        var add2 = change(ConfChange.Type.ADD_NODE, 2);
        var remove1 = change(ConfChange.Type.REMOVE_NODE, 1);
        var remove2 = change(ConfChange.Type.REMOVE_NODE, 2);
        return Stream.of(
                        new Case("two members", 2, List.of(add1, add2), "the cluster has 2 members (1, 2)"),
                        new Case("one that would come", 1, List.of(add1, add2, remove2), "the cluster has 2 members"),
                        new Case("not a member any more", 3, List.of(add1, add2, remove1), "permanently removed"),
                        new Case("one that came and left", 3, List.of(add1, add2, remove2), ""))
                .map(one -> DynamicTest.dynamicTest(one.name, () -> {
                    var entries = new ArrayList<Entry>();
                    for (var change : one.changes) {
                        entries.add(new Entry(1, entries.size() + 1, EntryType.CONF_CHANGE, RaftCodec.encode(change)));
                    }
                    var recovered = new dev.cetera.raft.Recovered(
                            new HardState(1, 0, one.commit), SnapshotMeta.NONE, entries, 0);
                    if (one.refusal.isEmpty()) {
                        Voters.requireAlone(1, recovered);
                    } else {
                        assertThatThrownBy(() -> Voters.requireAlone(1, recovered))
                                .isInstanceOf(StartException.class)
                                .hasMessageContaining(one.refusal);
                    }
                }));
    }

    private static ConfChange change(ConfChange.Type type, long node) {
        return new ConfChange(0, type, node, new byte[0]);
    }

    @Test
    void aSnapshotOfSeveralMembersIsRefused() {
        var meta = new SnapshotMeta(9, 2, ConfState.of(List.of(1L, 2L, 3L)));
        var recovered = new dev.cetera.raft.Recovered(new HardState(2, 0, 9), meta, List.of(), 9);
        assertThatThrownBy(() -> Voters.requireAlone(1, recovered))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the cluster has 3 members (1, 2, 3)");
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
