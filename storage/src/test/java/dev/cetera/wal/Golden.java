package dev.cetera.wal;

import static java.util.Objects.requireNonNull;

import dev.cetera.disk.FakeDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Files that real etcd members wrote, from the test resources.
final class Golden {
    static final Path DIR = Path.of("/member/wal");
    static final List<String> WHOLE = List.of(
            "fresh-3.2",
            "fresh-3.3",
            "fresh-3.4",
            "joined-3.3",
            "restored-2-members",
            "rich-3.2",
            "rich-3.3",
            "rich-3.4",
            "segments",
            "tail-preallocated",
            "zero-length-then-garbage");

    private Golden() {}

    /// A disk with the segments of one golden log in [#DIR].
    static FakeDisk disk(String name) {
        var disk = new FakeDisk(1);
        for (var file : files(name)) {
            disk.put(DIR.resolve(file.getFileName().toString()), bytes(file));
        }
        return disk;
    }

    static List<Path> files(String name) {
        try (var files = Files.list(root().resolve("wal").resolve(name))) {
            return files.filter(file -> file.toString().endsWith(".wal"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> recordLines(String name) {
        try {
            return Files.readAllLines(root().resolve("wal").resolve(name).resolve("records.txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        try {
            return Path.of(requireNonNull(Golden.class.getResource("/golden")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
