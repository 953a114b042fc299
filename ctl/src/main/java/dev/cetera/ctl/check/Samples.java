package dev.cetera.ctl.check;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How long requests took, and why some failed. Guarded by itself.
public final class Samples {
    @GuardedBy("this")
    private final List<Long> nanos = new ArrayList<>();

    @GuardedBy("this")
    private final Map<String, Integer> errors = new TreeMap<>();

    public synchronized void done(long tookNanos) {
        nanos.add(tookNanos);
    }

    public synchronized void failed(String why) {
        errors.merge(why, 1, Integer::sum);
    }

    /// What they come to. Those that failed count for nothing but themselves.
    ///
    /// @param perSecond requests
    /// @param slowest in seconds
    /// @param deviation the standard deviation, in seconds
    public record Summary(double perSecond, double slowest, double deviation, Map<String, Integer> errors) {
        public Summary {
            errors = Map.copyOf(errors);
        }
    }

    /// What all of them come to.
    ///
    /// @param overNanos how long requests were made for
    public synchronized Summary summary(long overNanos) {
        double slowest = nanos.stream().mapToLong(Long::longValue).max().orElse(0) / 1e9;
        double mean = nanos.stream().mapToLong(Long::longValue).average().orElse(0) / 1e9;
        double squares = nanos.stream()
                .mapToDouble(each -> Math.pow(each / 1e9 - mean, 2))
                .average()
                .orElse(0);
        return new Summary(nanos.size() / (overNanos / 1e9), slowest, Math.sqrt(squares), errors);
    }
}
