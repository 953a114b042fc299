package dev.cetera.lab.check;

import java.util.Comparator;
import java.util.List;

/// How far a member may be off without breaking a promise about time.
///
/// @param clockRate    clocks run too fast or too slow by at most this share: 0.01 is a hundredth
/// @param overdueNanos a lease may live on for so long after it was due, while a leader stands
/// @param upheavals    times when a new leader may have taken over, which gives every lease its full time
///                     again; in the order of their beginnings
public record Slack(double clockRate, long overdueNanos, List<Upheaval> upheavals) {
    /// From the first moment when a leader may have been replaced to the last one; the same for a single known
    /// moment.
    public record Upheaval(long from, long until) {}

    public Slack {
        upheavals = upheavals.stream()
                .sorted(Comparator.comparingLong(Upheaval::from))
                .toList();
    }

    /// Leaders may have changed at any time before `nanos`, and not after it.
    public static Slack calmSince(long nanos, double clockRate, long overdueNanos) {
        return new Slack(clockRate, overdueNanos, List.of(new Upheaval(Long.MIN_VALUE, nanos)));
    }
}
