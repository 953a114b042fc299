package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.logs.Log;
import dev.cetera.logs.LogLevel;
import dev.cetera.node.Time;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A log in which a line that comes again and again is written once, and then once a second with how often it
/// came. Guarded by itself.
final class MergedLog {
    /// What others send may be in a line; there is no end to that.
    private static final int MAX_LINES = 1000;

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Log log;
    private final Time time;

    @GuardedBy("this")
    private final Map<Line, Repeats> lines = new HashMap<>();

    private record Line(LogLevel level, String text) {}

    private static final class Repeats {
        long since;
        int count;

        Repeats(long since) {
            this.since = since;
        }
    }

    MergedLog(String etcdPackage, Time time) {
        this.log = Log.of(etcdPackage);
        this.time = time;
    }

    void error(String text) {
        log.error(text);
    }

    void warning(String text) {
        log.warning(text);
    }

    void info(String text) {
        log.info(text);
    }

    void debug(String text) {
        log.debug(text);
    }

    /// A warning that may come often.
    void merged(String text) {
        merged(LogLevel.WARNING, text);
    }

    /// @param level info or worse
    void merged(LogLevel level, String text) {
        var line = new Line(level, text);
        synchronized (this) {
            var repeats = lines.get(line);
            if (repeats != null) {
                repeats.count++;
                return;
            }
            if (lines.size() == MAX_LINES) {
                return;
            }
            lines.put(line, new Repeats(time.nanos()));
        }
        write(level, text);
    }

    private void write(LogLevel level, String text) {
        switch (level) {
            case ERROR -> log.error(text);
            case INFO -> log.info(text);
            default -> log.warning(text);
        }
    }

    /// Writes how often lines came again; called once a second.
    void summarise() {
        var now = time.nanos();
        List<Line> summaries = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Map.Entry<Line, Repeats>> all = lines.entrySet().iterator(); all.hasNext(); ) {
                var line = all.next();
                var repeats = line.getValue();
                if (now - repeats.since < PERIOD_NANOS) {
                    continue;
                }
                if (repeats.count == 0) {
                    all.remove();
                    continue;
                }
                long took = (now - repeats.since) / 10_000_000 * 10_000_000;
                var text = line.getKey().text() + " [merged " + repeats.count + " repeated lines in "
                        + Shown.duration(took) + "]";
                summaries.add(new Line(line.getKey().level(), text));
                repeats.since = now;
                repeats.count = 0;
            }
        }
        summaries.forEach(summary -> write(summary.level(), summary.text()));
    }
}
