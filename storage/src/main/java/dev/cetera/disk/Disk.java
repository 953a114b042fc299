package dev.cetera.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A file system, as far as a member needs one. What it changes in a directory is durable only after
/// [#syncDirectory].
public interface Disk {
    String OWNER_ONLY_MODE = "drwx------";

    /// Opens a file; a new one can be read and written by its owner alone (0600).
    DiskFile open(Path path, OpenMode mode) throws IOException;

    /// The names in a directory, sorted.
    List<String> list(Path directory) throws IOException;

    boolean exists(Path path);

    boolean isDirectory(Path path);

    long size(Path path) throws IOException;

    /// Makes the directory and those above it, for their owner alone (0700).
    void createDirectories(Path directory) throws IOException;

    /// Who may do what in a directory, as `ls` shows it: `drwx------` where it is its owner's alone, and where
    /// a file system knows no such rights.
    default String mode(Path directory) throws IOException {
        return OWNER_ONLY_MODE;
    }

    /// Renames in one step, replacing what was there.
    void rename(Path from, Path to) throws IOException;

    /// Removes a file or an empty directory.
    void delete(Path path) throws IOException;

    void syncDirectory(Path directory) throws IOException;

    /// The machine's own file system.
    static Disk real() {
        return new RealDisk();
    }
}
