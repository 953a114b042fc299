package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Member;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Troubles the network, one fault after the other, in a thread of its own until it is closed.
final class Weather implements AutoCloseable {
    private static final int MOST_CALM_MILLIS = 4000;

    private final Arena arena;
    private final Chronicle chronicle;
    private final Random random;
    private final List<Fault> faults;
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    /// @param random its own
    Weather(Arena arena, Chronicle chronicle, Random random, int electionMillis) {
        this.arena = arena;
        this.chronicle = chronicle;
        this.random = random;
        List<String> names =
                arena.cluster().members().stream().map(Member::name).toList();
        this.faults = new NetworkFaults(arena.network(), chronicle, names, random, electionMillis).all();
        this.thread = Thread.ofPlatform().name("weather").daemon().unstarted(this::run);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_CALM_MILLIS));
                happen(Fault.any(faults, random));
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private void happen(Fault fault) throws IOException, InterruptedException {
        arena.networkTurn().lockInterruptibly();
        try {
            chronicle.begins(fault.name());
            fault.deed().happen();
        } finally {
            chronicle.ends(fault.name());
            arena.networkTurn().unlock();
        }
    }

    /// Ends the fault of the moment, too: everything is fair again.
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        arena.network().heal();
        if (failure != null) {
            throw new IllegalStateException("no weather", failure);
        }
    }
}
