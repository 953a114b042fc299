package dev.cetera.wal;

import dev.cetera.disk.Disk;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of a segment file: its number, and the index that the first new entry in it has or would have.
record SegmentName(long sequence, long index) {
    static final String NOT_FOUND = "wal: file not found";

    private static final Pattern FORM = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.wal");

    @Override
    public String toString() {
        return "%016x-%016x.wal".formatted(sequence, index);
    }

    static @Nullable SegmentName parse(String name) {
        var match = FORM.matcher(name);
        if (!match.matches()) {
            return null;
        }
        return new SegmentName(Long.parseUnsignedLong(match.group(1), 16), Long.parseUnsignedLong(match.group(2), 16));
    }

    /// All segments of a directory, oldest first, at least one.
    static List<SegmentName> all(Disk disk, Path dir, RepairLog log) throws IOException {
        var segments = new ArrayList<SegmentName>();
        for (var name : disk.list(dir)) {
            var segment = parse(name);
            if (segment != null) {
                segments.add(segment);
            } else if (!name.endsWith(".tmp")) {
                log.line(Level.WARNING, "ignored file " + name + " in wal");
            }
        }
        if (segments.isEmpty()) {
            throw new IOException(NOT_FOUND);
        }
        return segments;
    }

    /// The segments to read for what follows `index`: from the last one named at or before it. Their numbers
    /// must be consecutive; after number 0 anything may follow, as etcd has it.
    static List<SegmentName> from(long index, List<SegmentName> all) throws IOException {
        int first = all.size() - 1;
        while (first >= 0 && Long.compareUnsigned(all.get(first).index, index) > 0) {
            first--;
        }
        if (first < 0) {
            throw new IOException(NOT_FOUND);
        }
        for (int i = first + 1; i < all.size(); i++) {
            long previous = all.get(i - 1).sequence;
            if (previous != 0 && all.get(i).sequence != previous + 1) {
                throw new IOException(NOT_FOUND);
            }
        }
        return all.subList(first, all.size());
    }
}
