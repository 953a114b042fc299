package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/// Quoted text as Go writes it with `%q`.
public final class GoText {
    private static final String HEX = "0123456789abcdef";

    private GoText() {}

    public static String quoted(String text) {
        return quoted(ByteString.copyFromUtf8(text));
    }

    /// Bytes that are no UTF-8 are shown as such.
    public static String quoted(ByteString bytes) {
        var out = new StringBuilder("\"");
        int at = 0;
        while (at < bytes.size()) {
            int length = runeLength(bytes, at);
            if (length == 0) {
                hex(out, bytes.byteAt(at));
                at++;
                continue;
            }
            append(out, bytes.substring(at, at + length).toStringUtf8().codePointAt(0));
            at += length;
        }
        return out.append('"').toString();
    }

    /// `\x66\x6f`.
    public static String hex(ByteString bytes) {
        var out = new StringBuilder();
        for (byte each : bytes) {
            hex(out, each);
        }
        return out.toString();
    }

    private static void hex(StringBuilder out, byte value) {
        out.append("\\x").append(HEX.charAt((value >> 4) & 15)).append(HEX.charAt(value & 15));
    }

    private static void append(StringBuilder out, int rune) {
        switch (rune) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case 7 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case 11 -> out.append("\\v");
            default -> {
                if (isPrintable(rune)) {
                    out.appendCodePoint(rune);
                } else if (rune < ' ' || rune == 0x7f) {
                    hex(out, (byte) rune);
                } else if (rune < 0x10000) {
                    out.append(String.format("\\u%04x", rune));
                } else {
                    out.append(String.format("\\U%08x", rune));
                }
            }
        }
    }

    private static boolean isPrintable(int rune) {
        if (rune == ' ') {
            return true;
        }
        return switch (Character.getType(rune)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /// Bytes of the UTF-8 character at `at`; 0 if there is none.
    private static int runeLength(ByteString bytes, int at) {
        int first = bytes.byteAt(at) & 0xff;
        int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > bytes.size()) {
            return 0;
        }
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var result = decoder.decode(
                ByteBuffer.wrap(bytes.substring(at, at + length).toByteArray()), CharBuffer.allocate(2), true);
        return result.isError() ? 0 : length;
    }
}
