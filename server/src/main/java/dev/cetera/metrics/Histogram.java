package dev.cetera.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// How often something took how long, in buckets, most of which double. Shared: any thread observes, without
/// contention.
public final class Histogram {
    private final double[] bounds;
    private final long[] boundNanos;
    private final LongAdder[] buckets;
    private final LongAdder sumNanos = new LongAdder();
    private final double unitsPerNano;

    private Histogram(double[] bounds, double unitsPerNano) {
        this.bounds = bounds;
        this.boundNanos = Arrays.stream(bounds)
                .mapToLong(bound -> Math.round(bound / unitsPerNano))
                .toArray();
        this.buckets = Stream.generate(LongAdder::new).limit(bounds.length + 1).toArray(LongAdder[]::new);
        this.unitsPerNano = unitsPerNano;
    }

    private static double[] doubling(double first, int count) {
        return DoubleStream.iterate(first, bound -> bound * 2).limit(count).toArray();
    }

    /// Buckets bounded by `first`, `2 * first`, ... seconds.
    static Histogram seconds(double first, int count) {
        return new Histogram(doubling(first, count), 1e-9);
    }

    /// Buckets bounded by `first`, `2 * first`, ... milliseconds.
    static Histogram milliseconds(double first, int count) {
        return new Histogram(doubling(first, count), 1e-6);
    }

    /// Buckets that Prometheus' libraries have for requests, in seconds.
    static Histogram ofRequests() {
        return new Histogram(new double[] {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, 1e-9);
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
