package dev.cetera.logs;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/// `2026-11-22 09:30:01.000042 I | etcdserver: message`, in local time. A message of several lines becomes
/// several lines, and so does the stack trace of what was thrown, each with the prefix. Immutable.
final class LineFormat extends Formatter {
    private final DateTimeFormatter time;

    LineFormat(ZoneId zone) {
        this.time = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(zone);
    }

    @Override
    public String format(LogRecord record) {
        var prefix = time.format(record.getInstant()) + " " + LogLevel.letterOf(record.getLevel()) + " | "
                + record.getLoggerName() + ": ";
        var text = record.getParameters() == null && record.getResourceBundle() == null
                ? String.valueOf(record.getMessage())
                : formatMessage(record);
        var thrown = record.getThrown();
        if (thrown != null) {
            var trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            text += "\n" + trace;
        }
        if (text.indexOf('\n') < 0) {
            return prefix + text + "\n";
        }
        var out = new StringBuilder();
        text.lines().forEach(line -> out.append(prefix).append(line).append('\n'));
        return out.toString();
    }
}
