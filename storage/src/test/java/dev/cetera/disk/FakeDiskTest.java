package dev.cetera.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class FakeDiskTest {
    private static final Path DIR = Path.of("/d");
    private static final Path FILE = DIR.resolve("f");

    private final FakeDisk disk = newDisk(1);

    private static FakeDisk newDisk(long seed) {
        var disk = new FakeDisk(seed);
        disk.put(DIR.resolve("other"), new byte[] {1});
        return disk;
    }

    private static byte[] filled(int length, int value) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void syncedBytesAndNamesSurviveEveryPowerLoss() throws IOException {
        var file = disk.open(FILE, OpenMode.CREATE);
        file.write(ByteBuffer.wrap(filled(3000, 7)), 100);
        file.sync();
        disk.syncDirectory(DIR);
        for (int i = 0; i < 50; i++) {
            var bytes = disk.crash().bytes(FILE);
            assertThat(bytes).hasSize(3100).endsWith(filled(3000, 7)).startsWith(filled(100, 0));
        }
    }

    @Test
    void unsyncedSectorsAreLostInAnyCombination() throws IOException {
        var file = disk.open(FILE, OpenMode.CREATE);
        file.write(ByteBuffer.wrap(filled(1024, 1)), 0);
        file.sync();
        disk.syncDirectory(DIR);
        file.write(ByteBuffer.wrap(filled(1024, 2)), 0);
        file.write(ByteBuffer.wrap(filled(512, 3)), 512);
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            var bytes = disk.crash().bytes(FILE);
            assertThat(bytes).hasSize(1024);
            assertThat(bytes[511]).isEqualTo(bytes[0]);
            outcomes.add(bytes[0] + "" + bytes[512]);
        }
        assertThat(outcomes).containsExactlyInAnyOrder("11", "12", "13", "21", "22", "23");
    }

    @Test
    void sizesAreLostToo() throws IOException {
        disk.put(FILE, filled(5000, 1));
        var file = disk.open(FILE, OpenMode.WRITE);
        file.truncate(1000);
        file.truncate(2000);
        Set<Long> sizes = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            sizes.add(disk.crash().size(FILE));
        }
        assertThat(sizes).containsExactlyInAnyOrder(5000L, 1000L, 2000L);
        file = disk.kill().open(FILE, OpenMode.READ);
        var bytes = ByteBuffer.allocate(3000);
        assertThat(file.read(bytes, 0)).isEqualTo(2000);
        assertThat(bytes.get(999)).isEqualTo((byte) 1);
        assertThat(bytes.get(1000)).isEqualTo((byte) 0);
        assertThat(file.read(bytes, 2000)).isEqualTo(-1);
    }

    @Test
    void directoryChangesAreLostOneByOne() throws IOException {
        disk.open(FILE, OpenMode.CREATE_NEW).close();
        disk.rename(DIR.resolve("other"), DIR.resolve("renamed"));
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            outcomes.add(disk.crash().list(DIR).toString());
        }
        assertThat(outcomes).containsExactlyInAnyOrder("[other]", "[f, other]", "[renamed]", "[f, renamed]");
    }

    @Test
    void aSyncedDirectoryKeepsItsNames() throws IOException {
        disk.createDirectories(DIR.resolve("sub"));
        disk.open(FILE, OpenMode.CREATE).close();
        disk.delete(DIR.resolve("other"));
        disk.rename(FILE, DIR.resolve("g"));
        disk.syncDirectory(DIR);
        for (int i = 0; i < 50; i++) {
            assertThat(disk.crash().list(DIR)).containsExactly("g", "sub");
        }
    }

    @Test
    void aKilledProcessLosesNothingButWhatWasNotSyncedMayStillGo() throws IOException {
        disk.open(FILE, OpenMode.CREATE).write(ByteBuffer.wrap(filled(512, 9)), 0);
        var killed = disk.kill();
        assertThat(killed.bytes(FILE)).isEqualTo(filled(512, 9));
        assertThatThrownBy(() -> disk.exists(FILE)).isInstanceOf(SimulatedCrash.class);
        Set<Boolean> outcomes = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            outcomes.add(killed.crash().exists(FILE));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void aFaultHitsTheOperationOfItsNumber() throws IOException {
        var file = disk.open(FILE, OpenMode.CREATE);
        assertThat(disk.operations()).isEqualTo(1);
        disk.failAt(2, Fault.IO_ERROR);
        disk.failAt(3, Fault.NO_SPACE);
        disk.failAt(4, Fault.CRASH);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0)).hasMessageContaining("Input/output error");
        assertThatThrownBy(() -> file.allocate(1)).hasMessageContaining("No space left on device");
        assertThatThrownBy(file::sync).isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(file::size).isInstanceOf(SimulatedCrash.class);
    }

    @Test
    void aCrashTearsAWriteAtASector() throws IOException {
        Set<Integer> lengths = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            var torn = newDisk(seed);
            var file = torn.open(FILE, OpenMode.CREATE);
            torn.failAt(2, Fault.CRASH);
            assertThatThrownBy(() -> file.write(ByteBuffer.wrap(filled(3000, 1)), 0))
                    .isInstanceOf(SimulatedCrash.class);
            lengths.add(torn.kill().bytes(FILE).length);
        }
        assertThat(lengths).hasSizeGreaterThan(3).allMatch(length -> length % 512 == 0 || length == 3000);
    }

    @Test
    void aFailedSyncIsNotMendedByTheNext() throws IOException {
        var file = writeWithAFailedSync();
        file.sync();
        assertThat(losesSomething(disk, after -> after[0] == 1)).isTrue();
    }

    @Test
    void whatAFailedSyncLeftIsSyncedWhenItIsWrittenAgain() throws IOException {
        var file = writeWithAFailedSync();
        file.write(ByteBuffer.wrap(filled(512, 2)), 0);
        file.sync();
        assertThat(losesSomething(disk, after -> after[0] == 1)).isFalse();
    }

    private DiskFile writeWithAFailedSync() throws IOException {
        disk.put(FILE, filled(512, 1));
        var file = disk.open(FILE, OpenMode.WRITE);
        file.write(ByteBuffer.wrap(filled(512, 2)), 0);
        disk.failAt(disk.operations() + 1, Fault.IO_ERROR);
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
        return file;
    }

    @Test
    void skippedSyncsLoseWhatTheyShouldHaveKept() throws IOException {
        disk.put(FILE, filled(512, 1));
        var file = disk.open(FILE, OpenMode.WRITE);
        file.write(ByteBuffer.wrap(filled(512, 2)), 0);
        disk.skipSync(1);
        file.sync();
        assertThat(losesSomething(disk.kill(), after -> after[0] == 1)).isTrue();

        var other = newDisk(2);
        other.put(FILE, filled(512, 1));
        other.skipSyncs(path -> path.endsWith("f"));
        file = other.open(FILE, OpenMode.WRITE);
        file.write(ByteBuffer.wrap(filled(512, 2)), 0);
        file.sync();
        file.sync();
        assertThat(losesSomething(other, after -> after[0] == 1)).isTrue();
    }

    private static boolean losesSomething(FakeDisk disk, Predicate<byte[]> lost) throws IOException {
        for (int i = 0; i < 50; i++) {
            if (lost.test(disk.crash().bytes(FILE))) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aFullDiskRefusesNewBlocksOnly() throws IOException {
        disk.limitCapacity(3 * 4096);
        var file = disk.open(FILE, OpenMode.CREATE);
        file.allocate(4096);
        file.write(ByteBuffer.allocate(8192), 0);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 8192))
                .hasMessageContaining("No space left on device");
        file.write(ByteBuffer.allocate(8192), 0);
        disk.delete(DIR.resolve("other"));
        file.write(ByteBuffer.allocate(1), 8192);
    }

    @Test
    void aMappingShowsLaterWritesAndFlips() throws IOException {
        disk.put(FILE, filled(10_000, 1));
        var file = disk.open(FILE, OpenMode.WRITE);
        var view = file.map(10_000, Arena.ofAuto());
        file.write(ByteBuffer.wrap(filled(5000, 2)), 4000);
        disk.flipBit(FILE, 0, 7);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x81);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 3999)).isEqualTo((byte) 1);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 4000)).isEqualTo((byte) 2);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 8999)).isEqualTo((byte) 2);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 9999)).isEqualTo((byte) 1);
    }

    @Test
    void readsFailWhereTold() throws IOException {
        disk.put(FILE, filled(10, 1));
        disk.failReads(path -> path.equals(FILE));
        var file = disk.open(FILE, OpenMode.READ);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).hasMessageContaining("Input/output error");
    }

    @Test
    void preallocationCostsNothing() throws IOException {
        for (int i = 0; i < 1000; i++) {
            var quick = newDisk(i);
            var file = quick.open(FILE, OpenMode.CREATE);
            file.allocate(64_000_000);
            file.write(ByteBuffer.wrap(filled(100, 1)), 0);
            file.sync();
            assertThat(quick.crash().exists(DIR)).isTrue();
        }
    }

    @Test
    void oneSeedGivesOneFate() throws IOException {
        for (int seed = 0; seed < 10; seed++) {
            assertThat(fate(seed)).isEqualTo(fate(seed));
        }
    }

    private static byte[] fate(long seed) throws IOException {
        var disk = newDisk(seed);
        disk.put(FILE, filled(9000, 1));
        var file = disk.open(FILE, OpenMode.WRITE);
        file.write(ByteBuffer.wrap(filled(9000, 2)), 500);
        return disk.crash().bytes(FILE);
    }
}
