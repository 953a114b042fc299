package dev.cetera.node;

/// How much of raft's log a member keeps in memory, and sends in one message. Immutable.
///
/// @param catchUpEntries most entries that stay behind a snapshot, for members that lag a little
/// @param catchUpBytes   most bytes of data in them
/// @param snapshotBytes  of data, after which a snapshot is made however few entries it is; with the above it
///                       bounds what the log takes
/// @param mostHeldBytes  the log is held back for a member that takes a snapshot, and will need what comes
///                       behind it; but not when it has grown to this: that member may need another snapshot,
///                       this one must not run out of memory
/// @param appendBytes    of entries in one message to another member; one entry may be larger
public record LogLimits(
        long catchUpEntries, long catchUpBytes, long snapshotBytes, long mostHeldBytes, long appendBytes) {
    /// As many entries as etcd keeps, and messages as large as etcd's.
    public static final LogLimits DEFAULTS = new LogLimits(5_000, 32L << 20, 64L << 20, 256L << 20, 1 << 20);

    public LogLimits withCatchUpEntries(long entries) {
        return new LogLimits(entries, catchUpBytes, snapshotBytes, mostHeldBytes, appendBytes);
    }

    public LogLimits withAppendBytes(long bytes) {
        return new LogLimits(catchUpEntries, catchUpBytes, snapshotBytes, mostHeldBytes, bytes);
    }
}
