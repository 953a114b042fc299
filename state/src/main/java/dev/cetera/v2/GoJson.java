package dev.cetera.v2;

/// JSON text as Go's encoder writes it, so that what this member stores is, byte for byte, what another would.
///
/// Inside strings `<`, `>`, `&` and the two Unicode line separators are escaped besides what must be; all
/// other text stays as it is. Half a surrogate pair, which has no UTF-8 form, becomes the replacement
/// character.
public final class GoJson {
    private static final String HEX = "0123456789abcdef";

    private GoJson() {}

    /// Appends a string with its quotes.
    public static StringBuilder quote(StringBuilder out, String text) {
        out.append('"');
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (mustEscape(c)) {
                out.append(text, plain, i);
                escape(out, c);
                plain = i + 1;
            }
        }
        return out.append(text, plain, text.length()).append('"');
    }

    private static boolean mustEscape(char c) {
        return switch (c) {
            case '"', '\\', '<', '>', '&', '\u2028', '\u2029' -> true;
            default -> c < ' ' || Character.isSurrogate(c);
        };
    }

    private static void escape(StringBuilder out, char c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                char shown = Character.isSurrogate(c) ? '\ufffd' : c;
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(HEX.charAt(shown >> shift & 0xf));
                }
            }
        }
    }

    /// Appends an array of strings.
    public static StringBuilder quoteAll(StringBuilder out, Iterable<String> texts) {
        out.append('[');
        var separator = "";
        for (var text : texts) {
            quote(out.append(separator), text);
            separator = ",";
        }
        return out.append(']');
    }

    /// The order of Go's strings, hence of the keys of its objects: by bytes of UTF-8, which is by code point.
    static int compare(String a, String b) {
        int shared = Math.min(a.length(), b.length());
        for (int i = 0; i < shared; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Only surrogates sort differently as chars: they stand for code points above all others.
                boolean xHigh = Character.isSurrogate(x);
                return xHigh == Character.isSurrogate(y) ? Character.compare(x, y) : xHigh ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
