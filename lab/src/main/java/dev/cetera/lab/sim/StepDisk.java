package dev.cetera.lab.sim;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.LockKind;
import dev.cetera.disk.OpenMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// A disk before whose changes every [Strand] waits for its turn.
record StepDisk(Disk disk) implements Disk {
    @Override
    public DiskFile open(Path path, OpenMode mode) throws IOException {
        Strand.here();
        return new StepFile(disk.open(path, mode));
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return disk.isDirectory(path);
    }

    @Override
    public long size(Path path) throws IOException {
        return disk.size(path);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Strand.here();
        disk.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Strand.here();
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        Strand.here();
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        Strand.here();
        disk.syncDirectory(directory);
    }

    private record StepFile(DiskFile file) implements DiskFile {
        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            return file.read(dst, position);
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            Strand.here();
            file.write(src, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            Strand.here();
            file.truncate(size);
        }

        @Override
        public void allocate(long size) throws IOException {
            Strand.here();
            file.allocate(size);
        }

        @Override
        public void sync() throws IOException {
            Strand.here();
            file.sync();
        }

        @Override
        public boolean tryLock(LockKind kind) throws IOException {
            return file.tryLock(kind);
        }

        @Override
        public MemorySegment map(long length, Arena arena) throws IOException {
            return file.map(length, arena);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
