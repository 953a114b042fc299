package dev.cetera.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Between a watcher and a subscriber, by the rules of [Flow]. Confined to its serial executor.
final class WatchSubscription implements Flow.Subscription {
    private final Flow.Subscriber<? super WatchBatch> subscriber;
    private final Serial serial;
    private volatile @Nullable Watcher watcher;
    private volatile boolean canceled;
    private long demand;
    private boolean subscribed;
    private boolean ended;

    WatchSubscription(Flow.Subscriber<? super WatchBatch> subscriber, Executor executor) {
        this.subscriber = subscriber;
        this.serial = new Serial(executor);
    }

    void begin(Function<Runnable, Watcher> maker) {
        serial.execute(() -> {
            subscriber.onSubscribe(this);
            subscribed = true;
            if (!canceled) {
                watcher = maker.apply(() -> serial.execute(this::deliver));
                deliver();
            }
        });
    }

    @Override
    public void request(long count) {
        serial.execute(() -> {
            if (count <= 0) {
                fail(new IllegalArgumentException("a request for " + count));
                return;
            }
            demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
            deliver();
        });
    }

    @Override
    public void cancel() {
        canceled = true;
        serial.execute(this::release);
    }

    private void deliver() {
        var from = watcher;
        if (!subscribed || from == null || ended || canceled) {
            return;
        }
        var end = from.end();
        while (demand > 0 && !canceled) {
            var batch = from.poll();
            if (batch == null) {
                if (end != null) {
                    fail(end);
                }
                return;
            }
            demand--;
            try {
                subscriber.onNext(batch);
            } catch (RuntimeException | Error e) {
                canceled = true; // it must not throw: it is taken to want no more
                release();
                throw e;
            }
        }
    }

    private void fail(RuntimeException why) {
        if (!ended && !canceled) {
            ended = true;
            release();
            subscriber.onError(why);
        }
    }

    private void release() {
        ended = true;
        var from = watcher;
        if (from != null) {
            from.close();
        }
    }
}
