package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A command's result in each form that it has. Immutable.
///
/// @param fields null if there is no such form, as for the others that may be null
public record Answer(
        Lines simple,
        @Nullable Lines fields,
        @Nullable Table table,
        Supplier<String> json,
        @Nullable Supplier<ByteString> protobuf) {
    /// Writes a result in one form.
    public interface Lines {
        void to(Out out);
    }

    /// An answer's form that does not exist was asked for.
    public static final class UnsupportedFormatException extends Exception {
        private static final long serialVersionUID = 1;

        UnsupportedFormatException(Format format) {
            super(format.flag() + " not supported as output format");
        }
    }

    /// What a member answered.
    public static Answer of(Message message, Lines simple) {
        return new Answer(simple, null, null, () -> GoJson.of(message), message::toByteString);
    }

    /// What a member answered with nothing but a header.
    public static Answer headed(Message message, ResponseHeader header, String simple) {
        return of(message, out -> out.line(simple)).withFields(out -> header(out, header));
    }

    public Answer withFields(Lines how) {
        return new Answer(simple, how, table, json, protobuf);
    }

    public Answer withTable(Table drawn) {
        return new Answer(simple, fields, drawn, json, protobuf);
    }

    public Answer withJson(Supplier<String> text) {
        return new Answer(simple, fields, table, text, protobuf);
    }

    public Answer withProtobuf(@Nullable Supplier<ByteString> bytes) {
        return new Answer(simple, fields, table, json, bytes);
    }

    /// Writes it in one form.
    ///
    /// @throws UnsupportedFormatException if it has no such form; nothing is written then
    public void print(Format format, Out out) throws UnsupportedFormatException {
        switch (format) {
            case SIMPLE -> simple.to(out);
            case JSON -> out.line(json.get());
            case FIELDS -> {
                if (fields == null) {
                    throw new UnsupportedFormatException(format);
                }
                fields.to(out);
            }
            case TABLE -> {
                if (table == null) {
                    throw new UnsupportedFormatException(format);
                }
                out.text(table.drawn());
            }
            case PROTOBUF -> {
                if (protobuf == null) {
                    throw new UnsupportedFormatException(format);
                }
                out.raw(protobuf.get());
            }
        }
        out.flush();
    }

    static void header(Out out, ResponseHeader header) {
        out.field("ClusterID", Long.toUnsignedString(header.getClusterId()));
        out.field("MemberID", Long.toUnsignedString(header.getMemberId()));
        out.field("Revision", header.getRevision());
        out.field("RaftTerm", Long.toUnsignedString(header.getRaftTerm()));
    }
}
