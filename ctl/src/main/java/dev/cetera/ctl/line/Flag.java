package dev.cetera.ctl.line;

import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.GoText;

/// One flag that a command takes. Immutable.
///
/// @param shorthand a letter, or empty
/// @param initial its value when it is not given, in the words of the command line
public record Flag(String name, String shorthand, Kind kind, String initial, String usage) {
    /// What a value may be.
    public enum Kind {
        BOOL,
        INT,
        TEXT,
        LIST,
        DURATION
    }

    public static Flag bool(String name, boolean initial, String usage) {
        return new Flag(name, "", Kind.BOOL, String.valueOf(initial), usage);
    }

    public static Flag number(String name, long initial, String usage) {
        return new Flag(name, "", Kind.INT, String.valueOf(initial), usage);
    }

    public static Flag text(String name, String initial, String usage) {
        return new Flag(name, "", Kind.TEXT, initial, usage);
    }

    public static Flag list(String name, String initial, String usage) {
        return new Flag(name, "", Kind.LIST, initial, usage);
    }

    public static Flag duration(String name, String initial, String usage) {
        return new Flag(name, "", Kind.DURATION, initial, usage);
    }

    public Flag or(String letter) {
        return new Flag(name, letter, kind, initial, usage);
    }

    /// @throws IllegalArgumentException in Go's words, if `value` is not of this kind
    void check(String value) {
        switch (kind) {
            case BOOL -> GoNumbers.parseBool(value);
            case INT -> GoNumbers.parseLong(value, 0);
            case DURATION -> GoNumbers.parseDuration(value);
            case TEXT, LIST -> {}
        }
    }

    /// As help pages show it.
    String described() {
        var value = switch (kind) {
            case TEXT -> GoText.quoted(initial);
            case LIST -> "[" + initial + "]";
            default -> initial;
        };
        var head = shorthand.isEmpty() ? "      --" : "  -" + shorthand + ", --";
        return head + name + (kind == Kind.BOOL ? "[=" + value + "]" : "=" + value);
    }

    /// The variable of the environment that stands for it.
    public String variable(String prefix) {
        return prefix + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }
}
