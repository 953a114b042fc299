package dev.cetera.gateway;

import java.util.Arrays;

/// Base64 as Go reads it: the standard alphabet, padded, with line ends anywhere, and an offset where it goes
/// wrong.
final class GoBase64 {
    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            VALUES[alphabet.charAt(i)] = (byte) i;
        }
    }

    private GoBase64() {}

    static byte[] decode(String text) throws Malformed {
        var out = new byte[text.length() / 4 * 3 + 3];
        int length = 0;
        int bits = 0;
        int digits = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            int value = c < 128 ? VALUES[c] : -1;
            if (value >= 0) {
                bits = bits << 6 | value;
                if (++digits == 4) {
                    out[length++] = (byte) (bits >> 16);
                    out[length++] = (byte) (bits >> 8);
                    out[length++] = (byte) bits;
                    digits = 0;
                }
            } else if (c == '=') {
                end(text, at, digits);
                bits <<= 6 * (4 - digits);
                out[length++] = (byte) (bits >> 16);
                if (digits == 3) {
                    out[length++] = (byte) (bits >> 8);
                }
                return Arrays.copyOf(out, length);
            } else if (c != '\n' && c != '\r') {
                throw illegal(at);
            }
        }
        if (digits != 0) {
            throw illegal(text.length() - digits);
        }
        return Arrays.copyOf(out, length);
    }

    /// Checks the text from its first padding on.
    private static void end(String text, int padding, int digits) throws Malformed {
        if (digits < 2) {
            throw illegal(padding);
        }
        int at = afterLineEnds(text, padding + 1);
        if (digits == 2) {
            if (at == text.length()) {
                throw illegal(at);
            }
            if (text.charAt(at) != '=') {
                throw illegal(at - 1);
            }
            at = afterLineEnds(text, at + 1);
        }
        if (at < text.length()) {
            throw illegal(at);
        }
    }

    private static int afterLineEnds(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == '\n' || text.charAt(at) == '\r')) {
            at++;
        }
        return at;
    }

    private static Malformed illegal(int at) {
        return new Malformed("illegal base64 data at input byte " + at);
    }
}
