package dev.cetera.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/// The machine's own file system. On 64-bit Linux files are used through the system calls themselves
/// ([PosixFile]), elsewhere through the JDK ([PortableFile]). Shared: holds no state.
final class RealDisk implements Disk {
    private static final EnumSet<PosixFilePermission> OWNER_ONLY =
            EnumSet.copyOf(PosixFilePermissions.fromString("rwx------"));

    private final boolean posix;

    RealDisk() {
        this(Posix.AVAILABLE);
    }

    RealDisk(boolean posix) {
        this.posix = posix;
    }

    @Override
    public DiskFile open(Path path, OpenMode mode) throws IOException {
        return posix ? PosixFile.open(path, mode) : PortableFile.open(path, mode);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        try (var entries = Files.newDirectoryStream(directory)) {
            var names = new ArrayList<String>();
            for (var entry : entries) {
                names.add(entry.getFileName().toString());
            }
            names.sort(null);
            return names;
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public long size(Path path) throws IOException {
        return Files.size(path);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }

    @Override
    public String mode(Path directory) throws IOException {
        var rights = Files.getFileAttributeView(directory, PosixFileAttributeView.class);
        return rights == null
                ? OWNER_ONLY_MODE
                : "d" + PosixFilePermissions.toString(rights.readAttributes().permissions());
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (posix) {
            Posix.syncDirectory(directory);
            return;
        }
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
