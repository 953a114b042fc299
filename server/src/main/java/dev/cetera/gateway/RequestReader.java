package dev.cetera.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Message;
import dev.cetera.gateway.JsonCursor.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Reads a message from JSON, with all the freedom that etcd's gateway gives, and says what is wrong in its
/// words: fields by their own or their camel-case name, unknown ones ignored, numbers bare or quoted, enums by
/// name or number, bytes in Base64 or as an array. The last of several values for a field counts. Immutable.
final class RequestReader {
    /// Messages within each other, as many as the services take.
    private static final int MAX_DEPTH = 100;

    private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS = new ConcurrentHashMap<>();
    /// Strings in etcd 3.3, bytes from 3.4 on, the same on the wire.
    private static final Set<String> ONCE_STRINGS = Set.of(
            "etcdserverpb.AuthRoleRevokePermissionRequest.key",
            "etcdserverpb.AuthRoleRevokePermissionRequest.range_end");

    private final Dialect dialect;

    RequestReader(Dialect dialect) {
        this.dialect = dialect;
    }

    /// Reads the one value that a text is.
    <M extends Message> M read(byte[] text, M empty) throws Malformed {
        JsonSyntax.pass(text, 0, text.length, "unexpected EOF");
        var builder = empty.newBuilderForType();
        message(new JsonCursor(text, 0), builder, 0);
        @SuppressWarnings("unchecked") // a message's builder builds its like
        var read = (M) builder.build();
        return read;
    }

    private void message(JsonCursor in, Message.Builder to, int depth) throws Malformed {
        switch (in.kind()) {
            case OBJECT -> {}
            case NULL -> {
                in.skip();
                return;
            }
            default -> throw unfit(in.kind(), "map[string]json.RawMessage");
        }
        if (depth == MAX_DEPTH) {
            throw new Malformed("exceeded max depth");
        }
        var fields = FIELDS.computeIfAbsent(to.getDescriptorForType(), RequestReader::byName);
        in.enter();
        while (in.more()) {
            var field = fields.get(in.name());
            if (field == null) {
                in.skip();
            } else if (field.isRepeated()) {
                elements(in, to, field, depth);
            } else if (in.kind() == Kind.NULL && field.getJavaType() == JavaType.MESSAGE) {
                in.skip();
                to.clearField(field);
            } else {
                var value = value(in, to, field, depth);
                to.setField(field, value == null ? field.getDefaultValue() : value);
            }
        }
    }

    private static Map<String, FieldDescriptor> byName(Descriptor type) {
        var fields = new ConcurrentHashMap<String, FieldDescriptor>();
        for (var field : type.getFields()) {
            fields.put(field.getName(), field);
            fields.put(field.getJsonName(), field);
        }
        return fields;
    }

    private void elements(JsonCursor in, Message.Builder to, FieldDescriptor field, int depth) throws Malformed {
        to.clearField(field);
        if (in.kind() == Kind.STRING && field.getJavaType() == JavaType.ENUM) {
            enumValue(in, field.getEnumType());
            throw new Malformed("invalid target \"slice\" for enum " + goName(field.getEnumType()));
        }
        switch (in.kind()) {
            case ARRAY -> {}
            case NULL -> {
                in.skip();
                return;
            }
            default -> throw unfit(in.kind(), "[]json.RawMessage");
        }
        in.enter();
        while (in.more()) {
            if (in.kind() == Kind.NULL && field.getJavaType() == JavaType.MESSAGE) {
                throw unfit(Kind.NULL, goName(field.getMessageType()));
            }
            var value = value(in, to, field, depth);
            to.addRepeatedField(field, value == null ? zero(field) : value);
        }
    }

    private static Object zero(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> 0;
            case LONG -> 0L;
            case BOOLEAN -> false;
            case STRING -> "";
            case BYTE_STRING -> ByteString.EMPTY;
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(0);
            default -> throw new IllegalStateException("no such element in a request: " + field);
        };
    }

    /// Null for JSON's null.
    private @Nullable Object value(JsonCursor in, Message.Builder to, FieldDescriptor field, int depth)
            throws Malformed {
        return switch (field.getType()) {
            case MESSAGE -> {
                var nested = to.newBuilderForField(field);
                message(in, nested, depth + 1);
                yield nested.build();
            }
            case ENUM -> enumValue(in, field.getEnumType());
            case INT64 -> number(in, "int64", field.getType());
            case UINT64 -> number(in, "uint64", field.getType());
            case INT32 -> number(in, "int32", field.getType());
            case UINT32 -> number(in, "uint32", field.getType());
            case BOOL -> bool(in);
            case STRING -> string(in);
            case BYTES ->
                dialect == Dialect.V3_3 && ONCE_STRINGS.contains(field.getFullName()) ? utf8(string(in)) : bytes(in);
            default -> throw new IllegalStateException("no such field in a request: " + field);
        };
    }

    private static @Nullable ByteString utf8(@Nullable String text) {
        return text == null ? null : ByteString.copyFromUtf8(text);
    }

    private static @Nullable Boolean bool(JsonCursor in) throws Malformed {
        var kind = in.kind();
        if (kind == Kind.BOOL) {
            return in.bool();
        }
        onlyNull(in, kind, "bool");
        return null;
    }

    private static @Nullable String string(JsonCursor in) throws Malformed {
        var kind = in.kind();
        if (kind == Kind.STRING) {
            return in.string();
        }
        onlyNull(in, kind, "string");
        return null;
    }

    private static @Nullable ByteString bytes(JsonCursor in) throws Malformed {
        var kind = in.kind();
        if (kind == Kind.STRING) {
            return ByteString.copyFrom(GoBase64.decode(in.string()));
        }
        if (kind != Kind.ARRAY) {
            onlyNull(in, kind, "[]uint8");
            return null;
        }
        var out = new ByteArrayOutputStream();
        in.enter();
        while (in.more()) {
            var element = in.kind();
            if (element == Kind.NULL) {
                in.skip();
                out.write(0);
            } else if (element == Kind.NUMBER) {
                out.write(integer(in.raw(), "uint8", 0, 255).intValue());
            } else {
                throw unfit(element, "uint8");
            }
        }
        return ByteString.copyFrom(out.toByteArray());
    }

    /// Nothing but null may stand there.
    private static void onlyNull(JsonCursor in, Kind kind, String type) throws Malformed {
        if (kind != Kind.NULL) {
            throw unfit(kind, type);
        }
        in.skip();
    }

    private static @Nullable Object number(JsonCursor in, String type, FieldDescriptor.Type wanted) throws Malformed {
        var text = numeral(in, type);
        if (text == null) {
            return null;
        }
        return switch (wanted) {
            case INT64 -> integer(text, type, Long.MIN_VALUE, Long.MAX_VALUE).longValue();
            case UINT64 -> unsigned(text, type);
            case INT32 ->
                integer(text, type, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
            default -> integer(text, type, 0, 0xffff_ffffL).intValue();
        };
    }

    /// Digits, for certain; null for JSON's null. In quotes may stand whatever is JSON.
    private static @Nullable String numeral(JsonCursor in, String type) throws Malformed {
        if (in.kind() != Kind.STRING) {
            return bareNumeral(in, type);
        }
        var quoted = in.raw().getBytes(StandardCharsets.UTF_8);
        int end = JsonSyntax.pass(quoted, 0, quoted.length, "unexpected end of JSON input");
        int trailing = JsonSyntax.afterBlanks(quoted, end, quoted.length);
        if (trailing < quoted.length) {
            throw JsonSyntax.wrong(quoted[trailing], "after top-level value");
        }
        return bareNumeral(new JsonCursor(quoted, 0), type);
    }

    private static @Nullable String bareNumeral(JsonCursor in, String type) throws Malformed {
        var kind = in.kind();
        if (kind == Kind.NUMBER) {
            return in.raw();
        }
        onlyNull(in, kind, type);
        return null;
    }

    private static Long unsigned(String text, String type) throws Malformed {
        try {
            return Long.parseUnsignedLong(digits(text, type));
        } catch (NumberFormatException outOfRange) {
            throw unfit(text, type);
        }
    }

    private static Long integer(String text, String type, long least, long most) throws Malformed {
        try {
            long value = Long.parseLong(digits(text, type));
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException outOfRange) {
            throw unfit(text, type);
        }
        throw unfit(text, type);
    }

    /// An integer of few digits: a huge one costs nothing.
    private static String digits(String text, String type) throws Malformed {
        if (text.length() > 20) {
            throw unfit(text.length() > 64 ? text.substring(0, 64) + "..." : text, type);
        }
        return text;
    }

    private static @Nullable EnumValueDescriptor enumValue(JsonCursor in, EnumDescriptor type) throws Malformed {
        var name = goName(type);
        if (in.kind() == Kind.STRING) {
            var wanted = in.raw();
            var value = type.findValueByName(wanted);
            if (value == null) {
                throw new Malformed("unknown value " + JsonSyntax.quoted(wanted) + " for enum " + name);
            }
            return value;
        }
        var text = numeral(in, name);
        return text == null
                ? null
                : type.findValueByNumberCreatingIfUnknown(integer(text, name, Integer.MIN_VALUE, Integer.MAX_VALUE)
                        .intValue());
    }

    /// `etcdserverpb.RangeRequest_SortOrder`
    private static String goName(GenericDescriptor type) {
        var inPackage = type.getFile().getPackage();
        var fullName = type.getFullName();
        return inPackage + "." + fullName.substring(inPackage.length() + 1).replace('.', '_');
    }

    private static Malformed unfit(String number, String type) {
        return new Malformed("json: cannot unmarshal number " + number + " into Go value of type " + type);
    }

    private static Malformed unfit(Kind kind, String type) {
        return new Malformed(
                "json: cannot unmarshal " + kind.name().toLowerCase(Locale.ROOT) + " into Go value of type " + type);
    }
}
