package dev.cetera.bolt;

/// When and how fast a file gives back space that it no longer uses, while it is used. Immutable.
///
/// A file begins to shrink when both thresholds are reached, and then gets about as small as what it holds.
/// Every byte moved shortens the file by one at least, so the share decides how much more is written than
/// without: of what is put and later freed, at most what is left when the share is taken from one.
///
/// @param leastFreeBytes no shrinking while less than this is free; also what the file on disk may be longer
///     than need be
/// @param leastFreeShare nor while less than this part of the file is free, from 0 to 1
/// @param bytesPerCommit moved by one commit, or one page and its overflow if that is more
/// @param bytesPerCut    by which one commit makes the file on disk shorter
public record Shrinking(long leastFreeBytes, double leastFreeShare, long bytesPerCommit, long bytesPerCut) {
    /// A file never gets shorter.
    public static final Shrinking NEVER = new Shrinking(Long.MAX_VALUE, 1, 0, 0);

    /// A little before etcd's usual alarm for fragmentation, which is raised when more than half is free; not
    /// for less than a file grows by at a time. A commit writes 1 MiB anyway where much is put, and 16 MiB are
    /// cut off in two milliseconds, during which a reader waits that touches a page for the first time.
    public static final Shrinking DEFAULTS = new Shrinking(16 << 20, 0.4, 1 << 20, 16 << 20);

    public Shrinking {
        if (leastFreeBytes < 0 || !(leastFreeShare >= 0 && leastFreeShare <= 1)) {
            throw new IllegalArgumentException("no part of a file: " + leastFreeBytes + " bytes, " + leastFreeShare);
        }
    }
}
