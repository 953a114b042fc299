package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.KeyValue;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// Where a command's result goes. Keys and values are written as the bytes that they are. Immutable; lines of
/// several threads may mix.
public final class Out {
    private final PrintStream stream;
    private final Bytes bytes;
    private final Pairs pairs;

    /// How keys and values look.
    public enum Bytes {
        RAW,
        HEX
    }

    /// How much of a pair is shown.
    public enum Pairs {
        KEYS_AND_VALUES,
        VALUES
    }

    public Out(PrintStream stream, Bytes bytes, Pairs pairs) {
        this.stream = stream;
        this.bytes = bytes;
        this.pairs = pairs;
    }

    public Out showing(Pairs which) {
        return new Out(stream, bytes, which);
    }

    public void line(String text) {
        text(text + "\n");
    }

    /// A line of the format `fields`.
    public void field(String name, Object value) {
        line("\"" + name + "\" : " + value);
    }

    public void text(String text) {
        raw(ByteString.copyFrom(text, StandardCharsets.UTF_8));
    }

    public void raw(ByteString content) {
        stream.writeBytes(content.toByteArray());
    }

    public void pair(KeyValue pair) {
        if (pairs == Pairs.KEYS_AND_VALUES) {
            lineOf(pair.getKey());
        }
        lineOf(pair.getValue());
    }

    private void lineOf(ByteString content) {
        if (bytes == Bytes.HEX) {
            line(GoText.hex(content));
        } else {
            raw(content.concat(ByteString.copyFromUtf8("\n")));
        }
    }

    public void flush() {
        stream.flush();
    }
}
