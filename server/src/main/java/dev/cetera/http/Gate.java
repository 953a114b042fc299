package dev.cetera.http;

import io.netty.channel.Channel;
import java.util.concurrent.CompletableFuture;

/// Holds connections back until the member can serve: they are accepted, but nothing is read from them.
final class Gate {
    private Gate() {}

    /// Called on the channel's event loop while its pipeline is built.
    static void hold(Channel channel, CompletableFuture<?> opened) {
        if (opened.isDone()) {
            return;
        }
        channel.config().setAutoRead(false);
        var _ = opened.whenComplete(
                (_, _) -> channel.eventLoop().execute(() -> channel.config().setAutoRead(true)));
    }
}
