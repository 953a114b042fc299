package dev.cetera.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/// The Linux system calls of file work. They are called directly for three reasons: bbolt's lock is flock(2)
/// and etcd's an open-file-description lock, and the JDK offers neither; a channel of the JDK closes its file
/// when the thread using it is interrupted, and with it goes every lock; and a plain call costs less.
///
/// Numbers are those of Linux on x86-64 and aarch64, where they agree. Shared: stateless.
@SuppressWarnings("restricted") // native calls are what this class is for
final class Posix {
    static final boolean AVAILABLE = isKnownLinux();

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;

    private static final int ENOENT = 2;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EEXIST = 17;
    private static final int ENOTSUP = 95;

    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final long FLOCK_BYTES = 32;
    private static final int SEEK_END = 2;
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED = 1;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private Posix() {}

    /// The calls, looked up when first needed.
    private static final class Call {
        private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
        private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

        static final MethodHandle OPEN = variadic("open", 2, FunctionDescriptor.of(INT, POINTER, INT, INT));
        static final MethodHandle CLOSE = plain("close", FunctionDescriptor.of(INT, INT));
        static final MethodHandle PREAD = plain("pread", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
        static final MethodHandle PWRITE = plain("pwrite", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
        static final MethodHandle LSEEK = plain("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
        static final MethodHandle FTRUNCATE = plain("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
        static final MethodHandle FALLOCATE = plain("fallocate", FunctionDescriptor.of(INT, INT, INT, LONG, LONG));
        static final MethodHandle FDATASYNC = plain("fdatasync", FunctionDescriptor.of(INT, INT));
        static final MethodHandle FSYNC = plain("fsync", FunctionDescriptor.of(INT, INT));
        static final MethodHandle FLOCK = plain("flock", FunctionDescriptor.of(INT, INT, INT));
        static final MethodHandle FCNTL = variadic("fcntl", 2, FunctionDescriptor.of(INT, INT, INT, POINTER));
        static final MethodHandle MMAP = plain("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
        static final MethodHandle MUNMAP = plain("munmap", FunctionDescriptor.of(INT, LONG, LONG));
        static final MethodHandle STRERROR = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                        FunctionDescriptor.of(ValueLayout.ADDRESS, INT));

        private static MethodHandle plain(String name, FunctionDescriptor types) {
            var linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name), types, Linker.Option.captureCallState("errno"));
        }

        private static MethodHandle variadic(String name, int fixed, FunctionDescriptor types) {
            var linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name),
                    types,
                    Linker.Option.firstVariadicArg(fixed),
                    Linker.Option.captureCallState("errno"));
        }
    }

    /// One call. The JVM installs its signal handlers so that interrupted calls resume by themselves: EINTR is
    /// an error like any other here. A call leaves its error number in `state`; its result is negative then.
    @FunctionalInterface
    private interface Invocation {
        long invoke(MemorySegment state) throws Throwable;
    }

    /// What a call answered.
    private record Result(long value, int errno) {
        boolean failed() {
            return value < 0;
        }
    }

    /// Opens by path.
    ///
    /// @throws IOException with the system's reason
    static int open(Path path, int flags) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var name = arena.allocateFrom(path.toString());
            var result =
                    call(state -> (int) Call.OPEN.invokeExact(state, name, flags | O_CLOEXEC, PosixFile.OWNER_ONLY));
            return (int) checked(result, path);
        }
    }

    static void close(int fd, Path path) throws IOException {
        // Linux has released the descriptor even when close says EINTR; a second try might hit another file.
        var result = call(state -> (int) Call.CLOSE.invokeExact(state, fd));
        if (result.failed() && result.errno != EINTR) {
            throw failure(path, result.errno);
        }
    }

    /// Reads once.
    ///
    /// @return bytes read, 0 at the end of the file
    static int read(int fd, MemorySegment into, long position, Path path) throws IOException {
        return (int) checked(
                call(state -> (long) Call.PREAD.invokeExact(state, fd, into, into.byteSize(), position)), path);
    }

    static void write(int fd, MemorySegment from, long position, Path path) throws IOException {
        for (long done = 0; done < from.byteSize(); ) {
            var rest = from.asSlice(done);
            long at = position + done;
            done += checked(call(state -> (long) Call.PWRITE.invokeExact(state, fd, rest, rest.byteSize(), at)), path);
        }
    }

    static long size(int fd, Path path) throws IOException {
        return checked(call(state -> (long) Call.LSEEK.invokeExact(state, fd, 0L, SEEK_END)), path);
    }

    static void truncate(int fd, long size, Path path) throws IOException {
        checked(call(state -> (int) Call.FTRUNCATE.invokeExact(state, fd, size)), path);
    }

    /// Reserves blocks.
    ///
    /// @return false when the file system cannot
    static boolean allocate(int fd, long size, Path path) throws IOException {
        var result = call(state -> (int) Call.FALLOCATE.invokeExact(state, fd, 0, 0L, size));
        if (result.failed() && result.errno == ENOTSUP) {
            return false;
        }
        checked(result, path);
        return true;
    }

    static void syncData(int fd, Path path) throws IOException {
        checked(call(state -> (int) Call.FDATASYNC.invokeExact(state, fd)), path);
    }

    static void syncDirectory(Path directory) throws IOException {
        int fd = open(directory, O_RDONLY);
        try {
            checked(call(state -> (int) Call.FSYNC.invokeExact(state, fd)), directory);
        } finally {
            close(fd, directory);
        }
    }

    static boolean tryLock(int fd, LockKind kind, Path path) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var result = switch (kind) {
                case FLOCK -> call(state -> (int) Call.FLOCK.invokeExact(state, fd, LOCK_EX | LOCK_NB));
                case RECORD -> {
                    // struct flock: type, whence, start, length, pid; all zero but the type is the whole file
                    var lock = arena.allocate(FLOCK_BYTES, Long.BYTES);
                    lock.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
                    yield call(state -> (int) Call.FCNTL.invokeExact(state, fd, F_OFD_SETLK, lock));
                }
            };
            if (result.failed() && (result.errno == EAGAIN || result.errno == EACCES)) {
                return false;
            }
            checked(result, path);
            return true;
        }
    }

    /// A shared read-only mapping from the start of the file, unmapped when the arena closes.
    static MemorySegment map(int fd, long length, Arena arena, Path path) throws IOException {
        long address = checked(
                call(state -> (long) Call.MMAP.invokeExact(state, 0L, length, PROT_READ, MAP_SHARED, fd, 0L)), path);
        return MemorySegment.ofAddress(address)
                .reinterpret(length, arena, _ -> {
                    var result = call(state -> (int) Call.MUNMAP.invokeExact(state, address, length));
                    if (result.failed()) {
                        throw new IllegalStateException("munmap: errno " + result.errno);
                    }
                })
                .asReadOnly();
    }

    private static Result call(Invocation invocation) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            long value = invocation.invoke(state);
            return new Result(value, value < 0 ? state.get(ValueLayout.JAVA_INT, ERRNO) : 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a system call cannot throw", e);
        }
    }

    private static long checked(Result result, Path path) throws IOException {
        if (result.failed()) {
            throw failure(path, result.errno);
        }
        return result.value;
    }

    private static IOException failure(Path path, int errno) {
        return switch (errno) {
            case ENOENT -> new NoSuchFileException(path.toString());
            case EACCES -> new AccessDeniedException(path.toString());
            case EEXIST -> new FileAlreadyExistsException(path.toString());
            default -> new FileSystemException(path.toString(), null, describe(errno));
        };
    }

    private static String describe(int errno) {
        try {
            var text = (MemorySegment) Call.STRERROR.invokeExact(errno);
            return text.reinterpret(256).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("strerror cannot throw", e);
        }
    }

    private static boolean isKnownLinux() {
        var cpu = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return System.getProperty("os.name", "").startsWith("Linux") && (cpu.equals("amd64") || cpu.equals("aarch64"));
    }
}
