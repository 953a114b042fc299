package dev.cetera.node;

/// The clocks of one member; handed in, so that a simulator can own them.
public interface Time {
    /// Monotonic, in nanoseconds from an arbitrary origin.
    long nanos();

    /// Since 1970, in nanoseconds.
    long unixNanos();

    static Time system() {
        return new Time() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public long unixNanos() {
                return System.currentTimeMillis() * 1_000_000;
            }
        };
    }
}
