package dev.cetera.peer;

import dev.cetera.node.Inbound.SnapshotInlet;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A message with a database behind it: `u64be length · message · database`, to the end of the body. The
/// message is read on the event loop, the database is written by a thread that may wait for the disk; when too
/// much waits for it, nothing more is read from the connection.
///
/// Confined to the connection's event loop, except [#receive], which that thread runs.
final class PostedDatabase implements Exchange {
    /// Bytes that wait for the disk before reading pauses, and below which it goes on.
    private static final int MANY_WAITING = 1 << 20;

    private static final int FEW_WAITING = MANY_WAITING / 4;

    private final Serving serving;
    private final Surroundings around;
    private final Answer answer;
    private final Channel channel;
    private final MessageFrameReader frames = new MessageFrameReader();
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final long startNanos;
    private boolean receiving;
    private boolean ended;

    /// What the thread is given.
    private sealed interface Part {
        record Bytes(ByteBuf bytes) implements Part {}

        record End() implements Part {}

        record Cut() implements Part {}
    }

    PostedDatabase(Serving serving, Surroundings around, Answer answer) {
        this.serving = serving;
        this.around = around;
        this.answer = answer;
        this.channel = answer.ctx().channel();
        this.startNanos = around.time().nanos();
    }

    @Override
    public void content(ByteBuf bytes, End end) {
        if (ended) {
            return;
        }
        if (!receiving) {
            readMessage(bytes);
        }
        if (receiving && bytes.isReadable()) {
            if (waiting.addAndGet(bytes.readableBytes()) > MANY_WAITING) {
                channel.config().setAutoRead(false);
            }
            parts.add(new Part.Bytes(bytes.retain()));
        }
        if (end == End.BROKEN) {
            cut();
            var _ = channel.close();
        } else if (end == End.LAST && !ended) {
            ended = true;
            if (receiving) {
                parts.add(new Part.End());
            } else {
                refuse(400, "failed to decode raft message (unexpected EOF)");
            }
        }
    }

    private void readMessage(ByteBuf bytes) {
        try {
            var decoded = frames.next(bytes);
            if (decoded == null) {
                return;
            }
            if (!(decoded instanceof Decoded.Said(Message.InstallSnapshot install))) {
                around.log().merged("unexpected raft message type on snapshot path");
                refuse(400, "wrong raft message type");
            } else if (!around.incoming().accepts(install)) {
                refuse(500, "failed to process raft message (it is not for this member)");
            } else if (!serving.takeDatabase()) {
                refuse(500, "failed to save KV snapshot (too many are being received)");
            } else {
                begin(install);
            }
        } catch (MalformedException malformed) {
            refuse(400, "failed to decode raft message (" + malformed.getMessage() + ")");
        }
    }

    private void refuse(int status, String line) {
        ended = true;
        around.log().merged(line);
        around.meters().receiveFailed(0);
        answer.refuse(status, line);
    }

    private void begin(Message.InstallSnapshot install) {
        receiving = true;
        int size = frames.messageLength();
        around.meters().received(install.from(), size);
        try {
            around.files().execute(() -> receive(install, size));
        } catch (RejectedExecutionException stopping) {
            receiving = false;
            serving.releaseDatabase();
            refuse(503, "the member is not serving");
        }
    }

    @Override
    public void cut() {
        if (receiving && !ended) {
            parts.add(new Part.Cut());
        }
        ended = true;
    }

    // ---- the thread that may wait ----

    private void receive(Message.InstallSnapshot install, int messageSize) {
        var shown = "index: " + install.snapshot().meta().index() + ", from: " + Long.toHexString(install.from())
                + ", raft message size: " + Shown.bytes(messageSize);
        around.log().info("receiving database snapshot [" + shown + "]");
        @Nullable String failure = null;
        boolean cut = false;
        long bytes = 0;
        try (var inlet = around.inbound().receiveSnapshot(install)) {
            bytes = write(inlet);
            cut = bytes < 0;
            if (!cut) {
                inlet.finish();
            }
        } catch (IOException failed) {
            failure = String.valueOf(failed.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            failure = "stopped";
        } finally {
            serving.releaseDatabase();
        }
        long took = around.time().nanos() - startNanos;
        boolean saved = failure == null && !cut;
        around.meters().snapshotReceived(install.from(), saved, took);
        if (saved) {
            around.meters().received(install.from(), bytes);
            around.log()
                    .info("successfully received and saved database snapshot [" + shown + ", db size: "
                            + Shown.bytes(bytes) + ", took: " + Shown.duration(took) + "]");
        }
        end(failure, cut);
    }

    /// All bytes up to the end; -1 when they were cut off.
    private long write(SnapshotInlet inlet) throws IOException, InterruptedException {
        long total = 0;
        while (true) {
            switch (parts.take()) {
                case Part.Bytes(ByteBuf bytes) -> {
                    int length = bytes.readableBytes();
                    try {
                        for (var piece : bytes.nioBuffers()) {
                            inlet.write(piece);
                        }
                    } finally {
                        bytes.release();
                        written(length);
                    }
                    total += length;
                }
                case Part.End _ -> {
                    return total;
                }
                case Part.Cut _ -> {
                    return -1;
                }
            }
        }
    }

    private void written(int length) {
        int left = waiting.addAndGet(-length);
        if (left < FEW_WAITING && left + length >= FEW_WAITING) {
            channel.eventLoop().execute(() -> channel.config().setAutoRead(true));
        }
    }

    /// Nothing more is taken; the sender is told how it went, if it is still there.
    private void end(@Nullable String failure, boolean cut) {
        channel.eventLoop().execute(() -> {
            ended = true;
            receiving = false;
            for (var part = parts.poll(); part != null; part = parts.poll()) {
                if (part instanceof Part.Bytes(ByteBuf bytes)) {
                    bytes.release();
                }
            }
            channel.config().setAutoRead(true);
            if (failure != null) {
                var line = "failed to save KV snapshot (" + failure + ")";
                around.log().error(line);
                answer.refuse(500, line);
            } else if (!cut) {
                answer.noContent();
            } else {
                around.log().warning("a database that was being received was cut off");
            }
        });
    }
}
