package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.logs.LogLevel;
import dev.cetera.raft.Message;
import org.jspecify.annotations.Nullable;

/// What this member writes to another one: into the newest request for the stream, if there is one. Shared:
/// the request is set under the lock and read by anybody.
final class StreamWriter {
    private final long peer;
    private final StreamKind kind;
    private final PeerStatus status;
    private final Surroundings around;
    private volatile @Nullable ServedStream served;

    @GuardedBy("this")
    private boolean closed;

    /// What became of an offered message.
    enum Offered {
        TAKEN,
        FULL,
        /// Nobody reads this stream.
        DETACHED
    }

    StreamWriter(long peer, StreamKind kind, PeerStatus status, Surroundings around) {
        this.peer = peer;
        this.kind = kind;
        this.status = status;
        this.around = around;
        around.log().info("started streaming with peer " + shown() + " (writer)");
    }

    /// Takes over a request that was answered with 200, on its connection's event loop. The one before is
    /// closed: its reader has given it up, or is somebody else with the same name.
    void attach(ServedStream stream) {
        ServedStream before;
        synchronized (this) {
            if (closed) {
                stream.close();
                return;
            }
            before = served;
            served = stream;
        }
        status.activate();
        if (before != null) {
            giveUp(before);
            before.close();
            around.log()
                    .merged("closed an existing TCP streaming connection with peer " + shown() + " (" + kind.shown
                            + " writer)");
        }
        around.log()
                .merged(
                        LogLevel.INFO,
                        "established a TCP streaming connection with peer " + shown() + " (" + kind.shown + " writer)");
        stream.start(new ServedStream.Sink() {
            @Override
            public void written(long bytes) {
                around.meters().sent(peer, bytes);
            }

            @Override
            public void lost(String why) {
                detach(stream, why);
            }
        });
    }

    boolean isAttached() {
        return served != null;
    }

    private void detach(ServedStream stream, String why) {
        synchronized (this) {
            if (served != stream) {
                return;
            }
            served = null;
        }
        status.deactivate(kind.shown, "write", why);
        around.log().merged("lost the TCP streaming connection with peer " + shown() + " (" + kind.shown + " writer)");
        giveUp(stream);
    }

    /// What waits in it is lost.
    private void giveUp(ServedStream stream) {
        if (stream.hasQueued()) {
            around.inbound().unreachable(peer);
        }
    }

    /// Nothing is written before [#wake].
    Offered offer(Message message) {
        var stream = served;
        if (stream == null) {
            return Offered.DETACHED;
        }
        return stream.offer(message) ? Offered.TAKEN : Offered.FULL;
    }

    void wake() {
        var stream = served;
        if (stream != null) {
            stream.wake();
        }
    }

    void close() {
        @Nullable ServedStream last;
        synchronized (this) {
            closed = true;
            last = served;
            served = null;
        }
        if (last != null) {
            last.close();
            around.log()
                    .info("closed the TCP streaming connection with peer " + shown() + " (" + kind.shown + " writer)");
        }
        around.log().info("stopped streaming with peer " + shown() + " (writer)");
    }

    private String shown() {
        return Long.toHexString(peer);
    }
}
