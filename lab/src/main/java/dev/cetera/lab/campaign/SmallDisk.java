package dev.cetera.lab.campaign;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// A file system in memory, mounted in a directory, that can be full. For this, the process must be allowed to
/// mount.
///
/// Confined to its owner's thread. Unmounted at the end of this JVM at the latest.
final class SmallDisk implements AutoCloseable {
    /// Two segments of a write-ahead log at their full size, and a bit of everything else.
    private static final String SIZE = "size=192m";

    private static final int BLOCK = 64 << 10;

    private final Path directory;
    private final Path ballast;
    private final Thread atTheEnd;
    private boolean mounted = true;

    private SmallDisk(Path directory) {
        this.directory = directory;
        this.ballast = directory.resolve("ballast");
        this.atTheEnd = new Thread(this::unmount, "unmount " + directory);
    }

    /// Whether this machine lets us mount, tried in `directory`.
    static boolean possible(Path directory) throws IOException, InterruptedException {
        Path trial = Files.createDirectories(directory.resolve("mount"));
        try {
            if (run(List.of("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", trial.toString())) != 0) {
                return false;
            }
            return run(List.of("umount", trial.toString())) == 0;
        } catch (IOException noSuchProgram) {
            return false;
        } finally {
            Files.delete(trial);
        }
    }

    static SmallDisk mount(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int code = run(List.of("mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", directory.toString()));
        if (code != 0) {
            throw new IOException("mount of a tmpfs at " + directory + " ended with " + code);
        }
        var disk = new SmallDisk(directory);
        Runtime.getRuntime().addShutdownHook(disk.atTheEnd);
        return disk;
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /// Fills it up to the last byte.
    void fill() throws IOException {
        try (FileChannel file = FileChannel.open(
                ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            int size = BLOCK;
            while (size > 0) {
                try {
                    var _ = file.write(ByteBuffer.allocate(size));
                } catch (IOException full) {
                    size /= 2;
                }
            }
        }
    }

    /// Gives the space back that [#fill] took.
    void free() throws IOException {
        Files.deleteIfExists(ballast);
    }

    /// Moves what is in it to the disk below, under the same path. Nobody may use it any more.
    void keep() throws IOException {
        Path copy = directory.resolveSibling(directory.getFileName() + ".kept");
        free();
        copyTree(directory, copy);
        close();
        Files.delete(directory);
        Files.move(copy, directory, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try (OutputStream out = Files.newOutputStream(to.resolve(from.relativize(file)))) {
                    Files.copy(file, out);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() {
        if (mounted) {
            Runtime.getRuntime().removeShutdownHook(atTheEnd);
            unmount();
        }
    }

    private void unmount() {
        mounted = false;
        try {
            int code = run(List.of("umount", directory.toString()));
            if (code != 0) {
                throw new IllegalStateException("umount " + directory + " ended with " + code);
            }
        } catch (IOException e) {
            throw new IllegalStateException("umount " + directory, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
