package dev.cetera.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// An open file where [Posix] is not at hand. Both kinds of lock are the JDK's record lock: they exclude
/// another process of ours and etcd's log segments, but not bbolt's flock. The file must not be renamed before
/// it is mapped.
///
/// Guarded by `this`. A [RandomAccessFile] rather than a channel, because an interrupt would close a channel.
final class PortableFile implements DiskFile {
    private static final int STAGE_BYTES = 1 << 16;

    private final Path path;
    private final RandomAccessFile file;

    private PortableFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    static PortableFile open(Path path, OpenMode mode) throws IOException {
        boolean there = Files.exists(path);
        switch (mode) {
            case READ, WRITE -> {
                if (!there) {
                    throw new NoSuchFileException(path.toString());
                }
            }
            case CREATE -> {
                if (!there) {
                    create(path);
                }
            }
            case CREATE_NEW -> {
                if (there) {
                    throw new FileAlreadyExistsException(path.toString());
                }
                create(path);
            }
        }
        return new PortableFile(path, new RandomAccessFile(path.toFile(), mode == OpenMode.READ ? "r" : "rw"));
    }

    private static void create(Path path) throws IOException {
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public synchronized long size() throws IOException {
        return file.length();
    }

    @Override
    public synchronized int read(ByteBuffer dst, long position) throws IOException {
        int wanted = dst.remaining();
        var stage = new byte[Math.min(wanted, STAGE_BYTES)];
        file.seek(position);
        while (dst.hasRemaining()) {
            int got = file.read(stage, 0, Math.min(dst.remaining(), stage.length));
            if (got < 0) {
                break;
            }
            dst.put(stage, 0, got);
        }
        int read = wanted - dst.remaining();
        return read == 0 && wanted > 0 ? -1 : read;
    }

    @Override
    public synchronized void write(ByteBuffer src, long position) throws IOException {
        var stage = new byte[Math.min(src.remaining(), STAGE_BYTES)];
        file.seek(position);
        while (src.hasRemaining()) {
            int length = Math.min(src.remaining(), stage.length);
            src.get(stage, 0, length);
            file.write(stage, 0, length);
        }
    }

    @Override
    public synchronized void truncate(long size) throws IOException {
        file.setLength(size);
    }

    @Override
    public synchronized void allocate(long size) throws IOException {
        if (file.length() < size) {
            file.setLength(size);
        }
    }

    @Override
    public synchronized void sync() throws IOException {
        file.getFD().sync();
    }

    @Override
    public synchronized boolean tryLock(LockKind kind) throws IOException {
        try {
            return file.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    @Override
    public MemorySegment map(long length, Arena arena) throws IOException {
        // An interrupt must not reach the channel that is open for this mapping alone.
        boolean interrupted = Thread.interrupted();
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, length, arena);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
