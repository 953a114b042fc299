package dev.cetera.config;

/// A span of time as Go prints it: `1m30s`, `1.5s`, `20ms`, `0s`.
public final class GoDuration {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000 * MICRO;
    private static final long SECOND = 1_000 * MILLI;

    private GoDuration() {}

    /// The text of a span.
    ///
    /// @param nanos not negative
    public static String text(long nanos) {
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < SECOND) {
            return nanos < MICRO
                    ? nanos + "ns"
                    : nanos < MILLI ? fraction(nanos, MICRO) + "µs" : fraction(nanos, MILLI) + "ms";
        }
        long minutes = nanos / SECOND / 60;
        var seconds = fraction(nanos - minutes * 60 * SECOND, SECOND) + "s";
        if (minutes == 0) {
            return seconds;
        }
        return minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
    }

    /// Without the zeros at its end.
    private static String fraction(long nanos, long unit) {
        long rest = nanos % unit;
        if (rest == 0) {
            return String.valueOf(nanos / unit);
        }
        var digits = String.valueOf(unit + rest).substring(1).replaceFirst("0+$", "");
        return nanos / unit + "." + digits;
    }
}
