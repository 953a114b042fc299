package dev.cetera.tls;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.logs.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something read from files, and read again when one of them has changed. A change that can't be used is said
/// once, and what was read before stays. Guarded by itself.
final class Watched<T> {
    private static final Log LOG = Log.of("pkg/transport");

    /// Reads all of them.
    @FunctionalInterface
    interface Reading<T> {
        T read() throws TlsException;
    }

    /// What tells one content of a file from another without reading it: who replaces a file gives it another
    /// key, who writes into it another time or size.
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    private final List<Path> files;
    private final Reading<T> reading;

    @GuardedBy("this")
    private List<@Nullable Stamp> seen;

    @GuardedBy("this")
    private T current;

    Watched(List<String> files, Reading<T> reading) throws TlsException {
        this.files = files.stream().map(Path::of).toList();
        this.reading = reading;
        seen = stamps();
        current = reading.read();
    }

    /// What the files hold now, or held when they could be read last. Costs a look at each file's attributes.
    synchronized T now() {
        var stamps = stamps();
        if (!stamps.equals(seen)) {
            seen = stamps;
            try {
                current = reading.read();
                LOG.info("read the changed TLS files again (" + names() + ")");
            } catch (TlsException unusable) {
                LOG.warning("cannot use the changed TLS files, going on with those read before ("
                        + unusable.getMessage() + ")");
            }
        }
        return current;
    }

    private String names() {
        return String.join(", ", files.stream().map(Path::toString).toList());
    }

    private List<@Nullable Stamp> stamps() {
        var stamps = new java.util.ArrayList<@Nullable Stamp>();
        for (var file : files) {
            stamps.add(stamp(file));
        }
        return stamps;
    }

    private static @Nullable Stamp stamp(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException absent) {
            return null; // one that comes back is another one
        }
    }
}
