package dev.cetera.token;

import java.util.regex.Pattern;

/// Spans of time as Go writes them, in whole units: `300s`, `5m`, `1h30m`.
final class GoSpan {
    private static final Pattern SPAN = Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,8})m)?(?:(\\d{1,9})s)?");

    private GoSpan() {}

    /// 0 for what is none.
    static long seconds(String text) {
        var span = SPAN.matcher(text);
        return span.matches() ? part(span.group(1)) * 3600 + part(span.group(2)) * 60 + part(span.group(3)) : 0;
    }

    private static long part(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
