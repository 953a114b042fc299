package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Lines that are typed into interactive commands, cut into words: those in quotes may have blanks in them.
final class Words {
    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^'\"\\s]\\S*[^'\"\\s]?");

    private Words() {}

    static List<String> of(String line) throws Failure {
        var all = new ArrayList<String>();
        var found = WORD.matcher(line);
        while (found.find()) {
            var word = found.group();
            if (word.startsWith("'")) {
                all.add(word.substring(1, word.length() - 1));
            } else if (word.startsWith("\"")) {
                all.add(unquoted(word, 0)
                        .map(each -> each.value().toStringUtf8())
                        .orElseThrow(() -> new Failure(Exit.INVALID_INPUT, "invalid syntax")));
            } else {
                all.add(word);
            }
        }
        return all;
    }

    /// A text that stood in quotes, and where it ended.
    record Quoted(ByteString value, int end) {}

    /// Reads the quoted text that begins at `at`; empty if there is none that is whole.
    static Optional<Quoted> unquoted(String text, int at) {
        if (at >= text.length() || text.charAt(at) != '"') {
            return Optional.empty();
        }
        var bytes = new ByteArrayOutputStream();
        int i = at + 1;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                return Optional.of(new Quoted(ByteString.copyFrom(bytes.toByteArray()), i + 1));
            }
            if (c == '\\') {
                int used = escape(text, i + 1, bytes);
                if (used == 0) {
                    return Optional.empty();
                }
                i += 1 + used;
            } else {
                int length = Character.charCount(text.codePointAt(i));
                bytes.writeBytes(text.substring(i, i + length).getBytes(StandardCharsets.UTF_8));
                i += length;
            }
        }
        return Optional.empty();
    }

    /// Characters that it took; 0 if it is none of Go's escapes.
    private static int escape(String text, int at, ByteArrayOutputStream bytes) {
        if (at >= text.length()) {
            return 0;
        }
        int simple = "abfnrtv\\\"".indexOf(text.charAt(at));
        if (simple >= 0) {
            bytes.write("\u0007\b\f\n\r\t\u000b\\\"".charAt(simple));
            return 1;
        }
        return switch (text.charAt(at)) {
            case 'x' -> code(text, at + 1, 2, 16, bytes) ? 3 : 0;
            case 'u' -> code(text, at + 1, 4, 16, bytes) ? 5 : 0;
            case 'U' -> code(text, at + 1, 8, 16, bytes) ? 9 : 0;
            case '0', '1', '2', '3' -> code(text, at, 3, 8, bytes) ? 3 : 0;
            default -> 0;
        };
    }

    private static boolean code(String text, int at, int digits, int radix, ByteArrayOutputStream bytes) {
        if (at + digits > text.length()) {
            return false;
        }
        try {
            int value = Integer.parseUnsignedInt(text, at, at + digits, radix);
            if (digits < 4) {
                bytes.write(value);
                return true;
            }
            bytes.writeBytes(Character.toString(value).getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (IllegalArgumentException e) {
            return false; // no digits, or no character
        }
    }
}
