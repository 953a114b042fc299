package dev.cetera.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Closes a connection when its time is over. Confined to the event loop.
final class Deadline {
    private final long millis;
    private @Nullable Future<?> timer;
    private boolean stopped;

    Deadline(long millis) {
        this.millis = millis;
    }

    /// Starts afresh.
    void start(ChannelHandlerContext ctx) {
        stop();
        stopped = false;
        timer = ctx.executor()
                .schedule(
                        () -> {
                            var _ = ctx.close();
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /// Starts once something has happened, unless it was stopped before.
    void startWhen(CompletableFuture<?> happened, ChannelHandlerContext ctx) {
        var _ = happened.whenComplete((_, _) -> ctx.executor().execute(() -> {
            if (!stopped && !ctx.isRemoved()) {
                start(ctx);
            }
        }));
    }

    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
