package dev.cetera.lab.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Results as a table for people and as CSV for programs.
final class Report {
    private Report() {}

    /// Results of one workload stand together, in the order of `results`; two of them are followed by their
    /// ratio.
    static String table(List<Result> results) {
        var out = new StringBuilder(head());
        for (String workload : results.stream().map(Result::workload).distinct().toList()) {
            List<Result> rows =
                    results.stream().filter(r -> r.workload().equals(workload)).toList();
            for (Result result : rows) {
                out.append(row(result));
            }
            if (rows.size() == 2) {
                out.append(ratio(rows.get(0), rows.get(1)));
            }
        }
        for (Result result : results) {
            result.errors()
                    .forEach((what, count) -> out.append(String.format(
                            Locale.ROOT, "errors: %s %s: %d x %s%n", result.server(), result.workload(), count, what)));
        }
        return out.toString();
    }

    /// What the columns are.
    static String head() {
        return row("", "", "", "p50", "p90", "p99", "p99.9", "max", "CPU us/op", "RSS MB", "peak MB", "")
                + row("workload", "server", "ops/s", "ms", "ms", "ms", "ms", "ms", "of server", "at end", "", "errors");
    }

    /// One result under that head.
    static String row(Result r) {
        return row(
                r.workload(),
                r.server(),
                number("%,.0f", r.perSecond()),
                number("%.2f", r.millisAt(50)),
                number("%.2f", r.millisAt(90)),
                number("%.2f", r.millisAt(99)),
                number("%.2f", r.millisAt(99.9)),
                number("%.2f", r.maxMillis()),
                number("%.1f", r.serverMicrosPerOperation()),
                megabytes(r.residentBytes()),
                megabytes(r.peakBytes()),
                Long.toString(r.errorCount()));
    }

    /// First divided by second, everywhere: above 1 is good for ops/s, below 1 for all else.
    private static String ratio(Result a, Result b) {
        return row(
                "",
                "ratio",
                ratio(a.perSecond(), b.perSecond()),
                ratio(a.millisAt(50), b.millisAt(50)),
                ratio(a.millisAt(90), b.millisAt(90)),
                ratio(a.millisAt(99), b.millisAt(99)),
                ratio(a.millisAt(99.9), b.millisAt(99.9)),
                ratio(a.maxMillis(), b.maxMillis()),
                ratio(a.serverMicrosPerOperation(), b.serverMicrosPerOperation()),
                ratio((double) a.residentBytes(), (double) b.residentBytes()),
                ratio((double) a.peakBytes(), (double) b.peakBytes()),
                "");
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, "%-20s %-10s %10s %9s %9s %9s %9s %9s %9s %8s %8s %8s%n", cells)
                .replaceAll(" +(\\R)", "$1");
    }

    static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }

    private static String ratio(double a, double b) {
        return a > 0 && b > 0 ? number("x%.2f", a / b) : "-";
    }

    private static String megabytes(long bytes) {
        return bytes < 0 ? "-" : number("%.0f", bytes / 1e6);
    }

    static void writeCsv(Path file, List<Result> results) throws IOException {
        var lines = new ArrayList<String>();
        lines.add("workload,server,operations,seconds,ops_per_second,p50_ms,p90_ms,p99_ms,p99.9_ms,max_ms,"
                + "server_cpu_us_per_op,client_cpu_us_per_op,rss_bytes,peak_rss_bytes,errors");
        for (Result r : results) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s,%s,%d,%.3f,%.1f,%.4f,%.4f,%.4f,%.4f,%.4f,%s,%.2f,%d,%d,%d",
                    r.workload(),
                    r.server(),
                    r.operations(),
                    r.nanos() / 1e9,
                    r.perSecond(),
                    r.millisAt(50),
                    r.millisAt(90),
                    r.millisAt(99),
                    r.millisAt(99.9),
                    r.maxMillis(),
                    r.serverCpuNanos() < 0 ? "" : String.format(Locale.ROOT, "%.2f", r.serverMicrosPerOperation()),
                    r.clientMicrosPerOperation(),
                    r.residentBytes(),
                    r.peakBytes(),
                    r.errorCount()));
        }
        Files.write(file, lines);
    }
}
