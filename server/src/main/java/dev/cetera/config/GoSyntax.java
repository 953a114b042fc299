package dev.cetera.config;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/// Literals as Go reads them, because scripts that start etcd are written for Go's rules.
public final class GoSyntax {
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "\u00b5s", 1_000L,
            "\u03bcs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private GoSyntax() {}

    /// A refused literal; the message is Go's.
    public static final class BadLiteral extends Exception {
        private static final long serialVersionUID = 1;

        BadLiteral(String message) {
            super(message);
        }
    }

    static boolean bool(String text) throws BadLiteral {
        return switch (text) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default -> throw new BadLiteral("parse error");
        };
    }

    /// An unsigned 64-bit number in base 10, 16 (`0x`), 8 (`0`, `0o`) or 2 (`0b`), with single underscores
    /// allowed after a base prefix and between digits.
    static long unsigned(String text) throws BadLiteral {
        var digits = text;
        int base = 10;
        var lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("0x")) {
            base = 16;
            digits = text.substring(2);
        } else if (lower.startsWith("0o")) {
            base = 8;
            digits = text.substring(2);
        } else if (lower.startsWith("0b")) {
            base = 2;
            digits = text.substring(2);
        } else if (text.length() > 1 && text.charAt(0) == '0') {
            base = 8;
            digits = text.substring(1);
        }
        boolean prefixed = digits.length() != text.length();
        if (digits.isEmpty()
                || digits.endsWith("_")
                || digits.contains("__")
                || (digits.startsWith("_") && !prefixed)) {
            throw new BadLiteral("parse error");
        }
        var plain = digits.replace("_", "");
        for (int i = 0; i < plain.length(); i++) {
            if (Character.digit(plain.charAt(i), base) < 0 || plain.charAt(i) > 'z') {
                throw new BadLiteral("parse error");
            }
        }
        try {
            return Long.parseUnsignedLong(plain, base);
        } catch (NumberFormatException tooBig) {
            throw new BadLiteral("value out of range");
        }
    }

    static long signed(String text) throws BadLiteral {
        boolean negative = text.startsWith("-");
        long magnitude = unsigned(negative || text.startsWith("+") ? text.substring(1) : text);
        if (magnitude < 0 && !(negative && magnitude == Long.MIN_VALUE)) {
            throw new BadLiteral("value out of range");
        }
        return negative ? -magnitude : magnitude;
    }

    /// A plain decimal integer with an optional sign, or nothing.
    static OptionalLong decimal(String text) {
        if (!text.matches("[+-]?[0-9]{1,19}")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException tooBig) {
            return OptionalLong.empty();
        }
    }

    /// Nanoseconds of `1h30m`, `10.5s`, `-1ms`, `0`.
    static long durationNanos(String text) throws BadLiteral {
        int at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return 0;
        }
        if (at == text.length()) {
            throw new BadLiteral("time: invalid duration " + quote(text));
        }
        var total = BigDecimal.ZERO;
        while (at < text.length()) {
            int numberEnd = skip(text, at, true);
            var number = text.substring(at, numberEnd);
            if (number.isEmpty() || number.equals(".") || number.indexOf('.') != number.lastIndexOf('.')) {
                throw new BadLiteral("time: invalid duration " + quote(text));
            }
            int unitEnd = skip(text, numberEnd, false);
            var unit = text.substring(numberEnd, unitEnd);
            if (unit.isEmpty()) {
                throw new BadLiteral("time: missing unit in duration " + quote(text));
            }
            var nanos = NANOS.get(unit);
            if (nanos == null) {
                throw new BadLiteral("time: unknown unit " + quote(unit) + " in duration " + quote(text));
            }
            var padded = (number.startsWith(".") ? "0" : "") + number + (number.endsWith(".") ? "0" : "");
            total = total.add(new BigDecimal(padded).multiply(BigDecimal.valueOf(nanos)));
            at = unitEnd;
        }
        if (total.compareTo(MAX) > 0) {
            throw new BadLiteral("time: invalid duration " + quote(text));
        }
        return text.startsWith("-") ? -total.longValue() : total.longValue();
    }

    private static int skip(String text, int from, boolean number) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == '.' || isDigit(text.charAt(at))) == number) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /// A string in double quotes with Go's escapes.
    static String quote(String text) {
        var out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append(String.format("\\x%02x", c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    /// The parts between commas; none of an empty text.
    static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    /// What stands between commas, without blanks, each once and in order.
    static List<String> set(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }
}
