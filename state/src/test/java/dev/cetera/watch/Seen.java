package dev.cetera.watch;

import dev.cetera.mvcc.Event;
import dev.cetera.schema.KeyValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An event as a client decodes it.
record Seen(Event event, @Nullable KeyValue previous) {
    static List<Seen> in(Events events) {
        var out = new ByteArrayOutputStream();
        try {
            events.writeTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        if (out.size() != events.size()) {
            throw new AssertionError("size " + events.size() + " but " + out.size() + " bytes");
        }
        var reader = new Reader(out.toByteArray());
        var list = new ArrayList<Seen>();
        while (reader.more()) {
            reader.expect(11 << 3 | 2);
            list.add(one(new Reader(reader.bytes())));
        }
        return list;
    }

    private static Seen one(Reader reader) {
        var type = Event.Type.PUT;
        int tag = reader.varint();
        if (tag == 1 << 3) {
            type = reader.varint() == 1 ? Event.Type.DELETE : Event.Type.PUT;
            tag = reader.varint();
        }
        if (tag != (2 << 3 | 2)) {
            throw new AssertionError("tag " + tag + " is not that of kv");
        }
        var kv = KeyValue.of(reader.bytes());
        if (!reader.more()) {
            return new Seen(new Event(type, kv), null);
        }
        reader.expect(3 << 3 | 2);
        return new Seen(new Event(type, kv), KeyValue.of(reader.bytes()));
    }

    private static final class Reader {
        private final byte[] data;
        private int at;

        Reader(byte[] data) {
            this.data = data;
        }

        boolean more() {
            return at < data.length;
        }

        void expect(int tag) {
            int found = varint();
            if (found != tag) {
                throw new AssertionError("tag " + found + " where " + tag + " was due");
            }
        }

        int varint() {
            int value = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = data[at++];
                value |= (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
        }

        byte[] bytes() {
            int length = varint();
            at += length;
            return java.util.Arrays.copyOfRange(data, at - length, at);
        }
    }
}
