package dev.cetera.lab.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Changes one field of a protobuf message, at any depth, and puts the message together again with lengths
/// that are right. It needs no description: any bytes that can be a message are taken for one.
final class ProtoMutation implements Mutation {
    static final ProtoMutation ONCE = new ProtoMutation();

    private static final int MAX_DEPTH = 8;
    private static final int BYTES = 2;

    /// @param content with its length in front for none; the number's own bytes for a varint
    private record Field(long number, int wireType, byte[] content) {}

    private ProtoMutation() {}

    @Override
    public byte[] apply(byte[] input, Random random) {
        return message(input, random, 0);
    }

    private static byte[] message(byte[] input, Random random, int depth) {
        var fields = parse(input);
        if (fields == null || fields.isEmpty()) {
            return Havoc.ONCE.apply(input, random);
        }
        int at = random.nextInt(fields.size());
        var field = fields.get(at);
        if (field.wireType == BYTES && depth < MAX_DEPTH && random.nextInt(4) != 0) {
            fields.set(at, new Field(field.number, BYTES, message(field.content, random, depth + 1)));
        } else {
            change(fields, at, random);
        }
        return encode(fields);
    }

    private static void change(List<Field> fields, int at, Random random) {
        var field = fields.get(at);
        switch (random.nextInt(11)) {
            case 0 -> fields.remove(at);
            case 1 -> fields.add(random.nextInt(fields.size() + 1), field);
            case 2 -> Collections.swap(fields, at, random.nextInt(fields.size()));
            case 3 -> fields.set(at, new Field(random.nextInt(16), field.wireType, field.content));
            case 4 -> fields.set(at, new Field(field.number, 0, Havoc.varint(Havoc.extreme(random))));
            case 5 -> fields.set(at, new Field(field.number, BYTES, new byte[0]));
            case 6 -> fields.set(at, new Field(field.number, BYTES, new byte[random.nextInt(40)]));
            case 7 -> fields.add(at, new Field(1 + random.nextInt(120), 0, Havoc.varint(Havoc.extreme(random))));
            case 8 -> fields.set(at, nested(field, 1 << random.nextInt(11)));
            case 9 -> fields.set(at, repeated(field, 1 << random.nextInt(9)));
            default -> {
                byte[] content = field.wireType == 0
                        ? Havoc.varint(Havoc.extreme(random))
                        : Havoc.ONCE.apply(field.content, random);
                fields.set(at, new Field(field.number, field.wireType, content));
            }
        }
    }

    /// The field in itself, again and again.
    private static Field nested(Field field, int times) {
        var inner = field;
        for (int i = 0; i < times && inner.content.length < 8192; i++) {
            inner = new Field(field.number, BYTES, encode(List.of(inner)));
        }
        return inner;
    }

    private static Field repeated(Field field, int times) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < times && out.size() < 8192; i++) {
            out.writeBytes(field.content);
        }
        return new Field(field.number, field.wireType == 0 ? BYTES : field.wireType, out.toByteArray());
    }

    private static @Nullable List<Field> parse(byte[] bytes) {
        var fields = new ArrayList<Field>();
        int at = 0;
        while (at < bytes.length) {
            int tagEnd = varintEnd(bytes, at);
            if (tagEnd < 0) {
                return null;
            }
            long tag = number(bytes, at);
            int wireType = (int) tag & 7;
            int from = tagEnd;
            int end;
            switch (wireType) {
                case 0 -> end = varintEnd(bytes, from);
                case 1 -> end = from + 8;
                case BYTES -> {
                    from = varintEnd(bytes, tagEnd);
                    long length = from < 0 ? -1 : number(bytes, tagEnd);
                    end = length < 0 || length > bytes.length - from ? -1 : from + (int) length;
                }
                case 5 -> end = from + 4;
                default -> {
                    return null;
                }
            }
            if (end < 0 || end > bytes.length || tag >>> 3 == 0) {
                return null;
            }
            fields.add(new Field(tag >>> 3, wireType, Arrays.copyOfRange(bytes, from, end)));
            at = end;
        }
        return fields;
    }

    private static int varintEnd(byte[] bytes, int from) {
        for (int at = from; at < bytes.length && at < from + 10; at++) {
            if (bytes[at] >= 0) {
                return at + 1;
            }
        }
        return -1;
    }

    private static long number(byte[] bytes, int from) {
        long value = 0;
        for (int at = from, shift = 0; ; at++, shift += 7) {
            value |= (bytes[at] & 0x7fL) << shift;
            if (bytes[at] >= 0) {
                return value;
            }
        }
    }

    private static byte[] encode(List<Field> fields) {
        var out = new ByteArrayOutputStream();
        for (var field : fields) {
            out.writeBytes(Havoc.varint(field.number << 3 | field.wireType));
            if (field.wireType == BYTES) {
                out.writeBytes(Havoc.varint(field.content.length));
            }
            out.writeBytes(field.content);
        }
        return out.toByteArray();
    }
}
