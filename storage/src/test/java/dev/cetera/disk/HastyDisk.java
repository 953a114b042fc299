package dev.cetera.disk;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Real files of which nothing is ever synced: what is measured on it is the program and the system, not a
/// disk. They go, with their directory, when it is closed.
public final class HastyDisk implements Disk, Closeable {
    private final Disk real = Disk.real();
    private final Path directory = Files.createTempDirectory("cetera-bench-");

    public HastyDisk() throws IOException {
        // The directory may be refused.
    }

    /// A directory for the files.
    public Path directory() {
        return directory;
    }

    @Override
    public DiskFile open(Path path, OpenMode mode) throws IOException {
        return new HastyFile(real.open(path, mode));
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return real.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return real.isDirectory(path);
    }

    @Override
    public long size(Path path) throws IOException {
        return real.size(path);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        real.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        real.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) {
        // In the system's hands is enough here.
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private record HastyFile(DiskFile real) implements DiskFile {
        @Override
        public Path path() {
            return real.path();
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            return real.read(dst, position);
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            real.write(src, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            real.truncate(size);
        }

        @Override
        public void allocate(long size) throws IOException {
            real.allocate(size);
        }

        @Override
        public void sync() {
            // In the system's hands is enough here.
        }

        @Override
        public boolean tryLock(LockKind kind) throws IOException {
            return real.tryLock(kind);
        }

        @Override
        public MemorySegment map(long length, Arena arena) throws IOException {
            return real.map(length, arena);
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }
}
