package dev.cetera.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// An open file on Linux. Interrupting a thread neither closes it nor breaks off what it does.
///
/// Guarded by `use`: operations share it, [#close] takes it alone, because the number of a closed descriptor
/// may at once belong to another file.
final class PosixFile implements DiskFile {
    /// Mode 0600.
    static final int OWNER_ONLY = 0x180;

    /// The answer of an operation that has none.
    private static final Boolean DONE = true;

    private static final int STAGE_BYTES = 1 << 18;

    private final Path path;
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private int fd;

    private PosixFile(Path path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    static PosixFile open(Path path, OpenMode mode) throws IOException {
        int flags = switch (mode) {
            case READ -> Posix.O_RDONLY;
            case WRITE -> Posix.O_RDWR;
            case CREATE -> Posix.O_RDWR | Posix.O_CREAT;
            case CREATE_NEW -> Posix.O_RDWR | Posix.O_CREAT | Posix.O_EXCL;
        };
        return new PosixFile(path, Posix.open(path, flags));
    }

    @FunctionalInterface
    private interface Operation<T> {
        T on(int fd) throws IOException;
    }

    private <T> T using(Operation<T> operation) throws IOException {
        use.readLock().lock();
        try {
            if (fd < 0) {
                throw new ClosedChannelException();
            }
            return operation.on(fd);
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        return using(open -> Posix.size(open, path));
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        return using(open -> {
            int wanted = dst.remaining();
            while (dst.hasRemaining()) {
                int got = readSome(open, dst, position + wanted - dst.remaining());
                if (got == 0) {
                    break;
                }
            }
            int read = wanted - dst.remaining();
            return read == 0 && wanted > 0 ? -1 : read;
        });
    }

    private int readSome(int open, ByteBuffer dst, long position) throws IOException {
        if (dst.isDirect()) {
            int got = Posix.read(open, MemorySegment.ofBuffer(dst), position, path);
            dst.position(dst.position() + got);
            return got;
        }
        // Native code must not see a moving array, so arrays go through a piece of native memory.
        try (var arena = Arena.ofConfined()) {
            var stage = arena.allocate(Math.min(dst.remaining(), STAGE_BYTES));
            int got = Posix.read(open, stage, position, path);
            dst.put(stage.asSlice(0, got).asByteBuffer());
            return got;
        }
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        using(open -> {
            if (src.isDirect()) {
                Posix.write(open, MemorySegment.ofBuffer(src), position, path);
                src.position(src.limit());
                return DONE;
            }
            try (var arena = Arena.ofConfined()) {
                var stage = arena.allocate(Math.min(src.remaining(), STAGE_BYTES));
                for (long at = position; src.hasRemaining(); ) {
                    int length = Math.min(src.remaining(), STAGE_BYTES);
                    MemorySegment.copy(MemorySegment.ofBuffer(src), 0, stage, 0, length);
                    Posix.write(open, stage.asSlice(0, length), at, path);
                    src.position(src.position() + length);
                    at += length;
                }
            }
            return DONE;
        });
    }

    @Override
    public void truncate(long size) throws IOException {
        using(open -> {
            Posix.truncate(open, size, path);
            return DONE;
        });
    }

    @Override
    public void allocate(long size) throws IOException {
        using(open -> {
            if (!Posix.allocate(open, size, path) && Posix.size(open, path) < size) {
                Posix.truncate(open, size, path);
            }
            return DONE;
        });
    }

    @Override
    public void sync() throws IOException {
        using(open -> {
            Posix.syncData(open, path);
            return DONE;
        });
    }

    @Override
    public boolean tryLock(LockKind kind) throws IOException {
        return using(open -> Posix.tryLock(open, kind, path));
    }

    @Override
    public MemorySegment map(long length, Arena arena) throws IOException {
        return using(open -> Posix.map(open, length, arena, path));
    }

    @Override
    public void close() throws IOException {
        use.writeLock().lock();
        try {
            if (fd >= 0) {
                int open = fd;
                fd = -1;
                Posix.close(open, path);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
