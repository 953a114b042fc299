package dev.cetera.entry;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.Request;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether bytes are a message of a certain type to a reader as strict as etcd's: a known field must have its
/// own wire type, at every depth. Protobuf for Java files such a field under "unknown" and goes on.
///
/// It looks at tags and lengths only and allocates nothing; the depth of the recursion is that of the message,
/// at most [#MAX_DEPTH]. Immutable.
final class StrictWire {
    /// Far more nested messages than any member lets a client propose: a Go member's limit is that of
    /// operations, two messages for each of 128 by default.
    static final int MAX_DEPTH = 1000;

    /// What a known field must look like.
    ///
    /// @param wireType that of one value
    /// @param packable a list of numbers, which may also come in one piece
    /// @param message  set for a nested message
    private record Field(
            int wireType, boolean packable, @Nullable StrictWire message) {}

    static final StrictWire V3 = of(InternalRaftRequest.getDescriptor());
    static final StrictWire V2 = of(Request.getDescriptor());

    private final Map<Integer, Field> fields = new HashMap<>();

    private StrictWire() {}

    static StrictWire of(Descriptor type) {
        return of(type, new HashMap<>());
    }

    private static StrictWire of(Descriptor type, Map<String, StrictWire> known) {
        var before = known.get(type.getFullName());
        if (before != null) {
            return before;
        }
        var wire = new StrictWire();
        // Before its fields: messages nest in themselves.
        known.put(type.getFullName(), wire);
        for (var field : type.getFields()) {
            var message =
                    field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? of(field.getMessageType(), known) : null;
            wire.fields.put(
                    field.getNumber(), new Field(field.getLiteType().getWireType(), field.isPackable(), message));
        }
        return wire;
    }

    boolean accepts(byte[] data) {
        return new Scan(data).message(this, data.length, 0);
    }

    /// One pass over the bytes.
    private static final class Scan {
        private final byte[] data;
        private int at;

        /// Value of the number read last.
        private long number;

        Scan(byte[] data) {
            this.data = data;
        }

        boolean message(StrictWire type, int end, int depth) {
            while (at < end) {
                if (!tag(end)) {
                    return false;
                }
                int wireType = (int) number & 7;
                var field = type.fields.get((int) (number >>> 3));
                boolean good = field == null
                        ? skip(wireType, end, depth)
                        : fits(field, wireType) && value(field.message, wireType, end, depth);
                if (!good) {
                    return false;
                }
            }
            return true;
        }

        private static boolean fits(Field field, int wireType) {
            return wireType == field.wireType || (field.packable && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED);
        }

        private boolean value(@Nullable StrictWire message, int wireType, int end, int depth) {
            if (message == null) {
                return skip(wireType, end, depth);
            }
            return length(end) && depth < MAX_DEPTH && message(message, at + (int) number, depth + 1);
        }

        private boolean skip(int wireType, int end, int depth) {
            return switch (wireType) {
                case WireFormat.WIRETYPE_VARINT -> varint(end);
                case WireFormat.WIRETYPE_FIXED64 -> advance(8, end);
                case WireFormat.WIRETYPE_FIXED32 -> advance(4, end);
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> length(end) && advance(number, end);
                case WireFormat.WIRETYPE_START_GROUP -> group(end, depth);
                default -> false;
            };
        }

        /// Fields up to the end of the group.
        private boolean group(int end, int depth) {
            while (depth < MAX_DEPTH && tag(end)) {
                int wireType = (int) number & 7;
                if (wireType == WireFormat.WIRETYPE_END_GROUP) {
                    return true;
                }
                if (!skip(wireType, end, depth + 1)) {
                    return false;
                }
            }
            return false;
        }

        private boolean tag(int end) {
            return varint(end) && number >= 8 && number <= 0xffff_ffffL;
        }

        /// A length that fits in what is left.
        private boolean length(int end) {
            return varint(end) && number >= 0 && number <= end - at;
        }

        private boolean varint(int end) {
            number = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at == end) {
                    return false;
                }
                byte next = data[at++];
                number |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return true;
                }
            }
            return false;
        }

        private boolean advance(long count, int end) {
            if (count > end - at) {
                return false;
            }
            at += (int) count;
            return true;
        }
    }
}
