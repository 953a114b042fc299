package dev.cetera.ctl.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients that write random keys, each one request after the other.
///
/// @param clients how many write at the same time
/// @param keyBytes length of a key behind its prefix
public record Writers(int clients, ByteString prefix, int keyBytes, Samples samples, Put put) {
    /// Writes one key. Any thread.
    public interface Put {
        /// Waits until it is written.
        ///
        /// @throws RuntimeException if it fails; the message tells why
        void put(ByteString key);
    }

    /// Writes as fast as `pace` says, until it ends.
    public void atPace(Pace pace) throws InterruptedException {
        run(() -> {
            for (var due = pace.next(System.nanoTime()); due.isPresent(); due = pace.next(System.nanoTime())) {
                long early = due.getAsLong() - System.nanoTime();
                if (early > 0) {
                    Thread.sleep(Duration.ofNanos(early));
                }
                one();
            }
        });
    }

    /// Writes so many keys as fast as it goes.
    ///
    /// @param each told of every one
    public void all(int count, Runnable each) throws InterruptedException {
        var left = new AtomicInteger(count);
        run(() -> {
            while (left.getAndDecrement() > 0) {
                one();
                each.run();
            }
        });
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private void run(Work work) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> {
                try {
                    work.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
    }

    private void one() {
        var key = key();
        long begun = System.nanoTime();
        try {
            put.put(key);
            samples.done(System.nanoTime() - begun);
        } catch (RuntimeException e) {
            samples.failed(String.valueOf(e.getMessage()));
        }
    }

    /// A random number as a varint, filled up with zeros.
    private ByteString key() {
        var key = new byte[keyBytes];
        try {
            CodedOutputStream.newInstance(key)
                    .writeSInt64NoTag(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it has room
        }
        return prefix.concat(ByteString.copyFrom(key));
    }
}
