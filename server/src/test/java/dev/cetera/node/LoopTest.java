package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopTest {
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private final List<Loop<?>> started = new ArrayList<>();

    private <T> Loop<T> loop(String name, Loop.Work<T> work) {
        var loop = new Loop<T>(name, broken::set);
        loop.does(work);
        loop.start();
        started.add(loop);
        return loop;
    }

    @AfterEach
    void endsWell() throws Exception {
        for (var loop : started) {
            loop.stop();
        }
        assertThat(broken).hasNullValue();
    }

    @Test
    void nothingBroughtIsSleptOver() throws Exception {
        int each = 20_000;
        int threads = 3;
        var got = new AtomicInteger();
        var all = new CountDownLatch(each * threads);
        var loop = loop("taker", (List<Integer> batch) -> {
            got.addAndGet(batch.size());
            batch.forEach(_ -> all.countDown());
        });
        var bringers = new ArrayList<Thread>();
        for (int i = 0; i < threads; i++) {
            bringers.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; n < each; n++) {
                    loop.offer(n);
                    if (n % 50 == 0) {
                        LockSupport.parkNanos(1_000); // so that it comes to rest now and then
                    }
                }
            }));
        }
        for (var bringer : bringers) {
            bringer.join();
        }
        assertThat(all.await(30, TimeUnit.SECONDS))
                .as("%s of %s worked off", got, each * threads)
                .isTrue();
    }

    @Test
    void twoLoopsThatWakeEachOtherNeverBothSleep() throws Exception {
        int rounds = 20_000;
        var done = new CompletableFuture<Integer>();
        var there = new AtomicReference<Loop<Integer>>();
        var back = loop(
                "back", (List<Integer> batch) -> batch.forEach(n -> there.get().offer(n + 1)));
        there.set(loop(
                "there",
                (List<Integer> batch) -> batch.forEach(n -> {
                    if (n >= rounds) {
                        done.complete(n);
                    } else {
                        back.offer(n + 1);
                    }
                })));
        there.get().offer(0);
        assertThat(done.get(30, TimeUnit.SECONDS)).isEqualTo(rounds);
    }

    @Test
    void itemsComeInTheOrderInWhichAThreadBroughtThem() throws Exception {
        var got = new ArrayList<Integer>();
        var all = new CountDownLatch(1000);
        var loop = loop(
                "taker",
                (List<Integer> batch) -> batch.forEach(n -> {
                    got.add(n);
                    all.countDown();
                }));
        for (int n = 0; n < 1000; n++) {
            loop.offer(n);
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(got).isSorted().hasSize(1000);
    }

    @Test
    void aBatchThatTakesLongWakesOthersBeforeItsEnd() throws Exception {
        var woken = new CountDownLatch(1);
        var other = loop("other", (List<String> batch) -> woken.countDown());
        var awaited = new CompletableFuture<Boolean>();
        var busy = loop("busy", (List<String> batch) -> {
            other.offer("first");
            var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (!woken.await(1, TimeUnit.MILLISECONDS) && System.nanoTime() < end) {
                other.offer("again");
            }
            awaited.complete(woken.getCount() == 0);
        });
        busy.offer("go");
        assertThat(awaited.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aLoopCanStopAnotherThatRests() throws Exception {
        var resting = loop("resting", (List<String> batch) -> {});
        var stopped = new CompletableFuture<String>();
        var stopping = loop("stopping", (List<String> batch) -> {
            resting.stop();
            stopped.complete("stopped");
        });
        stopping.offer("go");
        assertThat(stopped.get(30, TimeUnit.SECONDS)).isEqualTo("stopped");
    }

    @Test
    void whatItsWorkThrowsEndsIt() throws Exception {
        var told = new CompletableFuture<Throwable>();
        var loop = new Loop<String>("breaking", told::complete);
        loop.does(batch -> {
            throw new IllegalStateException("broken by " + batch);
        });
        loop.start();
        loop.offer("this");
        assertThat(told.get(30, TimeUnit.SECONDS)).hasMessage("broken by [this]");
        loop.stop();
    }
}
