package dev.cetera.config;

import dev.cetera.config.GoSyntax.BadLiteral;
import java.util.List;

/// One flag of the server program. Immutable.
///
/// @param fallback the text of the default, as `--help` shows it
/// @param choices  for [Kind#CHOICE]
/// @param serving  whether this version can do what a value other than the default asks for
record FlagSpec(String name, Kind kind, String fallback, List<String> choices, Serving serving, String help) {
    enum Kind {
        STRING,
        BOOL,
        UINT,
        INT64,
        DURATION,
        URLS,
        CHOICE,
        /// Known from old releases; takes anything and does nothing.
        RETIRED
    }

    enum Serving {
        SERVED,
        /// Accepted with its default alone.
        REFUSED
    }

    boolean isBoolean() {
        return kind == Kind.BOOL || kind == Kind.RETIRED;
    }

    /// Checks the type of a value.
    void check(String value) throws BadLiteral {
        switch (kind) {
            case STRING, RETIRED -> {}
            case BOOL -> GoSyntax.bool(value);
            case UINT -> GoSyntax.unsigned(value);
            case INT64 -> GoSyntax.signed(value);
            case DURATION -> {
                try {
                    GoSyntax.durationNanos(value);
                } catch (BadLiteral _) {
                    throw new BadLiteral("parse error"); // the flag package hides which part was wrong
                }
            }
            case URLS -> Url.list(value);
            case CHOICE -> {
                if (!choices.contains(value)) {
                    throw new BadLiteral("invalid value");
                }
            }
        }
    }

    /// Whether two values that passed [#check] mean the same.
    boolean same(String one, String other) {
        try {
            return switch (kind) {
                case STRING, CHOICE, RETIRED -> one.equals(other);
                case BOOL -> GoSyntax.bool(one) == GoSyntax.bool(other);
                case UINT -> GoSyntax.unsigned(one) == GoSyntax.unsigned(other);
                case INT64 -> GoSyntax.signed(one) == GoSyntax.signed(other);
                case DURATION -> GoSyntax.durationNanos(one) == GoSyntax.durationNanos(other);
                case URLS -> one.equals(other) || Url.list(one).equals(Url.list(other));
            };
        } catch (BadLiteral unchecked) {
            throw new IllegalStateException(unchecked);
        }
    }
}
