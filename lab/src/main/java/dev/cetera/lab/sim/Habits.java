package dev.cetera.lab.sim;

import dev.cetera.bolt.Shrinking;
import dev.cetera.node.LogLimits;
import dev.cetera.watch.WatchLimits;
import java.util.Random;

/// Sizes of all members of one cluster, far smaller than those of real ones, so that what is rare there
/// happens here: logs are cut and sent entry by entry, watchers fall out of the ring and read the past page by
/// page, responses are split. Immutable.
///
/// @param snapshotCount entries between two snapshots
/// @param ringRevisions that watchers in step are fed from
/// @param quotaBytes    of the backend file; 0 for the usual one
record Habits(
        long snapshotCount,
        LogLimits logLimits,
        boolean preVote,
        int ringRevisions,
        WatchLimits watchLimits,
        long quotaBytes) {
    /// Of files of a few pages, so that all of them get shorter again and again: for a single free page, one
    /// page in a commit, and in several cuts.
    static final Shrinking SHRINKING = new Shrinking(4096, 0, 4096, 8 * 4096);

    static Habits any(Random random) {
        var page = 1 + random.nextInt(40);
        return new Habits(
                random.nextBoolean() ? 10 + random.nextInt(60) : 100_000,
                LogLimits.DEFAULTS
                        .withCatchUpEntries(random.nextInt(30))
                        .withAppendBytes(random.nextBoolean() ? 1 << 20 : 1 + random.nextInt(1_000)),
                random.nextBoolean(),
                1 << random.nextInt(8),
                new WatchLimits(
                        page,
                        random.nextBoolean() ? 1 << 20 : 500,
                        1 + random.nextInt(8),
                        random.nextBoolean() ? 2 << 20 : 300 + random.nextInt(2_000),
                        (2 + random.nextInt(10)) * Timeline.SECOND),
                random.nextInt(5) == 0 ? (100 + random.nextInt(300)) << 10 : 0);
    }
}
