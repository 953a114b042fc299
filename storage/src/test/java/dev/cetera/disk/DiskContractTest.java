package dev.cetera.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every [Disk] does alike: the system calls, the JDK's files and the fake.
class DiskContractTest {
    @TempDir
    Path temp;

    static Stream<Disk> disks() {
        return Stream.of(new RealDisk(true), new RealDisk(false), new FakeDisk(1));
    }

    private Path directory(Disk disk) throws IOException {
        var directory = temp.resolve("a/b");
        disk.createDirectories(directory);
        disk.createDirectories(directory);
        assertThat(disk.isDirectory(directory)).isTrue();
        return directory;
    }

    @ParameterizedTest
    @MethodSource("disks")
    void bytesComeBackAsWritten(Disk disk) throws IOException {
        var directory = directory(disk);
        var path = directory.resolve("f");
        try (var file = disk.open(path, OpenMode.CREATE_NEW)) {
            var big = new byte[700_000];
            for (int i = 0; i < big.length; i++) {
                big[i] = (byte) (i * 31);
            }
            file.write(ByteBuffer.wrap(big), 10);
            var direct = ByteBuffer.allocateDirect(100).put(new byte[100]).flip();
            file.write(direct.put(50, (byte) 5).position(50), 700_010);
            assertThat(direct.hasRemaining()).isFalse();
            file.sync();
            disk.syncDirectory(directory);
            assertThat(file.size()).isEqualTo(700_060);
            assertThat(disk.size(path)).isEqualTo(700_060);

            var heap = ByteBuffer.allocate(700_000);
            assertThat(file.read(heap, 10)).isEqualTo(700_000);
            assertThat(heap.array()).isEqualTo(big);
            assertThat(file.read(direct.clear(), 700_000)).isEqualTo(60);
            assertThat(direct.get(10)).isEqualTo((byte) 5);
            assertThat(file.read(direct.clear(), 700_060)).isEqualTo(-1);
            assertThat(file.read(direct.clear().limit(0), 0)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("disks")
    void sizesGoBothWaysAndNewBytesAreZero(Disk disk) throws IOException {
        var path = directory(disk).resolve("f");
        try (var file = disk.open(path, OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 0);
            file.truncate(2);
            file.allocate(10);
            file.allocate(5);
            assertThat(file.size()).isEqualTo(10);
            var bytes = ByteBuffer.allocate(10);
            file.read(bytes, 0);
            assertThat(bytes.array()).containsExactly(1, 2, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("disks")
    void openModesAskForWhatTheySay(Disk disk) throws IOException {
        var path = directory(disk).resolve("f");
        assertThatThrownBy(() -> disk.open(path, OpenMode.READ)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.open(path, OpenMode.WRITE)).isInstanceOf(NoSuchFileException.class);
        disk.open(path, OpenMode.CREATE).close();
        disk.open(path, OpenMode.CREATE).close();
        assertThatThrownBy(() -> disk.open(path, OpenMode.CREATE_NEW)).isInstanceOf(FileAlreadyExistsException.class);
        try (var file = disk.open(path, OpenMode.READ)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0)).isInstanceOf(IOException.class);
        }
        var closed = disk.open(path, OpenMode.WRITE);
        closed.close();
        closed.close();
        assertThatThrownBy(closed::size).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("disks")
    void namesMoveAndGo(Disk disk) throws IOException {
        var directory = directory(disk);
        var first = directory.resolve("first");
        var second = directory.resolve("second");
        assertThatThrownBy(() -> disk.list(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.rename(first, second)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.delete(first)).isInstanceOf(NoSuchFileException.class);
        disk.open(second, OpenMode.CREATE).close();
        disk.open(first, OpenMode.CREATE).close();
        assertThat(disk.list(directory)).containsExactly("first", "second");
        assertThatThrownBy(() -> disk.list(first)).isInstanceOf(NotDirectoryException.class);
        disk.rename(first, second);
        assertThat(disk.list(directory)).containsExactly("second");
        assertThatThrownBy(() -> disk.delete(directory)).isInstanceOf(DirectoryNotEmptyException.class);
        disk.delete(second);
        disk.delete(directory);
        assertThat(disk.exists(directory)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("disks")
    void aMappingShowsLaterWrites(Disk disk) throws IOException {
        var path = directory(disk).resolve("f");
        try (var file = disk.open(path, OpenMode.CREATE);
                var arena = Arena.ofShared()) {
            file.truncate(100_000);
            var view = file.map(100_000, arena);
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 50_000);
            assertThat(view.byteSize()).isEqualTo(100_000);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 50_002)).isEqualTo((byte) 3);
            assertThat(view.isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("disks")
    void aLockExcludesAnotherHandle(Disk disk) throws IOException {
        var path = directory(disk).resolve("f");
        for (var kind : LockKind.values()) {
            var holder = disk.open(path, OpenMode.CREATE);
            assertThat(holder.tryLock(kind)).isTrue();
            try (var other = disk.open(path, OpenMode.WRITE)) {
                assertThat(other.tryLock(kind)).isFalse();
            }
            holder.close();
            try (var other = disk.open(path, OpenMode.WRITE)) {
                assertThat(other.tryLock(kind)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("disks")
    void anInterruptNeitherClosesAFileNorStopsIt(Disk disk) throws IOException {
        var path = directory(disk).resolve("f");
        try (var file = disk.open(path, OpenMode.CREATE);
                var arena = Arena.ofShared()) {
            Thread.currentThread().interrupt();
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            file.sync();
            file.tryLock(LockKind.FLOCK);
            assertThat(file.map(3, arena).get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 3);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.size()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("disks")
    void filesAndDirectoriesAreForTheirOwner(Disk disk) throws IOException {
        var directory = directory(disk);
        disk.open(directory.resolve("f"), OpenMode.CREATE).close();
        if (disk instanceof RealDisk) {
            assertThat(Files.getPosixFilePermissions(directory.resolve("f")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(Files.getPosixFilePermissions(directory))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(disk.mode(directory)).isEqualTo(Disk.OWNER_ONLY_MODE);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x--x"));
            assertThat(disk.mode(directory)).isEqualTo("drwxr-x--x");
        }
    }
}
