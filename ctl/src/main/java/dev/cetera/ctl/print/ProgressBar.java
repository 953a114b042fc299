package dev.cetera.ctl.print;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/// How far something has come, drawn over and over on one line of a terminal:
/// ` 12 / 60 Booooooom                                   !  20.00% 48s`.
/// Any thread may tell of progress; a thread of its own draws.
public final class ProgressBar implements AutoCloseable {
    private static final long REDRAWN_MILLIS = 200;
    private static final long LONG_MILLIS = 500;

    private final AtomicLong done = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final PrintStream out;
    private final int width;
    private final long total;
    private final LongFunction<String> unit;
    private final long begun;
    private final Thread drawing;

    @GuardedBy("this")
    private boolean seen;

    /// When there is something to see.
    public enum Appears {
        AT_ONCE,
        /// What is done in a moment needs no bar.
        WHEN_IT_TAKES_LONG
    }

    /// How much is left to do.
    enum Stage {
        RUNNING,
        ENDED
    }

    /// @param width of the terminal, in characters
    /// @param total how much there is to do, above 0
    /// @param unit how amounts are written
    public ProgressBar(PrintStream out, int width, Appears when, long total, LongFunction<String> unit) {
        this.out = out;
        this.width = width;
        this.total = total;
        this.unit = unit;
        this.begun = System.nanoTime();
        this.drawing = Thread.ofPlatform().name("progress").daemon().start(() -> drawOnAndOn(when));
    }

    public void add(long more) {
        done.addAndGet(more);
    }

    private void drawOnAndOn(Appears when) {
        try {
            if (when == Appears.WHEN_IT_TAKES_LONG && ended.await(LONG_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
            do {
                draw(Stage.RUNNING);
            } while (!ended.await(REDRAWN_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void draw(Stage stage) {
        seen = true;
        out.print("\r" + line(done.get(), total, unit, System.nanoTime() - begun, stage, width));
        out.flush();
    }

    /// Draws it a last time, and ends the line.
    @Override
    public void close() {
        ended.countDown();
        try {
            drawing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (seen) {
                draw(Stage.ENDED);
                out.println();
            }
        }
    }

    /// One drawing. While it runs the time is what is left, at the speed so far; at the end what it took.
    static String line(long done, long total, LongFunction<String> unit, long nanos, Stage stage, int width) {
        var counters = " " + unit.apply(done) + " / " + unit.apply(total) + " ";
        var percent = String.format(Locale.ROOT, " %6.2f%%", 100.0 * done / total);
        var time = time(done, total, nanos, stage);
        int room = width - counters.length() - percent.length() - time.length() - 2;
        var line = new StringBuilder(counters);
        if (room > 0) {
            int filled = Math.clamp((long) Math.ceil((double) room * done / total), 0, room);
            line.append('B')
                    .append("o".repeat(filled == room || filled == 0 ? filled : filled - 1))
                    .append(filled == room || filled == 0 ? "" : "m")
                    .append(" ".repeat(room - filled))
                    .append('!');
        }
        return line.append(percent).append(time).toString();
    }

    private static String time(long done, long total, long nanos, Stage stage) {
        if (stage == Stage.RUNNING && done == 0) {
            return "";
        }
        double shown = stage == Stage.ENDED ? nanos : (double) nanos / done * Math.max(0, total - done);
        return " " + GoNumbers.duration(Duration.ofSeconds((long) (shown / 1e9)));
    }
}
