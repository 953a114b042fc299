package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;

/// JSON as Go's encoder makes it of etcd's messages: names of the protocol's definition, numbers as numbers,
/// enumerations too, bytes in base 64, and nothing for what has its zero value.
public final class GoJson {
    private final StringBuilder out = new StringBuilder();
    private boolean first = true;

    public static String of(Message message) {
        var json = new GoJson();
        json.message(message);
        return json.toString();
    }

    /// Begins an object.
    public GoJson open() {
        out.append('{');
        first = true;
        return this;
    }

    public GoJson close() {
        out.append('}');
        first = false;
        return this;
    }

    public GoJson name(String name) {
        if (!first) {
            out.append(',');
        }
        first = false;
        text(name);
        out.append(':');
        return this;
    }

    /// A value as it is: a number, a truth, JSON.
    public GoJson raw(Object value) {
        out.append(value);
        first = false;
        return this;
    }

    public GoJson unsigned(long value) {
        return raw(Long.toUnsignedString(value));
    }

    public GoJson base64(ByteString bytes) {
        return raw("\"" + Base64.getEncoder().encodeToString(bytes.toByteArray()) + "\"");
    }

    /// Quoted; what HTML reads as its own is escaped.
    public GoJson text(String value) {
        out.append('"');
        value.codePoints().forEach(this::character);
        out.append('"');
        return this;
    }

    private void character(int c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < ' ' || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
                    out.append(String.format("\\u%04x", c));
                } else {
                    out.appendCodePoint(c);
                }
            }
        }
    }

    public GoJson message(Message message) {
        open();
        fields(message);
        return close();
    }

    /// A message's fields, into an object that is open.
    public GoJson fields(Message message) {
        var done = new java.util.HashSet<Object>();
        for (var field : message.getDescriptorForType().getFields()) {
            var group = field.getRealContainingOneof();
            if (group == null) {
                field(message, field);
            } else if (done.add(group)) {
                var chosen = message.getOneofFieldDescriptor(group);
                name(goName(group.getName()));
                if (chosen == null) {
                    raw("null");
                } else {
                    open().name(goName(chosen.getName())).value(chosen, message.getField(chosen));
                    close();
                }
            }
        }
        return this;
    }

    private void field(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            var all = (List<?>) message.getField(field);
            if (!all.isEmpty()) {
                name(field.getName());
                list(field, all);
            }
        } else if (field.hasPresence() ? message.hasField(field) : !isZero(message, field)) {
            name(field.getName()).value(field, message.getField(field));
        }
    }

    private static boolean isZero(Message message, FieldDescriptor field) {
        return message.getField(field).equals(field.getDefaultValue());
    }

    private void list(FieldDescriptor field, List<?> all) {
        out.append('[');
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            value(field, all.get(i));
        }
        out.append(']');
        first = false;
    }

    private GoJson value(FieldDescriptor field, Object value) {
        return switch (value) {
            case Message message -> message(message);
            case ByteString bytes -> base64(bytes);
            case String text -> {
                text(text);
                first = false;
                yield this;
            }
            case com.google.protobuf.Descriptors.EnumValueDescriptor choice -> raw(choice.getNumber());
            case Long number -> field.getType() == FieldDescriptor.Type.UINT64 ? unsigned(number) : raw(number);
            case Integer number ->
                field.getType() == FieldDescriptor.Type.UINT32 ? raw(Integer.toUnsignedString(number)) : raw(number);
            default -> raw(value);
        };
    }

    /// `response_delete_range` is `ResponseDeleteRange` in Go.
    private static String goName(String name) {
        var out = new StringBuilder();
        for (var part : name.split("_", -1)) {
            out.append(Character.toUpperCase(part.charAt(0))).append(part, 1, part.length());
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
