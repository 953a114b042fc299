package dev.cetera.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class LineFormatTest {
    private static LogRecord record(Level level, String text) {
        var record = new LogRecord(level, text);
        record.setLoggerName("etcdserver/membership");
        record.setInstant(Instant.parse("2026-11-22T09:30:01.000042999Z"));
        return record;
    }

    private static String line(Level level, String text) {
        return new LineFormat(ZoneId.of("UTC")).format(record(level, text));
    }

    @Test
    void aLineHasTimeLevelPackageAndMessage() {
        assertThat(line(Level.INFO, "added member {0}"))
                .isEqualTo("2026-11-22 09:30:01.000042 I | etcdserver/membership: added member {0}\n");
    }

    @Test
    void everyLevelHasItsLetter() {
        assertThat(line(LogLevel.CRITICAL.level(), "")).contains(" C | ");
        assertThat(line(Level.SEVERE, "")).contains(" E | ");
        assertThat(line(Level.WARNING, "")).contains(" W | ");
        assertThat(line(LogLevel.NOTICE.level(), "")).contains(" N | ");
        assertThat(line(Level.CONFIG, "")).contains(" D | ");
        assertThat(line(Level.FINE, "")).contains(" D | ");
        assertThat(line(Level.FINEST, "")).contains(" T | ");
    }

    @Test
    void parametersAreReplacedAsSystemLoggerDoes() {
        var record = record(Level.INFO, "{0} of {1}");
        record.setParameters(new Object[] {"one", 2});
        assertThat(new LineFormat(ZoneId.of("UTC")).format(record)).endsWith(": one of 2\n");
    }

    @Test
    void everyLineOfATraceCarriesThePrefix() {
        var record = record(Level.SEVERE, "broken");
        record.setThrown(new IllegalStateException("why"));
        var lines = new LineFormat(ZoneId.of("UTC")).format(record).lines().toList();
        assertThat(lines).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("2026-11-22 09:30:01.000042 E | "));
        assertThat(lines.get(1)).endsWith("java.lang.IllegalStateException: why");
    }

    @Test
    void theWriterKeepsTheOrderAndFlushes() {
        var out = new ByteArrayOutputStream();
        var writer = new LineWriter(out, new LineFormat(ZoneId.of("UTC")));
        for (int i = 0; i < 100; i++) {
            writer.publish(record(Level.INFO, "line " + i));
        }
        writer.flush();
        var lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(100);
        assertThat(lines.get(99)).endsWith("line 99");
    }

    @Test
    void levelsAreReadByNameLetterAndNumber() {
        assertThat(LogLevel.parse("debug")).isEqualTo(LogLevel.DEBUG);
        assertThat(LogLevel.parse("W")).isEqualTo(LogLevel.WARNING);
        assertThat(LogLevel.parse("5")).isEqualTo(LogLevel.TRACE);
        assertThat(LogLevel.parse("bad")).isNull();
    }
}
