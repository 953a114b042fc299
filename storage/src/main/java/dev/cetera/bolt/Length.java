package dev.cetera.bolt;

import dev.cetera.disk.DiskFile;
import java.io.IOException;

/// How long the file is on the disk: at least up to the high-water mark of either meta page, so that one can
/// stand in for the other, and of every version that is still read. It grows, and is cut, to the same round
/// sizes. Guarded by the writer's place in [Bolt].
final class Length {
    private static final long SMALLEST_FILE = 32 << 10;

    /// Up to here a file that must grow doubles.
    private static final long DOUBLING_END = 16 << 20;

    /// Growing further it takes an eighth of its size more, within this: each growth costs a new mapping, in
    /// which all pages in use must be found again.
    private static final long LARGEST_STEP = 1 << 30;

    private final DiskFile file;
    private final Shrinking how;

    /// What the older of the two meta pages needs. Of a file that was just opened nobody has looked, so as
    /// much as there is.
    private long olderMetaBytes;

    Length(DiskFile file, Shrinking how) throws IOException {
        this.file = file;
        this.how = how;
        olderMetaBytes = file.size();
    }

    /// Makes the file long enough.
    ///
    /// @return its size
    long reach(long bytes) throws IOException {
        long size = file.size();
        if (size < bytes) {
            size = rounded(bytes);
            file.truncate(size);
        }
        return size;
    }

    /// Whether the file is longer than it should be for readers who see so much of it.
    boolean isBeyond(long seen) throws IOException {
        return file.size() - rounded(seen) >= Math.max(1, how.leastFreeBytes());
    }

    /// Cuts off a piece that neither a reader nor a meta page leads to, if it is worth it. Both meta pages are
    /// on the disk by now, and the commits before them can't come back.
    void cut(long seen) throws IOException {
        long needed = Math.max(seen, olderMetaBytes);
        if (how.bytesPerCut() > 0 && isBeyond(needed)) {
            file.truncate(Math.max(rounded(needed), file.size() - how.bytesPerCut()));
        }
    }

    /// A commit is on the disk, with `before` in the other meta page.
    void committed(Meta before) {
        olderMetaBytes = before.bytes();
    }

    private static long rounded(long needed) {
        if (needed <= DOUBLING_END) {
            return Math.max(SMALLEST_FILE, Long.highestOneBit(needed - 1) << 1);
        }
        long step = Math.clamp(Long.highestOneBit(needed) >> 3, DOUBLING_END, LARGEST_STEP);
        return (needed / step + 1) * step;
    }
}
