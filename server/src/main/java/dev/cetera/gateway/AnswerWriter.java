package dev.cetera.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Writes an encoded message as JSON, straight from its bytes and piece by piece: what is on the wire is what
/// is told, in its order. No message is built, so an answer of any size costs no more than its largest field.
/// Confined.
final class AnswerWriter {
    private final CodedInputStream in;
    private final Fields fields;
    private boolean begun;
    private boolean over;

    /// @param message as the services write it: fields in order, none twice, nothing that is a default
    AnswerWriter(Descriptor type, byte[] message) {
        in = CodedInputStream.newInstance(message);
        in.enableAliasing(true);
        fields = new Fields(type);
    }

    boolean isBegun() {
        return begun;
    }

    boolean isOver() {
        return over;
    }

    /// Writes the next field; the last time, the end.
    void writeNext(ByteBuf out) {
        begun = true;
        try {
            over = !fields.writeNext(in, out);
        } catch (IOException broken) {
            throw new UncheckedIOException("a service's answer can't be read", broken);
        }
    }

    /// One object. Confined.
    private static final class Fields {
        private final Descriptor type;
        private boolean begun;
        private @Nullable FieldDescriptor array;

        Fields(Descriptor type) {
            this.type = type;
        }

        /// False when it wrote the end.
        boolean writeNext(CodedInputStream in, ByteBuf out) throws IOException {
            int tag = in.readTag();
            if (tag == 0) {
                if (array != null) {
                    out.writeByte(']');
                }
                JsonText.ascii(out, begun ? "}" : "{}");
                return false;
            }
            var field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                throw new IOException("no such field in " + type.getFullName() + ": " + tag);
            }
            if (field.equals(array)) {
                out.writeByte(',');
            } else {
                name(field, out);
            }
            value(field, in, out);
            return true;
        }

        private void name(FieldDescriptor field, ByteBuf out) {
            if (array != null) {
                out.writeByte(']');
            }
            JsonText.ascii(out, begun ? ",\"" : "{\"");
            JsonText.ascii(out, field.getName());
            JsonText.ascii(out, field.isRepeated() ? "\":[" : "\":");
            array = field.isRepeated() ? field : null;
            begun = true;
        }
    }

    private static void value(FieldDescriptor field, CodedInputStream in, ByteBuf out) throws IOException {
        switch (field.getType()) {
            case MESSAGE -> {
                int limit = in.pushLimit(in.readRawVarint32());
                var nested = new Fields(field.getMessageType());
                while (nested.writeNext(in, out)) {}
                in.popLimit(limit);
            }
            case BYTES -> {
                out.writeByte('"');
                out.writeBytes(Base64.getEncoder().encode(in.readByteBuffer()));
                out.writeByte('"');
            }
            case STRING -> JsonText.string(out, in.readString());
            case INT64 -> JsonText.ascii(out, "\"" + in.readInt64() + "\"");
            case UINT64 -> JsonText.ascii(out, "\"" + Long.toUnsignedString(in.readUInt64()) + "\"");
            case INT32 -> JsonText.ascii(out, Integer.toString(in.readInt32()));
            case UINT32 -> JsonText.ascii(out, Integer.toUnsignedString(in.readUInt32()));
            case BOOL -> JsonText.ascii(out, Boolean.toString(in.readBool()));
            case ENUM -> {
                int number = in.readEnum();
                var known = field.getEnumType().findValueByNumber(number);
                JsonText.ascii(out, known == null ? Integer.toString(number) : "\"" + known.getName() + "\"");
            }
            default -> throw new IOException("no such field in an answer: " + field.getFullName());
        }
    }
}
