package dev.cetera.logs;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/// Writes records on a thread of its own, "log", so that a slow terminal or a full pipe stalls nobody who
/// logs. When the queue is full the record is dropped and counted; the next line that gets through says how
/// many. Shared.
final class LineWriter extends Handler {
    /// Enough for the burst of a start or an election; at a hundred bytes a line under a megabyte.
    private static final int QUEUE = 8192;

    private sealed interface Item {
        record Line(LogRecord record) implements Item {}

        record Flush(CountDownLatch done) implements Item {}
    }

    private final PrintStream out;
    private final Formatter format;
    private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(QUEUE);
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;

    LineWriter(OutputStream out, Formatter format) {
        this.out = new PrintStream(out, false, java.nio.charset.StandardCharsets.UTF_8);
        this.format = format;
        this.thread = Thread.ofPlatform().name("log").daemon(true).start(this::work);
    }

    @Override
    public void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        if (!queue.offer(new Item.Line(record))) {
            dropped.increment();
        }
    }

    /// Waits until what was logged before has been written, at most two seconds.
    @Override
    public void flush() {
        if (Thread.currentThread() == thread) {
            return;
        }
        var done = new CountDownLatch(1);
        try {
            if (queue.offer(new Item.Flush(done), 1, TimeUnit.SECONDS)) {
                boolean _ = done.await(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        flush();
    }

    private void work() {
        var batch = new ArrayList<Item>();
        while (true) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException stopped) {
                return; // nobody interrupts it but the end of the process
            }
            queue.drainTo(batch);
            var text = new StringBuilder();
            var flushes = new ArrayList<CountDownLatch>();
            for (var item : batch) {
                switch (item) {
                    case Item.Line(var record) -> text.append(format.format(record));
                    case Item.Flush(var done) -> flushes.add(done);
                }
            }
            batch.clear();
            long lost = dropped.sumThenReset();
            if (lost > 0) {
                var record = new LogRecord(
                        LogLevel.WARNING.level(), lost + " log lines were dropped, the reader is too slow");
                record.setLoggerName("log");
                text.append(format.format(record));
            }
            out.append(text);
            out.flush();
            flushes.forEach(CountDownLatch::countDown);
        }
    }
}
