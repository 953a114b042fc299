package dev.cetera.peer;

import java.math.BigDecimal;
import java.util.Locale;

/// Numbers as etcd's log lines show them.
final class Shown {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Shown() {}

    /// `512 B`, `9.0 kB`, `766 kB`
    static String bytes(long bytes) {
        if (bytes < 10) {
            return bytes + " B";
        }
        int unit = 0;
        double scale = 1;
        while (bytes / scale >= 1000) {
            scale *= 1000;
            unit++;
        }
        double value = Math.floor(bytes / scale * 10 + 0.5) / 10;
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }

    /// As Go prints a duration: `1.5s`, `250ms`, `12.345µs`, `1m30s`.
    static String duration(long nanos) {
        if (nanos >= 1_000_000_000) {
            long minutes = nanos / 60_000_000_000L;
            var seconds = decimal(nanos - minutes * 60_000_000_000L, 9) + "s";
            if (minutes == 0) {
                return seconds;
            }
            return minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
        }
        if (nanos >= 1_000_000) {
            return decimal(nanos, 6) + "ms";
        }
        return nanos >= 1_000 ? decimal(nanos, 3) + "µs" : nanos + "ns";
    }

    private static String decimal(long value, int places) {
        return BigDecimal.valueOf(value, places).stripTrailingZeros().toPlainString();
    }
}
