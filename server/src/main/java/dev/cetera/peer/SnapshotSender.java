package dev.cetera.peer;

import dev.cetera.node.OutgoingSnapshot;
import dev.cetera.node.PeerException;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Sends a database to one other member, on a thread of its own: `u64be length · message · database`, as one
/// posted body. One at a time. Shared.
final class SnapshotSender {
    private static final String SHOWN = "sendMsgSnap";

    private final long peer;
    private final PeerStatus status;
    private final UrlPicker picker;
    private final Surroundings around;
    private final EventLoop loop;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile @Nullable Upload upload;
    private volatile boolean closed;

    SnapshotSender(long peer, PeerStatus status, UrlPicker picker, Surroundings around, EventLoop loop) {
        this.peer = peer;
        this.status = status;
        this.picker = picker;
        this.around = around;
        this.loop = loop;
    }

    void send(OutgoingSnapshot snapshot) {
        try {
            around.files().execute(() -> sendNow(snapshot));
        } catch (RejectedExecutionException stopped) {
            refuse(snapshot, "stopped");
        }
    }

    private void sendNow(OutgoingSnapshot snapshot) {
        if (!busy.compareAndSet(false, true)) {
            refuse(snapshot, "another one is on its way");
            return;
        }
        try {
            run(snapshot);
        } finally {
            busy.set(false);
        }
    }

    private void refuse(OutgoingSnapshot snapshot, String why) {
        long index = snapshot.message().snapshot().meta().index();
        around.log()
                .warning("database snapshot [index: " + index + ", to: " + shown() + "] failed to be sent out (" + why
                        + ")");
        closeSource(snapshot);
        around.inbound().snapshotDelivered(peer, false);
    }

    private void run(OutgoingSnapshot snapshot) {
        long start = around.time().nanos();
        long index = snapshot.message().snapshot().meta().index();
        int messageSize = MessageCodec.size(snapshot.message());
        long total = messageSize + snapshot.database().size();
        around.log()
                .info("start to send database snapshot [index: " + index + ", to " + shown() + ", size "
                        + Shown.bytes(total) + "]...");
        var url = picker.pick();
        var failure = post(url, snapshot, messageSize);
        closeSource(snapshot);
        around.meters().snapshotSent(peer, failure == null, around.time().nanos() - start);
        if (failure == null) {
            status.activate();
            around.meters().sent(peer, total);
            around.inbound().snapshotDelivered(peer, true);
            around.log().info("database snapshot [index: " + index + ", to: " + shown() + "] sent out successfully");
            return;
        }
        around.log()
                .warning("database snapshot [index: " + index + ", to: " + shown() + "] failed to be sent out ("
                        + failure + ")");
        if (failure.equals(PostAnswer.REMOVED)) {
            around.inbound().removed();
        }
        if (url != null) {
            picker.unreachable(url);
        }
        status.deactivate(SHOWN, "post", failure);
        around.meters().sendFailed(peer);
        around.inbound().unreachable(peer);
        around.inbound().snapshotDelivered(peer, false);
    }

    /// Null when the other side has it.
    private @Nullable String post(@Nullable PeerUrl url, OutgoingSnapshot snapshot, int messageSize) {
        if (url == null) {
            return "no usable peer URL";
        }
        var sending = new Upload(around, loop);
        upload = sending;
        try {
            if (closed) {
                return "stopped";
            }
            sending.open(url);
            sending.write(messageHead(sending, snapshot.message(), messageSize));
            long bytes = 0;
            for (int read = sending.copy(snapshot.database()); read >= 0; ) {
                bytes += read;
                read = sending.copy(snapshot.database());
            }
            if (bytes != snapshot.database().size()) {
                return "read " + bytes + " bytes of a database of "
                        + snapshot.database().size();
            }
            around.log().info("wrote database snapshot out [total bytes: " + bytes + "]");
            return PostAnswer.failure(sending.finish(), url, Requests.SNAPSHOT_PATH, peer, around);
        } catch (PeerException failed) {
            return String.valueOf(failed.getMessage());
        } catch (IOException failed) {
            return "reading the database: " + failed.getMessage();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "stopped";
        } finally {
            upload = null;
            sending.close();
        }
    }

    private static ByteBuf messageHead(Upload sending, Message.InstallSnapshot message, int size) {
        var head = sending.allocate(Long.BYTES + size);
        head.writeLong(size);
        MessageFrameWriter.writeBare(message, size, head);
        return head;
    }

    private void closeSource(OutgoingSnapshot snapshot) {
        try {
            snapshot.database().close();
        } catch (IOException failed) {
            around.log().warning("cannot close the database that was sent to " + shown() + " (" + failed + ")");
        }
    }

    void close() {
        closed = true;
        var sending = upload;
        if (sending != null) {
            sending.close();
        }
    }

    private String shown() {
        return Long.toHexString(peer);
    }
}
