package dev.cetera.ctl.print;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;

/// Numbers, truths and durations as Go reads and writes them. What can't be read is an
/// [IllegalArgumentException] with Go's text.
public final class GoNumbers {
    private static final Map<String, Long> UNITS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "μs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);
    private static final String[] SIZES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private GoNumbers() {}

    public static boolean parseBool(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw wrong("ParseBool", text, "invalid syntax");
        };
    }

    /// A signed number.
    ///
    /// @param radix 0 to take it from the number's beginning
    public static long parseLong(String text, int radix) {
        var value = parse("ParseInt", text, radix);
        if (value.bitLength() > 63) {
            throw wrong("ParseInt", text, "value out of range");
        }
        return value.longValue();
    }

    /// Unsigned.
    public static long parseUnsigned(String text, int radix) {
        if (text.startsWith("-") || text.startsWith("+")) {
            throw wrong("ParseUint", text, "invalid syntax");
        }
        var value = parse("ParseUint", text, radix);
        if (value.bitLength() > 64) {
            throw wrong("ParseUint", text, "value out of range");
        }
        return value.longValue();
    }

    private static BigInteger parse(String function, String text, int radix) {
        var digits = text;
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int base = radix;
        if (radix == 0) {
            base = 10;
            if (digits.length() > 1 && digits.charAt(0) == '0') {
                var mark = Character.toLowerCase(digits.charAt(1));
                base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
                digits = digits.substring(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
            }
        }
        int in = base;
        if (digits.isEmpty() || digits.chars().anyMatch(each -> each > 'z' || Character.digit(each, in) < 0)) {
            throw wrong(function, text, "invalid syntax");
        }
        var value = new BigInteger(digits, base);
        return negative ? value.negate() : value;
    }

    private static IllegalArgumentException wrong(String function, String text, String why) {
        return new IllegalArgumentException("strconv." + function + ": parsing " + GoText.quoted(text) + ": " + why);
    }

    /// `1h2m3.5s` and the like.
    public static Duration parseDuration(String text) {
        var rest = text;
        boolean negative = rest.startsWith("-");
        if (negative || rest.startsWith("+")) {
            rest = rest.substring(1);
        }
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        if (rest.isEmpty()) {
            throw new IllegalArgumentException("time: invalid duration " + GoText.quoted(text));
        }
        var total = BigDecimal.ZERO;
        while (!rest.isEmpty()) {
            int number = 0;
            while (number < rest.length() && (isDigit(rest.charAt(number)) || rest.charAt(number) == '.')) {
                number++;
            }
            int unit = number;
            while (unit < rest.length() && !isDigit(rest.charAt(unit)) && rest.charAt(unit) != '.') {
                unit++;
            }
            var amount = rest.substring(0, number);
            if (amount.chars().noneMatch(GoNumbers::isDigit)
                    || amount.chars().filter(c -> c == '.').count() > 1) {
                throw new IllegalArgumentException("time: invalid duration " + GoText.quoted(text));
            }
            if (unit == number) {
                throw new IllegalArgumentException("time: missing unit in duration " + GoText.quoted(text));
            }
            var name = rest.substring(number, unit);
            var nanos = UNITS.get(name);
            if (nanos == null) {
                throw new IllegalArgumentException(
                        "time: unknown unit " + GoText.quoted(name) + " in duration " + GoText.quoted(text));
            }
            total = total.add(
                    new BigDecimal(amount.endsWith(".") ? amount + "0" : amount).multiply(BigDecimal.valueOf(nanos)));
            rest = rest.substring(unit);
        }
        if (total.toBigInteger().bitLength() > 63) {
            throw new IllegalArgumentException("time: invalid duration " + GoText.quoted(text));
        }
        var result = Duration.ofNanos(total.longValue());
        return negative ? result.negated() : result;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /// `1.5s`, `2.097054ms`, `1h0m0s`.
    public static String duration(Duration time) {
        long nanos = time.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < 0) {
            return "-" + duration(time.negated());
        }
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return plain(nanos, 3) + "µs";
        }
        if (nanos < 1_000_000_000) {
            return plain(nanos, 6) + "ms";
        }
        var hours = time.toHours();
        var minutes = time.toMinutesPart();
        var seconds = plain(nanos % 60_000_000_000L, 9) + "s";
        if (hours > 0) {
            return hours + "h" + minutes + "m" + seconds;
        }
        return time.toMinutes() > 0 ? minutes + "m" + seconds : seconds;
    }

    private static String plain(long value, int scale) {
        var number = BigDecimal.valueOf(value, scale).stripTrailingZeros();
        return number.toPlainString();
    }

    /// A size in units of a thousand: `20 kB`, `2.1 MB`.
    public static String size(long bytes) {
        if (bytes < 10) {
            return bytes + " B";
        }
        int power = (int) Math.floor(Math.log((double) bytes) / Math.log(1000));
        double value = Math.floor((double) bytes / Math.pow(1000, power) * 10 + 0.5) / 10;
        var number = value < 10
                ? BigDecimal.valueOf(value).setScale(1, java.math.RoundingMode.HALF_EVEN)
                : BigDecimal.valueOf(value).setScale(0, java.math.RoundingMode.HALF_EVEN);
        return number.toPlainString() + " " + SIZES[power];
    }

    /// Sixteen digits at least.
    public static String lease(long id) {
        var digits = Long.toHexString(id);
        // Go writes a negative number with its sign, which counts as a digit.
        if (id < 0) {
            digits = BigInteger.valueOf(id).abs().toString(16);
            return "-" + "0".repeat(Math.max(0, 15 - digits.length())) + digits;
        }
        return "0".repeat(16 - digits.length()) + digits;
    }

    /// Right-aligned in sixteen places.
    public static String padded(long id) {
        var digits = Long.toHexString(id);
        return " ".repeat(16 - digits.length()) + digits;
    }
}
