package dev.cetera.node;

import dev.cetera.logs.Log;
import dev.cetera.raft.Raft;

/// How much of raft's log stays in memory behind a snapshot, for members that lag a little: by number, as in
/// etcd, and by bytes, as values may be large.
///
/// Shared: [#cut] is the raft loop's, all else is constant.
final class LogRetention {
    private static final Log LOG = Log.of("etcdserver");

    private final LogLimits limits;
    private final Departures departures;
    private final Time time;

    LogRetention(LogLimits limits, Departures departures, Time time) {
        this.limits = limits;
        this.departures = departures;
        this.time = time;
    }

    /// Lets go of what a snapshot at `index` makes dispensable.
    void cut(Raft raft, long index) {
        if (departures.holdTheLog(time.nanos()) && raft.logBytes() < limits.mostHeldBytes()) {
            LOG.info("skip compaction since there is an inflight snapshot");
            return;
        }
        long before = raft.firstIndex();
        raft.compactBehind(index, limits.catchUpEntries(), limits.catchUpBytes());
        if (raft.firstIndex() != before) {
            LOG.info("compacted raft log at " + (raft.firstIndex() - 1));
        }
    }
}
