package dev.cetera.lab.work;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/// What a workload does, and how much of it. Immutable.
///
/// @param clients       that make one call after another, at least 1
/// @param watchers      watches of clients; if there are any, one more is of everything that ever happens
/// @param watchStreams  on which the watches are, some on each
/// @param keys          that all clients share
/// @param counters      keys that are only ever counted up, by compare-and-swap
/// @param leases        how many of the leases that it knows of a client chooses from
/// @param pause         between the answer to a call and the next one
/// @param patience      for the answer to a call
/// @param largestValue  in bytes; most are far smaller
/// @param leastTtl      in seconds, of a lease that is granted
/// @param mostTtl       in seconds
/// @param shares        of each kind among all that is done, as parts of their sum; 0 for what is absent
/// @param progress      what the answer to a request for progress on a watch stream is worth
/// @param pastInTxns    whether transactions that may write read the past, too
/// @param users         whose rights change all the time, while access control is turned on and off; 0 for
///                      none, and then nobody is asked who he is
public record Profile(
        int clients,
        int watchers,
        int watchStreams,
        int keys,
        int counters,
        int leases,
        Span pause,
        Span patience,
        int largestValue,
        int leastTtl,
        int mostTtl,
        Map<Kind, Integer> shares,
        Progress progress,
        PastInTxns pastInTxns,
        int users) {
    /// What the answer to a request for progress on a watch stream is worth.
    public enum Progress {
        /// All watches of the stream have been told of everything up to its revision: they may resume from
        /// there. Ours, and etcd from 3.4.25 on.
        BOOKMARK,
        /// Only what the member's revision is: it neither stands in the history nor do watches resume from
        /// there.
        RUMOUR
    }

    /// Whether transactions that may write read the past, too.
    public enum PastInTxns {
        READ,
        /// Such a transaction is to be refused when the revision is compacted, or still to come. In a cluster
        /// of real etcds only the member that was asked refuses it: the others pass over its reads and carry
        /// out the rest, and from then on hold something else. That is not what clients are to find out again
        /// each time.
        LEFT_ALONE
    }

    public Profile {
        // In the order of the kinds: the order of other maps is another one in each process.
        var ordered = new EnumMap<Kind, Integer>(Kind.class);
        ordered.putAll(shares);
        shares = Collections.unmodifiableMap(ordered);
        if (clients < 1 || watchers < 0 || keys < 1 || counters < 1 || leases < 1 || leastTtl < 1 || users < 0) {
            throw new IllegalArgumentException("a workload needs somebody who does something");
        }
        if (watchers > 0 && watchStreams < 1) {
            throw new IllegalArgumentException(watchers + " watches and no stream");
        }
        if (shares.values().stream().allMatch(share -> share == 0)) {
            throw new IllegalArgumentException("nothing to do");
        }
        if (mostTtl < leastTtl) {
            throw new IllegalArgumentException("TTLs from " + leastTtl + " to " + mostTtl);
        }
    }

    /// With transactions that read the past, and without users.
    public Profile(
            int clients,
            int watchers,
            int watchStreams,
            int keys,
            int counters,
            int leases,
            Span pause,
            Span patience,
            int largestValue,
            int leastTtl,
            int mostTtl,
            Map<Kind, Integer> shares,
            Progress progress) {
        this(
                clients,
                watchers,
                watchStreams,
                keys,
                counters,
                leases,
                pause,
                patience,
                largestValue,
                leastTtl,
                mostTtl,
                shares,
                progress,
                PastInTxns.READ,
                0);
    }

    /// A bit of everything that leaves members where they are and what they are: no operators. The numbers
    /// vary.
    public static Profile usual(Random random) {
        var shares = new EnumMap<Kind, Integer>(Kind.class);
        shares.put(Kind.PUT, 24);
        shares.put(Kind.DELETE, 6);
        shares.put(Kind.TXN, 20);
        shares.put(Kind.COUNT, 6);
        shares.put(Kind.RANGE, 24);
        shares.put(Kind.COMPACT, random.nextInt(4));
        shares.put(Kind.GRANT, 6);
        shares.put(Kind.KEEP_ALIVE, 3);
        shares.put(Kind.TIME_TO_LIVE, 2);
        shares.put(Kind.LEASES, 1);
        shares.put(Kind.REVOKE, 2);
        return new Profile(
                2 + random.nextInt(5),
                2 + random.nextInt(6),
                1 + random.nextInt(3),
                4 + random.nextInt(9),
                2,
                4,
                Span.ofMillis(1, 50 + random.nextInt(450)),
                Span.ofMillis(100, 9_000),
                random.nextInt(5) == 0 ? 20_000 : 500,
                1,
                8,
                shares,
                Progress.BOOKMARK);
    }

    /// One of the kinds, as often as its share says.
    Kind any(Random random) {
        int place = random.nextInt(
                shares.values().stream().mapToInt(Integer::intValue).sum());
        for (var share : shares.entrySet()) {
            place -= share.getValue();
            if (place < 0) {
                return share.getKey();
            }
        }
        throw new IllegalStateException("the shares have changed: " + shares);
    }

    /// With a bit of what operators do as well.
    public Profile withOperators() {
        return with(Kind.STATUS, 1)
                .with(Kind.HASH_KV, 1)
                .with(Kind.ALARM, 1)
                .with(Kind.DEFRAGMENT, 1)
                .with(Kind.SNAPSHOT, 1)
                .with(Kind.MOVE_LEADER, 1);
    }

    /// With another share of a kind; 0 for none.
    public Profile with(Kind kind, int share) {
        var changed = new EnumMap<Kind, Integer>(Kind.class);
        changed.putAll(shares);
        changed.put(kind, share);
        return with(changed, progress, pastInTxns, users);
    }

    /// With another worth of the answers to requests for progress.
    public Profile with(Progress worth) {
        return with(shares, worth, pastInTxns, users);
    }

    /// Without all that etcd 3.4 as Debian has it gets wrong, and 3.3 before it.
    public Profile forEtcd() {
        return with(shares, Progress.RUMOUR, PastInTxns.LEFT_ALONE, users);
    }

    /// With so many users whose rights change.
    public Profile withUsers(int some) {
        return with(shares, progress, pastInTxns, some);
    }

    private Profile with(Map<Kind, Integer> otherShares, Progress otherProgress, PastInTxns otherPast, int otherUsers) {
        return new Profile(
                clients,
                watchers,
                watchStreams,
                keys,
                counters,
                leases,
                pause,
                patience,
                largestValue,
                leastTtl,
                mostTtl,
                otherShares,
                otherProgress,
                otherPast,
                otherUsers);
    }
}
