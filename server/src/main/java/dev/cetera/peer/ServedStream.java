package dev.cetera.peer;

import dev.cetera.raft.Message;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.util.concurrent.Future;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One request of another member for a stream, which this member answers for as long as the connection lives.
/// Messages wait in a queue bounded by number and by bytes, are encoded on the connection's event loop while
/// the socket takes them, and flushed when no more wait.
///
/// Shared by those who [#offer] and [#wake]; the rest is confined to the connection's event loop.
final class ServedStream {
    static final int QUEUE = 4096;

    /// Messages after which there is a flush though more wait.
    private static final int FLUSH_AFTER = QUEUE / 2;

    /// Small messages share a buffer of this size, and so a chunk of HTTP.
    private static final int BATCH_BYTES = 32 * 1024;

    /// What a message takes beside the data of its entries, more or less.
    private static final int MESSAGE_WEIGHT = 128;

    private static final int ENTRY_WEIGHT = 64;

    private final Channel channel;
    private final FrameWriter frames;
    private final long maxBytes;
    private final long heartbeatNanos;
    private final Queue<Message> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean awake = new AtomicBoolean();

    // ---- event loop only ----
    private @Nullable Sink sink;
    private @Nullable Future<?> heartbeats;

    /// Who is told what happens here.
    interface Sink {
        void written(long bytes);

        /// Once, and not after [ServedStream#close]: the connection is gone.
        void lost(String why);
    }

    /// @param maxBytes       of messages that wait
    /// @param heartbeatNanos between two signs of life
    ServedStream(Channel channel, StreamKind kind, long maxBytes, long heartbeatNanos) {
        this.channel = channel;
        this.frames = kind.writer();
        this.maxBytes = maxBytes;
        this.heartbeatNanos = heartbeatNanos;
    }

    /// From now on messages are written.
    void start(Sink newSink) {
        sink = newSink;
        heartbeats = channel.eventLoop()
                .scheduleAtFixedRate(this::heartbeat, heartbeatNanos, heartbeatNanos, TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(_ -> lost("the connection was closed"));
        drain();
    }

    /// False when there is no room. Nothing is written before [#wake].
    boolean offer(Message message) {
        long weight = weight(message);
        if (queued.incrementAndGet() > QUEUE) {
            queued.decrementAndGet();
            return false;
        }
        if (queuedBytes.addAndGet(weight) > maxBytes && queued.get() > 1) {
            queued.decrementAndGet();
            queuedBytes.addAndGet(-weight);
            return false;
        }
        queue.add(message);
        return true;
    }

    private static long weight(Message message) {
        long weight = MESSAGE_WEIGHT;
        switch (message) {
            case Message.Append append -> {
                for (var entry : append.entries()) {
                    weight += ENTRY_WEIGHT + entry.data().length;
                }
            }
            case Message.Propose propose -> {
                for (var payload : propose.payloads()) {
                    weight += ENTRY_WEIGHT + payload.data().length;
                }
            }
            default -> {}
        }
        return weight;
    }

    void wake() {
        if (queued.get() > 0 && awake.compareAndSet(false, true)) {
            channel.eventLoop().execute(this::drain);
        }
    }

    boolean hasQueued() {
        return queued.get() > 0;
    }

    /// Writes what waits, as far as the socket takes it. Called again when it takes more.
    void drain() {
        awake.set(false); // whoever offers from here on wakes again
        var to = sink;
        if (to == null || queue.isEmpty() || !channel.isWritable()) {
            return;
        }
        var batch = channel.alloc().directBuffer(BATCH_BYTES);
        int unflushed = 0;
        long written = 0;
        for (var message = queue.poll(); message != null; message = channel.isWritable() ? queue.poll() : null) {
            queued.decrementAndGet();
            queuedBytes.addAndGet(-weight(message));
            int size = frames.size(message);
            if (size > batch.writableBytes()) {
                write(batch);
                batch = channel.alloc().directBuffer(Math.max(size, BATCH_BYTES));
            }
            frames.write(message, batch);
            written += size;
            if (++unflushed > FLUSH_AFTER) {
                write(batch);
                batch = channel.alloc().directBuffer(BATCH_BYTES);
                channel.flush();
                unflushed = 0;
            }
        }
        write(batch);
        channel.flush();
        to.written(written);
    }

    private void write(ByteBuf batch) {
        if (batch.isReadable()) {
            var _ = channel.write(new DefaultHttpContent(batch));
        } else {
            batch.release();
        }
    }

    /// Unconditional, as in etcd; only what the socket doesn't take is not made longer by it.
    private void heartbeat() {
        if (channel.isWritable()) {
            var sign = channel.alloc().directBuffer(64);
            frames.heartbeat(sign);
            write(sign);
            channel.flush();
        }
    }

    private void lost(String why) {
        var to = sink;
        stop();
        if (to != null) {
            to.lost(why);
        }
    }

    private void stop() {
        sink = null;
        if (heartbeats != null) {
            heartbeats.cancel(false);
        }
    }

    /// From any thread: ends the stream without telling anybody.
    void close() {
        channel.eventLoop().execute(() -> {
            stop();
            var _ = channel.close();
        });
    }
}
