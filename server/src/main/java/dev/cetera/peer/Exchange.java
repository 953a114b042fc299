package dev.cetera.peer;

import io.netty.buffer.ByteBuf;

/// What becomes of one request under `/raft`. Confined to the connection's event loop.
interface Exchange {
    enum End {
        MORE,
        LAST,
        /// What came is no HTTP, and nothing more comes.
        BROKEN
    }

    /// A part of the body; the caller releases it.
    void content(ByteBuf bytes, End end);

    /// The socket takes more, or doesn't any longer.
    default void writabilityChanged() {}

    /// The connection is gone.
    default void cut() {}
}
