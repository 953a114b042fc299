package dev.cetera.lab.load;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// Tells on standard error how far a run is: one line that is rewritten on a terminal, a plain line now and
/// then elsewhere.
///
/// Confined to the trial's thread.
final class Progress {
    private final PrintStream out;
    private final boolean terminal;
    private final long everyNanos;
    private final Histogram since = new Histogram(3);

    private String what = "";
    private long startNanos;
    private long lastNanos;

    private Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        this.everyNanos = terminal ? TimeUnit.MILLISECONDS.toNanos(500) : TimeUnit.SECONDS.toNanos(4);
    }

    static Progress onStandardError() {
        return new Progress(
                System.err,
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
    }

    /// A line of its own.
    void say(String line) {
        out.println(line);
    }

    void begin(String newWhat) {
        what = newWhat;
        startNanos = System.nanoTime();
        lastNanos = startNanos;
        since.reset();
    }

    /// @param errors kinds of errors so far
    void tick(Histogram interval, int errors) {
        since.add(interval);
        long now = System.nanoTime();
        if (now - lastNanos < everyNanos) {
            return;
        }
        String line = String.format(
                Locale.ROOT,
                "  %-28s %4d s  %,10.0f/s  p99 %8.2f ms%s",
                what,
                TimeUnit.NANOSECONDS.toSeconds(now - startNanos),
                since.getTotalCount() * 1e9 / (now - lastNanos),
                since.getValueAtPercentile(99) / 1e6,
                errors == 0 ? "" : "  ERRORS");
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            out.flush();
        } else {
            out.println(line);
        }
        lastNanos = now;
        since.reset();
    }

    /// Clears the rewritten line.
    void end() {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
