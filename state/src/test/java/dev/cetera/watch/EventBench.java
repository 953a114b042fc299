package dev.cetera.watch;

import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Events of puts of 8-byte keys with 256-byte values: encoded, kept, and written to who watches. An operation
/// is one event.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventBench {
    static final int BATCH = 100;

    private final KeyValue before = KeyValue.put(new byte[8], 5_000_000, 6_000_000, 2, new byte[256], 0);
    private final KeyValue after = KeyValue.put(new byte[8], 5_000_000, 7_000_000, 3, new byte[256], 0);
    private final List<Event> changed = List.of(new Event(Event.Type.PUT, after));
    private final EventRing ring = new EventRing(0);
    private final Past past = new MemoryStore();
    private final Sink sink = new Sink();
    private final Events page;
    private long revision;

    public EventBench() {
        var events = new ArrayList<EncodedEvent>();
        for (int i = 0; i < BATCH; i++) {
            events.add(EncodedEvent.of(Event.Type.PUT, after, null));
        }
        page = new Events(events);
    }

    /// By the applier, for every revision.
    @Benchmark
    public long append() {
        ring.append(new Changes(++revision, changed));
        return ring.newest();
    }

    /// The same, with what the first watcher that it is for makes of it; the others find it made.
    @Benchmark
    public long appendAndEncode() throws IOException {
        ring.append(new Changes(++revision, changed));
        var batch = ring.get(revision);
        return batch == null
                ? 0
                : batch.changes().getFirst().encoded(View.ALL, past).size();
    }

    @Benchmark
    public EncodedEvent encode() {
        return EncodedEvent.of(Event.Type.PUT, after, null);
    }

    @Benchmark
    public EncodedEvent encodeWithPrevious() {
        return EncodedEvent.of(Event.Type.PUT, after, before);
    }

    /// What each watcher costs beside its stream.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long write() throws IOException {
        page.writeTo(sink);
        return sink.bytes;
    }

    /// Takes bytes as a frame would: with a copy.
    private static final class Sink extends OutputStream {
        private final byte[] frame = new byte[64 << 10];
        private int at;
        private long bytes;

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            if (at + length > frame.length) {
                at = 0;
            }
            System.arraycopy(from, offset, frame, at, length);
            at += length;
            bytes += length;
        }
    }
}
