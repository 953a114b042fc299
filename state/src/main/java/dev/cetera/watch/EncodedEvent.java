package dev.cetera.watch;

import dev.cetera.mvcc.Event;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// One entry of `WatchResponse.events`, ready for the wire: its tag and length, the store's own key-value
/// bytes, and the previous key-value where asked for. Made once and shared by everyone who is sent it.
/// Immutable.
///
///     5a len [08 01 if a deletion] 12 len <key-value> [1a len <previous>]
final class EncodedEvent {
    private static final byte RESPONSE_EVENTS = 11 << 3 | 2;
    private static final byte TYPE = 1 << 3;
    private static final byte KV = 2 << 3 | 2;
    private static final byte PREV_KV = 3 << 3 | 2;
    private static final byte[] NOTHING = {};

    private final byte[] head;
    private final byte[] kv;
    private final byte[] middle;
    private final byte[] previous;

    private EncodedEvent(byte[] head, byte[] kv, byte[] middle, byte[] previous) {
        this.head = head;
        this.kv = kv;
        this.middle = middle;
        this.previous = previous;
    }

    static EncodedEvent of(Event.Type type, KeyValue keyValue, @Nullable KeyValue previous) {
        var kv = keyValue.encoded();
        var last = previous == null ? NOTHING : previous.encoded();
        var middle = previous == null ? NOTHING : new byte[1 + varintSize(last.length)];
        if (middle.length > 0) {
            middle[0] = PREV_KV;
            putVarint(middle, 1, last.length);
        }
        int typeSize = type == Event.Type.DELETE ? 2 : 0;
        int body =
                Math.toIntExact((long) typeSize + 1 + varintSize(kv.length) + kv.length + middle.length + last.length);

        var head = new byte[1 + varintSize(body) + typeSize + 1 + varintSize(kv.length)];
        head[0] = RESPONSE_EVENTS;
        int at = putVarint(head, 1, body);
        if (typeSize > 0) {
            head[at++] = TYPE;
            head[at++] = 1;
        }
        head[at++] = KV;
        putVarint(head, at, kv.length);
        return new EncodedEvent(head, kv, middle, last);
    }

    long size() {
        return (long) head.length + kv.length + middle.length + previous.length;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(head);
        out.write(kv);
        if (middle.length > 0) {
            out.write(middle);
            out.write(previous);
        }
    }

    private static int varintSize(int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    /// Writes a varint and answers the position behind it.
    private static int putVarint(byte[] into, int from, int value) {
        int at = from;
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            into[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        into[at++] = (byte) rest;
        return at;
    }
}
