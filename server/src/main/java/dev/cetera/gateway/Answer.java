package dev.cetera.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// How the answer to one request goes out. Confined to the event loop.
sealed interface Answer permits HttpAnswer, SocketAnswer {
    boolean isBegun();

    boolean isOver();

    /// Answers at once and in full.
    void all(int status, Map<String, String> headers, ByteBuf body);

    default void all(int status, Map<String, String> headers, String body) {
        all(status, headers, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    }

    /// Begins an answer of unknown length.
    void begin(int status, Map<String, String> headers);

    /// A new line is found at the end of a piece only.
    void piece(ByteBuf bytes);

    void end(Map<String, String> trailers);
}
