package dev.cetera.logs;

import java.util.Locale;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/// etcd's levels beside those of java.util.logging. The latter's standard levels count as the next lower one
/// of etcd.
public enum LogLevel {
    CRITICAL(1100, 'C'),
    ERROR(Level.SEVERE.intValue(), 'E'),
    WARNING(Level.WARNING.intValue(), 'W'),
    NOTICE(850, 'N'),
    INFO(Level.INFO.intValue(), 'I'),
    DEBUG(Level.FINE.intValue(), 'D'),
    TRACE(Level.FINER.intValue(), 'T');

    private static final class Own extends Level {
        private static final long serialVersionUID = 1;

        Own(String name, int value) {
            super(name, value);
        }
    }

    @SuppressWarnings("ImmutableEnumChecker") // a Level has final fields only
    private final Level level;

    private final char letter;

    LogLevel(int value, char letter) {
        this.level = new Own(name(), value);
        this.letter = letter;
    }

    Level level() {
        return level;
    }

    /// The letter in a line.
    char letter() {
        return letter;
    }

    static char letterOf(Level level) {
        for (var known : values()) {
            if (level.intValue() >= known.level.intValue()) {
                return known.letter;
            }
        }
        return TRACE.letter;
    }

    /// By name, by first letter, or by number (0 is ERROR, 5 is TRACE), in any case; null for anything else.
    public static @Nullable LogLevel parse(String text) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "CRITICAL", "C" -> CRITICAL;
            case "ERROR", "0", "E" -> ERROR;
            case "WARNING", "1", "W" -> WARNING;
            case "NOTICE", "2", "N" -> NOTICE;
            case "INFO", "3", "I" -> INFO;
            case "DEBUG", "4", "D" -> DEBUG;
            case "TRACE", "5", "T" -> TRACE;
            default -> null;
        };
    }
}
