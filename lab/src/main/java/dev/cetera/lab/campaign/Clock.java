package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The wall clock of one process, which can be set; time that only passes is left alone. It is libfaketime
/// (Debian's package of that name) that lies to the process.
///
/// Confined to its owner's thread.
final class Clock {
    private final Path library;
    private final Path file;

    /// What the clock is off is kept at `file`.
    Clock(Path library, Path file) throws IOException {
        this.library = library;
        this.file = file;
        set(0);
    }

    /// Where libfaketime is; null where it is not installed.
    static @Nullable Path library() throws IOException {
        for (Path root : List.of(Path.of("/usr/lib"), Path.of("/usr/local/lib"))) {
            if (!Files.isDirectory(root)) {
                continue;
            }
            try (DirectoryStream<Path> below = Files.newDirectoryStream(root, Files::isDirectory)) {
                for (Path directory : below) {
                    // Either lib/x86_64-linux-gnu/faketime or lib/faketime.
                    for (Path candidate : List.of(directory, directory.resolve("faketime"))) {
                        Path library = candidate.resolve("libfaketimeMT.so.1");
                        if (Files.isReadable(library)) {
                            return library;
                        }
                    }
                }
            }
        }
        return null;
    }

    /// The same program with this clock.
    Program of(Program program) {
        return program.with(Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                // Looked at once a second: each look at the clock would read the file otherwise.
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Else waits of a JVM end too early.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0"));
    }

    /// By how many seconds it is ahead of the real time, from about now on.
    void set(long seconds) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, String.format("%+d%n", seconds));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
