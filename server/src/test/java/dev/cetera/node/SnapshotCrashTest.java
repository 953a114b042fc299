package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.Follower.Lagging;
import dev.cetera.node.Follower.Scene;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Receives and installs a snapshot, and follows a little further, on a disk that fails at each operation in
/// turn. Whatever happens, the member starts again where it was before or where it was going, keeps what it
/// has promised, and can be sent the snapshot again.
class SnapshotCrashTest {
    private static final int ENTRIES = 3;

    private static void keep(FakeDisk whole) {
        assertThat(whole.operations()).isNotNegative();
    }

    /// @return whether it came to the end
    private static boolean run(Follower member) throws Exception {
        member.settle();
        member.receive();
        member.settle();
        member.follow(ENTRIES);
        member.settle();
        member.engine.commit();
        member.settle();
        return member.fatal.isEmpty();
    }

    private record Reference(long before, long installed, long last, Follower whole) {}

    private static Reference reference(Scene scene) throws Exception {
        var member = new Follower(scene, scene.disk().kill());
        member.settle();
        long before = member.revision();
        member.receive();
        member.settle();
        long installed = member.revision();
        assertThat(installed).isGreaterThan(before);
        member.follow(ENTRIES);
        member.settle();
        assertThat(member.revision()).isEqualTo(installed + ENTRIES);
        return new Reference(before, installed, member.revision(), member);
    }

    private static long operations(Scene scene) throws Exception {
        var disk = scene.disk().kill();
        try (var member = new Follower(scene, disk)) {
            long before = disk.operations();
            run(member);
            return disk.operations() - before;
        }
    }

    private static void sweep(Scene scene, Fault fault, Consumer<FakeDisk> breakage, int outcomes) throws Exception {
        var reference = reference(scene);
        long operations = operations(scene);
        assertThat(operations).isGreaterThan(25);
        for (long n = 1; n <= operations; n++) {
            for (int outcome = 0; outcome < outcomes; outcome++) {
                var what = fault + " at operation " + n + ", outcome " + outcome;
                try {
                    tryAt(scene, reference, n, fault, breakage);
                } catch (Exception | AssertionError failed) {
                    throw new AssertionError(what, failed);
                }
            }
        }
    }

    private static void tryAt(Scene scene, Reference reference, long n, Fault fault, Consumer<FakeDisk> breakage)
            throws Exception {
        var disk = scene.disk().kill();
        breakage.accept(disk);
        var member = new Follower(scene, disk);
        disk.failAt(disk.operations() + n, fault);
        try {
            run(member);
        } catch (SimulatedCrash | IOException expected) {
            // It was refused, or ends the member; either way it may end here.
        }
        for (var after : List.of(disk.crash(), disk.kill())) {
            startsAgain(scene, reference, after, member.acknowledged);
        }
    }

    private static void startsAgain(Scene scene, Reference reference, FakeDisk disk, long promised) throws Exception {
        try (var member = new Follower(scene, disk)) {
            member.settle();
            assertThat(member.engine.status().lastIndex())
                    .as("what was promised")
                    .isGreaterThanOrEqualTo(promised);
            long revision = member.revision();
            if (revision != reference.before()) {
                assertThat(revision).isBetween(reference.installed(), reference.last());
            }
            assertThat(member.hash(revision)).isEqualTo(reference.whole().hash(revision));
            run(member);
            assertThat(member.revision()).isEqualTo(reference.last());
            assertThat(member.hash(0)).isEqualTo(reference.whole().hash(0));
            assertNothingIsLeft(disk);
        }
        try (var again = new Follower(scene, disk)) {
            again.settle();
            assertThat(again.hash(0)).isEqualTo(reference.whole().hash(0));
        }
    }

    private static void assertNothingIsLeft(FakeDisk disk) throws IOException {
        assertThat(disk.list(HandTurned.SNAP)).noneMatch(name -> name.startsWith("tmp") || name.endsWith(".snap.db"));
    }

    @ParameterizedTest
    @EnumSource(Lagging.class)
    void aCrashAnywhereLeavesTheMemberBeforeOrBehindTheSnapshot(Lagging how) throws Exception {
        sweep(Scene.of(how), Fault.CRASH, SnapshotCrashTest::keep, 2);
    }

    @ParameterizedTest
    @EnumSource(Lagging.class)
    void anErrorAnywhereIsSurvivedOrEndsTheMemberInGoodOrder(Lagging how) throws Exception {
        sweep(Scene.of(how), Fault.IO_ERROR, SnapshotCrashTest::keep, 1);
    }

    @ParameterizedTest
    @EnumSource(Lagging.class)
    void aFullDiskAnywhereIsSurvivedOrEndsTheMemberInGoodOrder(Lagging how) throws Exception {
        sweep(Scene.of(how), Fault.NO_SPACE, SnapshotCrashTest::keep, 1);
    }

    /// What a sync is for; the sweep is no good if it does not miss it.
    @ParameterizedTest
    @EnumSource(Unsynced.class)
    void theSweepNoticesWhatIsNotSynced(Unsynced what) throws Exception {
        var scene = Scene.of(Lagging.FOLLOWED);
        assertThatThrownBy(() -> sweep(
                        scene,
                        Fault.CRASH,
                        disk -> disk.skipSyncs(path -> path.toString().matches(what.paths)),
                        30))
                .isInstanceOf(AssertionError.class);
    }

    enum Unsynced {
        DATABASE(".*/tmp[0-9]+"),
        DIRECTORY(".*/member/snap"),
        SNAPSHOT(".*\\.snap"),
        LOG(".*\\.wal");

        private final String paths;

        Unsynced(String paths) {
            this.paths = paths;
        }
    }
}
