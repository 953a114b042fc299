package dev.cetera.schema;

import java.util.Arrays;

/// One version of one key: the bytes of an mvccpb.KeyValue and nothing else. They are encoded once, when the
/// change is applied; the bolt file, range answers and watch events all carry these same bytes. Immutable.
///
/// Accessors walk the few fields before theirs, so reading one costs nanoseconds and holding one costs
/// nothing.
/// ```
/// key 1 bytes | create_revision 2 | mod_revision 3 | version 4 varints | value 5 bytes | lease 6 varint
/// ```
/// A field that is zero or empty is absent. The record of a tombstone has only a key; the event of a deletion
/// has a key and a mod_revision.
public final class KeyValue {
    private static final int KEY = 1;
    private static final int CREATE_REVISION = 2;
    private static final int MOD_REVISION = 3;
    private static final int VERSION = 4;
    private static final int VALUE = 5;
    private static final int LEASE = 6;
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int MAX_VARINT = 10;
    private static final byte[] EMPTY = {};

    private final byte[] encoded;

    private KeyValue(byte[] encoded) {
        this.encoded = encoded;
    }

    /// Takes the bytes as they are; the caller never changes them afterwards.
    public static KeyValue of(byte[] encoded) {
        return new KeyValue(encoded);
    }

    public static KeyValue put(
            byte[] key, long createRevision, long modRevision, long version, byte[] value, long lease) {
        var size = bytesSize(key)
                + varintFieldSize(createRevision)
                + varintFieldSize(modRevision)
                + varintFieldSize(version)
                + bytesSize(value)
                + varintFieldSize(lease);
        var out = new byte[size];
        var at = writeBytes(out, 0, KEY, key);
        at = writeVarint(out, at, CREATE_REVISION, createRevision);
        at = writeVarint(out, at, MOD_REVISION, modRevision);
        at = writeVarint(out, at, VERSION, version);
        at = writeBytes(out, at, VALUE, value);
        writeVarint(out, at, LEASE, lease);
        return new KeyValue(out);
    }

    /// What the file holds for a deletion.
    public static KeyValue tombstone(byte[] key) {
        return put(key, 0, 0, 0, EMPTY, 0);
    }

    /// What a watcher is told of a deletion.
    public static KeyValue deleted(byte[] key, long modRevision) {
        return put(key, 0, modRevision, 0, EMPTY, 0);
    }

    /// The canonical bytes. Not a copy: never to be changed.
    public byte[] encoded() {
        return encoded;
    }

    /// Bytes of it in a message that has a list of them, under a field number below 16.
    public int listedBytes() {
        return bytesSize(encoded);
    }

    /// A copy of the key.
    public byte[] key() {
        return bytesOf(KEY);
    }

    /// A copy of the value.
    public byte[] value() {
        return bytesOf(VALUE);
    }

    public long createRevision() {
        return varintOf(CREATE_REVISION);
    }

    public long modRevision() {
        return varintOf(MOD_REVISION);
    }

    public long version() {
        return varintOf(VERSION);
    }

    /// The lease the key is attached to, 0 for none.
    public long lease() {
        return varintOf(LEASE);
    }

    /// The same version without its value, as `keys_only` asks for.
    public KeyValue withoutValue() {
        return put(key(), createRevision(), modRevision(), version(), EMPTY, lease());
    }

    /// Whether the bytes are a sound message with a key.
    public boolean isSound() {
        try {
            return find(KEY) >= 0 && find(Integer.MAX_VALUE) < 0;
        } catch (IllegalStateException _) {
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyValue that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return "KeyValue[" + key().length + " bytes of key, created " + createRevision() + ", modified " + modRevision()
                + ", version " + version() + ", " + value().length + " bytes of value, lease " + lease() + "]";
    }

    private byte[] bytesOf(int field) {
        var at = find(field);
        if (at < 0) {
            return EMPTY;
        }
        var length = Math.toIntExact(varintAt(at));
        var from = skipVarint(at);
        return Arrays.copyOfRange(encoded, from, from + length);
    }

    private long varintOf(int field) {
        var at = find(field);
        return at < 0 ? 0 : varintAt(at);
    }

    /// Where the content of a field begins (for bytes: their length), -1 when the field is absent.
    private int find(int field) {
        var at = 0;
        while (at < encoded.length) {
            var tag = varintAt(at);
            at = skipVarint(at);
            if (tag >>> 3 == 0 || tag >>> 32 != 0) {
                throw malformed();
            }
            if (tag >>> 3 == field && (tag & 7) == (field == KEY || field == VALUE ? BYTES : VARINT)) {
                return at;
            }
            at = switch ((int) (tag & 7)) {
                case VARINT -> skipVarint(at);
                case BYTES -> skipBytes(at);
                default -> throw malformed();
            };
        }
        return -1;
    }

    private int skipBytes(int at) {
        var length = varintAt(at);
        var from = skipVarint(at);
        if (length < 0 || length > encoded.length - from) {
            throw malformed();
        }
        return from + (int) length;
    }

    private long varintAt(int at) {
        var value = 0L;
        for (int i = at, shift = 0; i < encoded.length && shift < 64; i++, shift += 7) {
            value |= (encoded[i] & 0x7fL) << shift;
            if (encoded[i] >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private int skipVarint(int from) {
        for (var at = from; at < encoded.length && at < from + MAX_VARINT; at++) {
            if (encoded[at] >= 0) {
                return at + 1;
            }
        }
        throw malformed();
    }

    private static IllegalStateException malformed() {
        return new IllegalStateException("malformed key-value record");
    }

    private static int bytesSize(byte[] bytes) {
        return bytes.length == 0 ? 0 : 1 + varintSize(bytes.length) + bytes.length;
    }

    private static int varintFieldSize(long value) {
        return value == 0 ? 0 : 1 + varintSize(value);
    }

    private static int varintSize(long value) {
        return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
    }

    private static int writeBytes(byte[] out, int from, int field, byte[] bytes) {
        if (bytes.length == 0) {
            return from;
        }
        out[from] = (byte) (field << 3 | BYTES);
        var at = writeRaw(out, from + 1, bytes.length);
        System.arraycopy(bytes, 0, out, at, bytes.length);
        return at + bytes.length;
    }

    private static int writeVarint(byte[] out, int from, int field, long value) {
        if (value == 0) {
            return from;
        }
        out[from] = (byte) (field << 3 | VARINT);
        return writeRaw(out, from + 1, value);
    }

    private static int writeRaw(byte[] out, int from, long value) {
        var at = from;
        var rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
        return at;
    }
}
