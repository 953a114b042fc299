package dev.cetera.lab.micro;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/// A row for each bench as soon as it is measured; JMH's own words go elsewhere. Confined to JMH's runner.
final class Table implements OutputFormat {
    private static final String PACKAGE = "dev.cetera.";

    private final PrintWriter out;
    private final OutputFormat words;

    /// @param words gets all that JMH has to say
    Table(PrintWriter out, OutputFormat words) {
        this.out = out;
        this.words = words;
    }

    @Override
    public void startRun() {
        words.startRun();
        row("bench", "ns/op", "+/-", "B/op");
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        words.endBenchmark(result);
        var time = result.getPrimaryResult();
        var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        row(
                result.getParams().getBenchmark().replaceFirst("^" + PACKAGE, ""),
                number(time.getScore()),
                number(time.getScoreError()),
                allocated == null ? "-" : number(allocated.getScore()));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,.1f", value);
    }

    private void row(String bench, String time, String error, String allocated) {
        out.println(String.format(Locale.ROOT, "%-56s %12s %12s %12s", bench, time, error, allocated));
        out.flush();
    }

    @Override
    public void startBenchmark(BenchmarkParams bench) {
        words.startBenchmark(bench);
    }

    @Override
    public void iteration(BenchmarkParams bench, IterationParams params, int iteration) {
        words.iteration(bench, params, iteration);
    }

    @Override
    public void iterationResult(BenchmarkParams bench, IterationParams params, int iteration, IterationResult data) {
        words.iterationResult(bench, params, iteration, data);
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        words.endRun(results);
    }

    @Override
    public void print(String text) {
        words.print(text);
    }

    @Override
    public void println(String text) {
        words.println(text);
    }

    @Override
    public void verbosePrintln(String text) {
        words.verbosePrintln(text);
    }

    @Override
    public void write(int b) {
        words.write(b);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        words.write(bytes);
    }

    @Override
    public void flush() {
        words.flush();
    }

    @Override
    public void close() {
        words.close();
    }
}
