package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// An encoded request with holes: the places where the first and the end of a run of keys stand.
///
/// Immutable.
final class Template {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final int keySize;
    private final int[] firstAt;
    private final int[] endAt;

    private Template(byte[] bytes, int keySize) {
        this.bytes = bytes;
        this.keySize = keySize;
        this.firstAt = placesOf(first(keySize), bytes);
        this.endAt = placesOf(end(keySize), bytes);
    }

    /// Stands for the first key while a request is built.
    static ByteString first(int keySize) {
        return ByteString.copyFrom(filled(keySize, (byte) 0xfe));
    }

    /// Stands for the key after the last one.
    static ByteString end(int keySize) {
        return ByteString.copyFrom(filled(keySize, (byte) 0xfd));
    }

    /// `encoded` holds [#first] and [#end] of this key size wherever keys belong, and those bytes nowhere
    /// else.
    static Template of(byte[] encoded, int keySize) {
        return new Template(encoded, keySize);
    }

    /// The request for the `count` keys from number `key` on.
    byte[] with(long key, int count) {
        byte[] request = bytes.clone();
        for (int at : firstAt) {
            writeKey(key, request, at, keySize);
        }
        for (int at : endAt) {
            writeKey(key + count, request, at, keySize);
        }
        return request;
    }

    /// Key number `key`: hexadecimal digits, so that the order of numbers is the order of keys.
    static byte[] key(long key, int keySize) {
        byte[] bytes = new byte[keySize];
        writeKey(key, bytes, 0, keySize);
        return bytes;
    }

    private static void writeKey(long key, byte[] target, int at, int keySize) {
        long rest = key;
        for (int i = at + keySize - 1; i >= at; i--) {
            target[i] = DIGITS[(int) (rest & 15)];
            rest >>>= 4;
        }
    }

    private static byte[] filled(int size, byte with) {
        byte[] bytes = new byte[size];
        java.util.Arrays.fill(bytes, with);
        return bytes;
    }

    private static int[] placesOf(ByteString mark, byte[] bytes) {
        ByteBuffer wanted = mark.asReadOnlyByteBuffer();
        List<Integer> places = new ArrayList<>();
        for (int at = 0; at + mark.size() <= bytes.length; at++) {
            if (ByteBuffer.wrap(bytes, at, mark.size()).equals(wanted)) {
                places.add(at);
                at += mark.size() - 1;
            }
        }
        return places.stream().mapToInt(Integer::intValue).toArray();
    }
}
