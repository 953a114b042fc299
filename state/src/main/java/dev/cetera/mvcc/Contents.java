package dev.cetera.mvcc;

import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/// What a file holds of keys, read into memory and not yet shown to anybody. Confined to whoever has it, and
/// used once.
public final class Contents {
    private final KeyIndex index;
    private final long revision;
    private final long finishedCompaction;
    private final long scheduledCompaction;
    private final SortedMap<Long, List<byte[]>> leases;

    Contents(
            KeyIndex index,
            long revision,
            long finishedCompaction,
            long scheduledCompaction,
            SortedMap<Long, List<byte[]>> leases) {
        this.index = index;
        this.revision = revision;
        this.finishedCompaction = finishedCompaction;
        this.scheduledCompaction = scheduledCompaction;
        this.leases = leases;
    }

    /// Reads the whole bucket, once.
    ///
    /// @param path for complaints
    public static Contents of(Snapshot file, Path path) throws IOException {
        return new Restoring(file, path).read();
    }

    /// Lease id to the keys attached to it, in key order.
    public SortedMap<Long, List<byte[]>> leases() {
        return leases;
    }

    KeyIndex index() {
        return index;
    }

    long revision() {
        return revision;
    }

    /// -1 when there was none.
    long finishedCompaction() {
        return finishedCompaction;
    }

    /// Above [#finishedCompaction] when it was accepted and not done; -1 when there was none.
    long scheduledCompaction() {
        return scheduledCompaction;
    }
}
