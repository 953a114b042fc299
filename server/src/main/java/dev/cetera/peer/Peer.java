package dev.cetera.peer;

import dev.cetera.node.OutgoingSnapshot;
import dev.cetera.raft.Message;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.OptionalLong;

/// Another member, and all channels to it. Shared: which channel takes a message is decided by whoever sends
/// it, everything after that is confined to event loops.
final class Peer {
    private final long id;
    private final Surroundings around;
    private final EventLoop loop;
    private final PeerStatus status;
    private final UrlPicker picker;
    private final StreamWriter appends;
    private final StreamWriter messages;
    private final StreamReader appendReader;
    private final StreamReader messageReader;
    private final Pipeline pipeline;
    private final SnapshotSender snapshots;
    private final List<Prober> probers;

    /// @param loop of all connections that are opened to it
    Peer(long id, List<PeerUrl> urls, Surroundings around, EventLoop loop) {
        this.id = id;
        this.around = around;
        this.loop = loop;
        around.log().info("starting peer " + shown() + "...");
        status = new PeerStatus(id, around.time(), around.log());
        picker = new UrlPicker(urls);
        pipeline = new Pipeline(id, status, picker, around, loop);
        appends = new StreamWriter(id, StreamKind.APPEND, status, around);
        messages = new StreamWriter(id, StreamKind.MESSAGE, status, around);
        appendReader = new StreamReader(id, StreamKind.APPEND, status, picker, around, loop);
        messageReader = new StreamReader(id, StreamKind.MESSAGE, status, picker, around, loop);
        snapshots = new SnapshotSender(id, status, picker, around, loop);
        probers = List.of(
                new Prober(id, "ROUND_TRIPPER_SNAPSHOT", picker, around, loop),
                new Prober(id, "ROUND_TRIPPER_RAFT_MESSAGE", picker, around, loop));
        loop.execute(() -> {
            appendReader.start();
            messageReader.start();
            probers.forEach(Prober::start);
        });
        around.log().info("started peer " + shown());
    }

    /// Puts a message into the queue of one channel, or drops it. Nothing is written before [#wake].
    void send(Message message) {
        var channel = StreamKind.APPEND.buffer;
        var offered = message instanceof Message.Append ? appends.offer(message) : StreamWriter.Offered.DETACHED;
        if (offered == StreamWriter.Offered.DETACHED) {
            channel = StreamKind.MESSAGE.buffer;
            offered = messages.offer(message);
        }
        if (offered == StreamWriter.Offered.DETACHED) {
            channel = Pipeline.SHOWN;
            offered = pipeline.offer(message) ? StreamWriter.Offered.TAKEN : StreamWriter.Offered.FULL;
        }
        if (offered == StreamWriter.Offered.FULL) {
            dropped(channel);
        }
    }

    private void dropped(String channel) {
        around.inbound().unreachable(id);
        around.meters().sendFailed(id);
        if (status.isActive()) {
            around.log()
                    .merged("dropped internal raft message to " + shown() + " since " + channel
                            + "'s sending buffer is full (bad/overloaded network)");
        }
    }

    /// What was sent is written from now on.
    void wake() {
        appends.wake();
        messages.wake();
        pipeline.wake();
    }

    void sendSnapshot(OutgoingSnapshot snapshot) {
        snapshots.send(snapshot);
    }

    /// The other side's request for a stream was accepted; on that connection's event loop.
    void attach(StreamKind kind, ServedStream stream) {
        (kind == StreamKind.APPEND ? appends : messages).attach(stream);
    }

    List<PeerUrl> urls() {
        return picker.urls();
    }

    void update(List<PeerUrl> urls) {
        picker.update(urls);
        loop.execute(() -> probers.forEach(prober -> prober.update(picker)));
    }

    /// Whether the other side reads this stream now.
    boolean serves(StreamKind kind) {
        return (kind == StreamKind.APPEND ? appends : messages).isAttached();
    }

    OptionalLong activeSince() {
        return status.activeSince();
    }

    void close() {
        around.log().info("stopping peer " + shown() + "...");
        appends.close();
        messages.close();
        snapshots.close();
        loop.execute(() -> {
            pipeline.close();
            appendReader.close();
            messageReader.close();
            probers.forEach(Prober::close);
            around.log().info("stopped peer " + shown());
        });
    }

    private String shown() {
        return Long.toHexString(id);
    }
}
