package dev.cetera.gateway;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;

/// Whether a text is JSON, and what is wrong with it in the words of Go's parser, which clients of etcd are
/// told. Depth costs a bit a level, and no stack. Confined.
final class JsonSyntax {
    /// Values within each other, as many as Go takes.
    private static final int MAX_DEPTH = 10_000;

    private final byte[] text;
    private final int end;
    private final String endEarly;
    private final BitSet objects = new BitSet();
    private int depth;
    private int at;

    private JsonSyntax(byte[] text, int from, int end, String endEarly) {
        this.text = text;
        this.at = from;
        this.end = end;
        this.endEarly = endEarly;
    }

    /// Passes over one value and the blanks before it.
    ///
    /// @param endEarly what is said when the text ends within the value
    /// @return where the value ends
    static int pass(byte[] text, int from, int end, String endEarly) throws Malformed {
        var syntax = new JsonSyntax(text, from, end, endEarly);
        syntax.value();
        return syntax.at;
    }

    /// Where the next byte is that is no blank.
    static int afterBlanks(byte[] text, int from, int end) {
        int at = from;
        while (at < end && isBlank(text[at])) {
            at++;
        }
        return at;
    }

    static boolean isBlank(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private void value() throws Malformed {
        do {
            begin();
        } while (depth > 0 && goesOn());
    }

    /// Passes over a value, or only into it when another one follows within.
    private void begin() throws Malformed {
        while (true) {
            switch (next()) {
                case '{' -> {
                    push(true);
                    if (peek() != '}') {
                        name();
                        continue;
                    }
                    close();
                }
                case '[' -> {
                    push(false);
                    if (peek() != ']') {
                        continue;
                    }
                    close();
                }
                case '"' -> string();
                case 't' -> literal("true");
                case 'f' -> literal("false");
                case 'n' -> literal("null");
                case '-' -> {
                    at++;
                    number();
                }
                case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
                default -> throw wrong("looking for beginning of value");
            }
            return;
        }
    }

    /// After a value within another: whether one more follows. Passes over the ends of all that end here.
    private boolean goesOn() throws Malformed {
        while (depth > 0) {
            byte c = next();
            boolean object = objects.get(depth - 1);
            if (c == ',') {
                at++;
                if (object) {
                    name();
                }
                return true;
            }
            if (c != (object ? '}' : ']')) {
                throw wrong(object ? "after object key:value pair" : "after array element");
            }
            close();
        }
        return false;
    }

    private void push(boolean object) throws Malformed {
        if (depth == MAX_DEPTH) {
            throw new Malformed("exceeded max depth");
        }
        objects.set(depth++, object);
        at++;
    }

    private void close() {
        depth--;
        at++;
    }

    private void name() throws Malformed {
        if (next() != '"') {
            throw wrong("looking for beginning of object key string");
        }
        string();
        if (next() != ':') {
            throw wrong("after object key");
        }
        at++;
    }

    private void string() throws Malformed {
        at++;
        while (true) {
            byte c = here();
            if (c == '"') {
                at++;
                return;
            }
            if (c == '\\') {
                at++;
                escape();
            } else if (c >= 0 && c < ' ') {
                throw wrong("in string literal");
            } else {
                at++;
            }
        }
    }

    private void escape() throws Malformed {
        byte c = here();
        if ("bfnrt\\/\"u".indexOf(c) < 0) {
            throw wrong("in string escape code");
        }
        at++;
        for (int i = 0; c == 'u' && i < 4; i++) {
            if (Character.digit(here(), 16) < 0) {
                throw wrong("in \\u hexadecimal character escape");
            }
            at++;
        }
    }

    private void literal(String word) throws Malformed {
        for (int i = 0; i < word.length(); i++) {
            if (here() != word.charAt(i)) {
                throw wrong("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
            at++;
        }
    }

    private void number() throws Malformed {
        if (here() == '0') {
            at++;
        } else {
            digits("in numeric literal");
        }
        if (at < end && text[at] == '.') {
            at++;
            digits("after decimal point in numeric literal");
        }
        if (at < end && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (here() == '+' || here() == '-') {
                at++;
            }
            digits("in exponent of numeric literal");
        }
    }

    private void digits(String where) throws Malformed {
        if (!isDigit(here())) {
            throw wrong(where);
        }
        while (at < end && isDigit(text[at])) {
            at++;
        }
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /// The next byte that is no blank.
    private byte next() throws Malformed {
        at = afterBlanks(text, at, end);
        return here();
    }

    /// The same, where the end of the text is no matter yet.
    private int peek() {
        at = afterBlanks(text, at, end);
        return at < end ? text[at] : -1;
    }

    private byte here() throws Malformed {
        if (at >= end) {
            throw new Malformed(endEarly);
        }
        return text[at];
    }

    private Malformed wrong(String where) {
        return wrong(text[at], where);
    }

    static Malformed wrong(byte c, String where) {
        return new Malformed("invalid character " + quoted(c) + " " + where);
    }

    private static String quoted(byte c) {
        return switch (c) {
            case '\'' -> "'\\''";
            case '"' -> "'\"'";
            default -> "'" + escaped(c & 0xff) + "'";
        };
    }

    /// A character of Latin-1 as Go shows it in quotes.
    private static String escaped(int c) {
        int known = "\u0007\b\f\n\r\t\u000b\\\"".indexOf(c);
        if (known >= 0) {
            return "\\" + "abfnrtv\\\"".charAt(known);
        }
        if (c < ' ' || c == 0x7f) {
            return String.format(Locale.ROOT, "\\x%02x", c);
        }
        return (c > 0x7f && c <= 0xa0) || c == 0xad
                ? String.format(Locale.ROOT, "\\u%04x", c)
                : String.valueOf((char) c);
    }

    /// A text in quotes, as Go shows it.
    static String quoted(String what) {
        var out = new StringBuilder("\"");
        what.codePoints().forEach(c -> out.append(c <= 0xff ? escaped(c) : Character.toString(c)));
        return out.append('"').toString();
    }

    static String utf8(byte[] text, int from, int end) {
        return new String(text, from, end - from, StandardCharsets.UTF_8);
    }
}
