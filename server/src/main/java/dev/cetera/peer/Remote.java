package dev.cetera.peer;

import dev.cetera.raft.Message;
import io.netty.channel.EventLoop;
import java.util.List;

/// Somebody who is no member as far as this one knows, because one of the two is behind: it is answered by
/// single posts. Shared.
final class Remote {
    private final long id;
    private final Surroundings around;
    private final EventLoop loop;
    private final PeerStatus status;
    private final Pipeline pipeline;

    Remote(long id, List<PeerUrl> urls, Surroundings around, EventLoop loop) {
        this.id = id;
        this.around = around;
        this.loop = loop;
        status = new PeerStatus(id, around.time(), around.log());
        pipeline = new Pipeline(id, status, new UrlPicker(urls), around, loop);
    }

    /// Nothing is written before [#wake].
    void send(Message message) {
        if (!pipeline.offer(message)) {
            around.meters().sendFailed(id);
            if (status.isActive()) {
                around.log()
                        .merged("dropped internal raft message to " + Long.toHexString(id)
                                + " since sending buffer is full (bad/overloaded network)");
            }
        }
    }

    void wake() {
        pipeline.wake();
    }

    void close() {
        loop.execute(pipeline::close);
    }
}
