package dev.cetera.lab.proxy;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One direction of a [Line]. A reading thread fills a bounded queue, a writing one empties it under the
/// conditions of the moment; so a delay costs no throughput, and a way that is silent fills up and then holds
/// its sender, as the kernels' buffers would.
final class Way {
    private static final int PIECE = 16 << 10;

    /// 4 MiB of a connection are under way at most.
    private static final int PIECES = 256;

    /// Who speaks: the side that made the connection, or the other one.
    enum Direction {
        REQUESTS,
        RESPONSES
    }

    /// Bytes, and when they may arrive. Without bytes: the end of the stream.
    private record Piece(byte @Nullable [] bytes, long dueNanos) {}

    private final Network network;
    private final Line line;
    private final Socket source;
    private final Socket sink;
    private final Direction direction;
    private final BlockingQueue<Piece> underWay = new ArrayBlockingQueue<>(PIECES);
    private final Thread reader;
    private final Thread writer;
    private volatile boolean ended;

    // ---- reading thread only ----
    private final Sniffer sniffer = new Sniffer();
    private final boolean sniffs;
    private long lastDueNanos = System.nanoTime();

    // ---- writing thread only ----
    private long snapshotBytes;

    Way(Network network, Line line, Socket source, Socket sink, Direction direction) {
        this.network = network;
        this.line = line;
        this.source = source;
        this.sink = sink;
        this.direction = direction;
        this.sniffs = direction == Direction.REQUESTS && line.from().equals(Network.SOMEBODY);
        this.reader = Thread.ofVirtual().name("read " + direction).unstarted(this::read);
        this.writer = Thread.ofVirtual().name("write " + direction).unstarted(this::write);
    }

    void begin() {
        reader.start();
        writer.start();
    }

    /// Who speaks on it.
    String from() {
        return direction == Direction.REQUESTS ? line.from() : line.to();
    }

    /// Who is spoken to.
    String to() {
        return direction == Direction.REQUESTS ? line.to() : line.from();
    }

    boolean ended() {
        return ended;
    }

    void interrupt() {
        reader.interrupt();
        writer.interrupt();
    }

    private void read() {
        try {
            var in = source.getInputStream();
            byte[] buffer = new byte[PIECE];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (sniffs) {
                    sniff(buffer, n);
                }
                underWay.put(new Piece(Arrays.copyOf(buffer, n), due()));
            }
            underWay.put(new Piece(null, due()));
        } catch (IOException brokenOff) {
            line.reset();
        } catch (InterruptedException lineEnded) {
            Thread.currentThread().interrupt();
        }
    }

    private void sniff(byte[] bytes, int length) {
        sniffer.take(bytes, length);
        String identity = sniffer.newIdentity();
        if (identity != null) {
            line.isFrom(identity);
        }
        if (sniffer.snapshotBegun()) {
            network.snapshotBegins(line.to());
        }
    }

    private long due() {
        Conditions now = network.now(from(), to());
        long jitter = now.jitterNanos() == 0 ? 0 : ThreadLocalRandom.current().nextLong(now.jitterNanos());
        long due = System.nanoTime() + now.delayNanos() + jitter;
        lastDueNanos = due - lastDueNanos > 0 ? due : lastDueNanos;
        return lastDueNanos;
    }

    private void write() {
        try {
            var out = sink.getOutputStream();
            for (Piece piece = underWay.take(); ; piece = underWay.take()) {
                sleepUntil(piece.dueNanos());
                Conditions now = network.awaitOpen(line, this);
                byte[] bytes = piece.bytes();
                if (bytes == null) {
                    sink.shutdownOutput();
                    ended = true;
                    line.wayEnded();
                    return;
                }
                if (now.passage() == Conditions.Passage.REFUSED || breaksSnapshot(now, bytes.length)) {
                    line.reset();
                    return;
                }
                out.write(bytes);
                if (now.bytesPerSecond() != Long.MAX_VALUE) {
                    TimeUnit.NANOSECONDS.sleep(bytes.length * 1_000_000_000L / now.bytesPerSecond());
                }
            }
        } catch (IOException brokenOff) {
            line.reset();
        } catch (InterruptedException lineEnded) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean breaksSnapshot(Conditions now, int length) {
        if (!sniffer.carriesSnapshot()) {
            return false;
        }
        snapshotBytes += length;
        boolean breaks = snapshotBytes > now.snapshotBytes();
        if (breaks) {
            network.snapshotBroken();
        }
        return breaks;
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }
}
