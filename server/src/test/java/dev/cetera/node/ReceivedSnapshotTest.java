package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.apply.IncompatibleVersionException;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.node.Engine.Stage;
import dev.cetera.node.Follower.Lagging;
import dev.cetera.node.Follower.Scene;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceivedSnapshotTest {
    private final Scene scene;
    private final FakeDisk disk;
    private final Follower member;

    ReceivedSnapshotTest() throws Exception {
        scene = Scene.of(Lagging.FOLLOWED);
        disk = scene.disk().kill();
        member = new Follower(scene, disk);
        member.settle();
    }

    private static InstallSnapshot at(InstallSnapshot message, long index) {
        var meta = message.snapshot().meta();
        return with(
                message,
                new Snapshot(
                        new SnapshotMeta(index, meta.term(), meta.conf()),
                        message.snapshot().data()));
    }

    private static InstallSnapshot with(InstallSnapshot message, Snapshot snapshot) {
        return new InstallSnapshot(message.to(), message.from(), message.term(), snapshot);
    }

    private List<String> arrived() throws IOException {
        return disk.list(HandTurned.SNAP).stream()
                .filter(name -> name.startsWith("tmp") || name.endsWith(".snap.db"))
                .toList();
    }

    private void turn(Stage stage) throws Exception {
        while (member.engine.turn(stage)) {}
    }

    private void assertInstalled() throws IOException {
        assertThat(member.engine.appliedIndex()).isGreaterThanOrEqualTo(scene.index());
        assertThat(member.get("key59")).isEqualTo("value59");
        assertThat(member.fatal).isEmpty();
    }

    // ---- what must not come in ----

    @Test
    void whatIsNoDatabaseIsRefusedAndTheMemberGoesOn() throws Exception {
        var whole = scene.database();
        var flipped = whole.clone();
        for (int at = 8192; at < flipped.length; at += 512) {
            flipped[at] ^= 1;
        }
        for (var bad : List.of(
                new byte[0], new byte[100], new byte[100_000], Arrays.copyOf(whole, whole.length - 4096), flipped)) {
            assertThatThrownBy(() -> member.receive(scene.message(), bad)).isInstanceOf(IOException.class);
            assertThat(arrived()).isEmpty();
        }
        member.receive();
        member.settle();
        assertInstalled();
    }

    @Test
    void aDatabaseBehindItsSnapshotIsRefused() throws Exception {
        long beyond = scene.index() + 1_000;
        assertThatThrownBy(() -> member.receive(at(scene.message(), beyond), scene.database()))
                .hasMessageContaining("before that of its snapshot, " + beyond);
        assertThat(arrived()).isEmpty();
    }

    @Test
    void aSnapshotWhoseTreeCannotBeReadIsRefused() throws Exception {
        var broken = new Snapshot(scene.message().snapshot().meta(), "{\"Root\":7}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> member.receive(with(scene.message(), broken), scene.database()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("legacy tree");
        assertThat(arrived()).isEmpty();
    }

    @Test
    void aSnapshotForSomebodyElseIsRefused() {
        var other = new InstallSnapshot(
                77,
                scene.message().from(),
                scene.message().term(),
                scene.message().snapshot());
        assertThatThrownBy(() -> member.engine.receiveSnapshot(other)).isInstanceOf(IOException.class);
    }

    @Test
    void onlySoManyArriveAtOnceAndOneThatIsGivenUpMakesRoom() throws Exception {
        var first = member.engine.receiveSnapshot(scene.message());
        var second = member.engine.receiveSnapshot(scene.message());
        assertThat(arrived()).hasSize(2);
        assertThatThrownBy(() -> member.engine.receiveSnapshot(scene.message()))
                .hasMessage("too many database snapshots at once");
        first.close();
        first.close();
        second.close();
        assertThat(arrived()).isEmpty();
        member.receive();
        member.settle();
        assertInstalled();
    }

    @Test
    void aDiskThatFailsWhileADatabaseArrivesLeavesNothingAndTheMemberGoesOn() throws Exception {
        for (var fault : List.of(Fault.NO_SPACE, Fault.IO_ERROR)) {
            int failures = 0;
            for (long n = 1; ; n++) {
                long start = disk.operations();
                disk.failAt(start + n, fault);
                try {
                    member.receive(at(scene.message(), 1), scene.database());
                    break;
                } catch (IOException expected) {
                    failures++;
                }
                assertThat(arrived()).as(fault + " at " + n).isEmpty();
            }
            assertThatThrownBy(() -> disk.createDirectories(Path.of("/elsewhere" + fault)))
                    .as("takes the fault that nothing came to")
                    .isInstanceOf(IOException.class);
            member.settle();
            assertThat(arrived()).as("raft had no use for it").isEmpty();
            assertThat(failures).isGreaterThanOrEqualTo(6);
        }
        member.receive();
        member.settle();
        assertInstalled();
    }

    // ---- again, late, at the same time ----

    @Test
    void aSnapshotThatComesAgainIsIgnoredAndItsDatabaseDeleted() throws Exception {
        member.receive();
        member.settle();
        assertInstalled();
        for (long back = 0; back < 3; back++) {
            member.receive(at(scene.message(), scene.index() - back), scene.database());
            assertThat(arrived()).hasSize(1);
            member.settle();
            assertThat(arrived()).isEmpty();
        }
        assertInstalled();
    }

    @Test
    void twoOfTheSameAtOnceShareOneFile() throws Exception {
        var first = member.engine.receiveSnapshot(scene.message());
        var second = member.engine.receiveSnapshot(scene.message());
        for (var inlet : List.of(first, second)) {
            inlet.write(java.nio.ByteBuffer.wrap(scene.database()));
        }
        first.finish();
        first.close();
        turn(Stage.RAFT);
        turn(Stage.BOLT);
        second.finish();
        second.close();
        turn(Stage.RAFT);
        turn(Stage.BOLT);
        assertThat(arrived()).as("the first one needs it still").hasSize(1);
        member.settle();
        assertInstalled();
        assertThat(arrived()).isEmpty();
    }

    @Test
    void theSameOneWhileItIsInstalledLeavesNothing() throws Exception {
        member.receive();
        turn(Stage.RAFT);
        turn(Stage.WAL);
        turn(Stage.APPLY);
        member.receive();
        assertThat(arrived()).hasSize(1);
        member.settle();
        assertThat(arrived()).isEmpty();
        assertInstalled();
    }

    @Test
    void aNewerOneWhileOneIsOnItsWayIsInstalledAfterIt() throws Exception {
        member.receive(at(scene.message(), scene.index() - 1), scene.database());
        turn(Stage.RAFT);
        member.receive();
        turn(Stage.RAFT);
        turn(Stage.WAL);
        assertThat(arrived()).hasSize(2);
        member.settle();
        assertInstalled();
        assertThat(member.engine.appliedIndex()).isEqualTo(scene.index());
        assertThat(arrived()).isEmpty();
    }

    @Test
    void entriesThatComeRightBehindItAreAppliedAfterIt() throws Exception {
        member.receive();
        turn(Stage.RAFT);
        member.follow(5);
        member.settle();
        assertInstalled();
        assertThat(member.get("after5")).isEqualTo("value");
    }

    // ---- what else goes on ----

    @Test
    void defragmentationsAndImagesBeforeAndAfterDoNoHarm() throws Exception {
        var backend = member.engine.machine().backend();
        backend.defragment();
        member.receive();
        try (var old = backend.snapshot()) {
            long size = old.size();
            member.settle();
            assertInstalled();
            var bytes = new byte[(int) size];
            assertThat(old.readCopy(0, bytes, 0, bytes.length)).isEqualTo(bytes.length);
        }
        backend.defragment();
        member.follow(3);
        member.settle();
        assertThat(member.get("after3")).isEqualTo("value");
        assertThat(backend.committedIndex()).isLessThanOrEqualTo(backend.consistentIndex());
        backend.commit();
        assertThat(backend.committedIndex()).isEqualTo(member.engine.appliedIndex());
    }

    @Test
    void whatWasAppliedButNotCommittedIsDroppedWithTheOldFile() throws Exception {
        var backend = member.engine.machine().backend();
        long applied = member.engine.appliedIndex();
        assertThat(backend.consistentIndex()).isEqualTo(applied);
        member.receive();
        member.settle();
        assertThat(backend.pendingChanges()).isZero();
        assertThat(backend.committedIndex()).isGreaterThanOrEqualTo(scene.index());
    }

    @Test
    void aSnapshotOfItsOwnThatIsOvertakenDoesNotCount() throws Exception {
        member.append(25);
        for (int i = 0; i < 3; i++) {
            turn(Stage.RAFT);
            turn(Stage.WAL);
            turn(Stage.APPLY);
        }
        assertThat(member.engine.appliedIndex()).isLessThan(scene.index());
        member.receive();
        turn(Stage.RAFT);
        turn(Stage.WAL);
        turn(Stage.APPLY);
        assertThat(disk.list(HandTurned.SNAP))
                .filteredOn(name -> name.endsWith(".snap"))
                .hasSize(1);
        member.settle();
        assertThat(disk.list(HandTurned.SNAP))
                .as("its own was waiting to be saved")
                .filteredOn(name -> name.endsWith(".snap"))
                .hasSize(2);
        member.follow(3);
        member.settle();
        assertThat(member.get("after3")).isEqualTo("value");
        member.engine.purge();
        member.settle();
        try (var again = new Follower(scene, disk.kill())) {
            again.settle();
            assertThat(again.get("after3")).isEqualTo("value");
        }
    }

    @Test
    void readersOfTheOldStateEndWithItAndLaterOnesSeeTheNew() throws Exception {
        var store = member.engine.machine().store();
        var before = store.view();
        assertThat(before.isCurrent()).isTrue();
        member.receive();
        member.settle();
        assertThat(before.isCurrent()).isFalse();
        assertThat(store.view().isCurrent()).isTrue();
        assertThat(store.view().revision()).isGreaterThan(before.revision());
        assertThat(store.range(
                        dev.cetera.mvcc.RangeQuery.between("before".getBytes(StandardCharsets.UTF_8), new byte[0])
                                .at(before.revision())))
                .isInstanceOf(dev.cetera.mvcc.Answer.Found.class);
    }

    @Test
    void theLinkIsToldOfTheMembers() throws Exception {
        int told = member.told.size();
        member.receive();
        member.settle();
        assertThat(member.told).hasSizeGreaterThan(told);
        assertThat(member.told.getLast()).isEqualTo(scene.leader().engine().membership());
    }

    // ---- what this version can't go on with ----

    @Test
    void aClusterThatHasGoneBeyondThisReleaseEndsTheMember() throws Exception {
        var legacy = new V2Store();
        legacy.recover(scene.message().snapshot().data());
        var members = new Members(legacy);
        members.load();
        members.apply(Members.setVersion(1, new ClusterVersion(3, 9, 0)));
        var newer = new Snapshot(scene.message().snapshot().meta(), legacy.save());
        member.receive(with(scene.message(), newer), scene.database());
        assertThatThrownBy(member::settle)
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessageContaining("cluster cannot be downgraded");
    }

    @Test
    void aDatabaseWithAuthenticationIsTakenOverWithIt() throws Exception {
        var other = new FakeDisk(1);
        var path = Path.of("/x/db");
        other.put(path, scene.database());
        try (var backend = Backend.open(other, path)) {
            backend.put(Bucket.AUTH, "authEnabled".getBytes(StandardCharsets.US_ASCII), new byte[] {1});
            backend.consistentIndex(backend.consistentIndex());
            backend.commit();
        }
        member.receive(scene.message(), other.bytes(path));
        member.settle();
        assertThat(member.engine.machine().accounts().now().enabled()).isTrue();
    }
}
