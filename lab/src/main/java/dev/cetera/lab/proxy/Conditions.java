package dev.cetera.lab.proxy;

/// How well bytes get from one end to another. Immutable.
///
/// @param delayNanos     each piece takes at least this long
/// @param jitterNanos    and at most this much longer; pieces of a connection keep their order
/// @param bytesPerSecond at most, on each connection
/// @param snapshotBytes  a connection that carries a snapshot is reset after so many bytes of it
public record Conditions(Passage passage, long delayNanos, long jitterNanos, long bytesPerSecond, long snapshotBytes) {
    /// Nothing is wrong.
    public static final Conditions FAIR = new Conditions(Passage.OPEN, 0, 0, Long.MAX_VALUE, Long.MAX_VALUE);

    /// Nothing comes through, and nobody is told.
    public static final Conditions SILENT = FAIR.with(Passage.SILENT);

    /// Connections are reset, those that there are and those to come.
    public static final Conditions REFUSED = FAIR.with(Passage.REFUSED);

    /// Whether bytes get through.
    public enum Passage {
        OPEN,
        SILENT,
        REFUSED
    }

    public Conditions {
        if (delayNanos < 0 || jitterNanos < 0 || bytesPerSecond <= 0 || snapshotBytes < 0) {
            throw new IllegalArgumentException("delays must not be negative, the rate must be positive: delay "
                    + delayNanos + ", jitter " + jitterNanos + ", rate " + bytesPerSecond + ", snapshot "
                    + snapshotBytes);
        }
    }

    public Conditions with(Passage newPassage) {
        return new Conditions(newPassage, delayNanos, jitterNanos, bytesPerSecond, snapshotBytes);
    }

    public Conditions withDelay(long newDelayNanos, long newJitterNanos) {
        return new Conditions(passage, newDelayNanos, newJitterNanos, bytesPerSecond, snapshotBytes);
    }

    public Conditions withRate(long newBytesPerSecond) {
        return new Conditions(passage, delayNanos, jitterNanos, newBytesPerSecond, snapshotBytes);
    }

    public Conditions withSnapshotsBrokenAfter(long bytes) {
        return new Conditions(passage, delayNanos, jitterNanos, bytesPerSecond, bytes);
    }
}
