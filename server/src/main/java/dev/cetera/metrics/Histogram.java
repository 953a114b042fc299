package dev.cetera.metrics;

import java.util.concurrent.atomic.LongAdder;

/// How often something took how long, in buckets that double. Shared: any thread observes, without contention.
public final class Histogram {
    private final double[] bounds;
    private final long[] boundNanos;
    private final LongAdder[] buckets;
    private final LongAdder sumNanos = new LongAdder();
    private final double unitsPerNano;

    private Histogram(double first, int count, double unitsPerNano) {
        bounds = new double[count];
        boundNanos = new long[count];
        buckets = new LongAdder[count + 1];
        this.unitsPerNano = unitsPerNano;
        double bound = first;
        for (int i = 0; i < count; i++, bound *= 2) {
            bounds[i] = bound;
            boundNanos[i] = Math.round(bound / unitsPerNano);
            buckets[i] = new LongAdder();
        }
        buckets[count] = new LongAdder();
    }

    /// Buckets bounded by `first`, `2 * first`, ... seconds.
    static Histogram seconds(double first, int count) {
        return new Histogram(first, count, 1e-9);
    }

    /// Buckets bounded by `first`, `2 * first`, ... milliseconds.
    static Histogram milliseconds(double first, int count) {
        return new Histogram(first, count, 1e-6);
    }

    public void observeNanos(long nanos) {
        int i = 0;
        while (i < boundNanos.length && nanos > boundNanos[i]) {
            i++;
        }
        buckets[i].increment();
        sumNanos.add(nanos);
    }

    /// Observations so far.
    public long count() {
        long count = 0;
        for (var bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    /// Writes `name_bucket`, `name_sum` and `name_count`.
    ///
    /// @param labels `a="b",` with the comma, or empty
    void write(StringBuilder out, String name, String labels) {
        long running = 0;
        for (int i = 0; i < bounds.length; i++) {
            running += buckets[i].sum();
            bucket(out, name, labels, Registry.number(bounds[i]), running);
        }
        running += buckets[bounds.length].sum();
        bucket(out, name, labels, "+Inf", running);
        var braces = labels.isEmpty() ? "" : "{" + labels.substring(0, labels.length() - 1) + "}";
        out.append(name).append("_sum").append(braces).append(' ');
        out.append(Registry.number(sumNanos.sum() * unitsPerNano)).append('\n');
        out.append(name)
                .append("_count")
                .append(braces)
                .append(' ')
                .append(running)
                .append('\n');
    }

    private static void bucket(StringBuilder out, String name, String labels, String bound, long count) {
        out.append(name)
                .append("_bucket{")
                .append(labels)
                .append("le=\"")
                .append(bound)
                .append("\"} ");
        out.append(count).append('\n');
    }
}
