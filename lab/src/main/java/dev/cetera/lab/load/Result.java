package dev.cetera.lab.load;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What one server did under one workload.
///
/// @param workload its title, with the number of clients where that was asked for
/// @param nanos length of the measured time
/// @param latency of every operation, in nanoseconds; their number is the number of operations
/// @param errors by text
/// @param serverCpuNanos -1 where the server's process is not known
/// @param residentBytes at the end, -1 where the server's process is not known
/// @param peakBytes highest during the run, -1 where the server's process is not known
record Result(
        String server,
        String workload,
        long nanos,
        Histogram latency,
        Map<String, Long> errors,
        long serverCpuNanos,
        long clientCpuNanos,
        long residentBytes,
        long peakBytes) {

    long operations() {
        return latency.getTotalCount();
    }

    double perSecond() {
        return operations() * 1e9 / nanos;
    }

    double millisAt(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }

    double maxMillis() {
        return latency.getMaxValue() / 1e6;
    }

    /// Processor time of the server for one operation, NaN where it is not known.
    double serverMicrosPerOperation() {
        return serverCpuNanos < 0 ? Double.NaN : serverCpuNanos / 1e3 / Math.max(1, operations());
    }

    double clientMicrosPerOperation() {
        return clientCpuNanos / 1e3 / Math.max(1, operations());
    }

    long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /// This and a later round of the same, as one.
    Result and(Result later) {
        Histogram both = latency.copy();
        both.add(later.latency);
        var allErrors = new TreeMap<>(errors);
        later.errors.forEach((what, count) -> allErrors.merge(what, count, Long::sum));
        return new Result(
                server,
                workload,
                nanos + later.nanos,
                both,
                allErrors,
                serverCpuNanos < 0 ? -1 : serverCpuNanos + later.serverCpuNanos,
                clientCpuNanos + later.clientCpuNanos,
                Math.max(residentBytes, later.residentBytes),
                Math.max(peakBytes, later.peakBytes));
    }
}
