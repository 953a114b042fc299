package dev.cetera.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Walks through a text that is JSON for certain. Confined.
final class JsonCursor {
    /// What Go calls the kinds of values.
    enum Kind {
        OBJECT,
        ARRAY,
        STRING,
        NUMBER,
        BOOL,
        NULL
    }

    private final byte[] text;
    private int at;

    JsonCursor(byte[] text, int from) {
        this.text = text;
        this.at = from;
    }

    private byte peek() {
        at = JsonSyntax.afterBlanks(text, at, text.length);
        return text[at];
    }

    /// Of the value that comes next.
    Kind kind() {
        return switch (peek()) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case '"' -> Kind.STRING;
            case 't', 'f' -> Kind.BOOL;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
    }

    /// Goes into an object or an array.
    void enter() {
        peek();
        at++;
    }

    /// Whether there is another member or element; leaves the object or array when there is none.
    boolean more() {
        byte c = peek();
        boolean ends = c == '}' || c == ']';
        if (ends || c == ',') {
            at++;
        }
        return !ends;
    }

    /// Of a member, whose value comes next.
    String name() {
        var name = string();
        peek();
        at++;
        return name;
    }

    boolean bool() {
        boolean value = peek() == 't';
        skip();
        return value;
    }

    /// A number, or what is between the quotes of a string, as it is written.
    String raw() {
        int from = peek() == '"' ? at + 1 : at;
        boolean quoted = from > at;
        skip();
        return JsonSyntax.utf8(text, from, quoted ? at - 1 : at);
    }

    String string() {
        peek();
        int from = ++at;
        while (text[at] != '"' && text[at] != '\\') {
            at++;
        }
        if (text[at] == '"') {
            return JsonSyntax.utf8(text, from, at++);
        }
        var out = new ByteArrayOutputStream(at - from + 64);
        out.write(text, from, at - from);
        for (byte c = text[at++]; c != '"'; c = text[at++]) {
            if (c == '\\') {
                out.writeBytes(escape().getBytes(StandardCharsets.UTF_8));
            } else {
                out.write(c);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private String escape() {
        byte c = text[at++];
        int known = "bfnrt".indexOf(c);
        if (known >= 0) {
            return "\b\f\n\r\t".substring(known, known + 1);
        }
        if (c != 'u') {
            return String.valueOf((char) c);
        }
        char unit = unit();
        if (Character.isHighSurrogate(unit) && text[at] == '\\' && text[at + 1] == 'u') {
            int back = at;
            at += 2;
            char low = unit();
            if (Character.isLowSurrogate(low)) {
                return String.valueOf(new char[] {unit, low});
            }
            at = back;
        }
        return Character.isSurrogate(unit) ? "\ufffd" : String.valueOf(unit);
    }

    private char unit() {
        char unit = (char) Integer.parseInt(JsonSyntax.utf8(text, at, at + 4), 16);
        at += 4;
        return unit;
    }

    /// Passes over the value that comes next.
    void skip() {
        int depth = 0;
        do {
            byte c = peek();
            at++;
            switch (c) {
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                case '"' -> endOfString();
                case ',', ':' -> {}
                default -> endOfWord();
            }
        } while (depth > 0);
    }

    private void endOfString() {
        while (text[at] != '"') {
            at += text[at] == '\\' ? 2 : 1;
        }
        at++;
    }

    private void endOfWord() {
        while (at < text.length && "+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(text[at]) >= 0) {
            at++;
        }
    }
}
