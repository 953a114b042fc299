package dev.cetera.wal;

/// The settings of a log.
///
/// @param segmentBytes a segment is closed by the first append that finds this much written in it; also how
///                     much is reserved on disk for a new one
public record WalOptions(long segmentBytes) {
    public static final WalOptions DEFAULTS = new WalOptions(64_000_000);

    public WalOptions {
        if (segmentBytes < 1) {
            throw new IllegalArgumentException("segmentBytes " + segmentBytes);
        }
    }
}
