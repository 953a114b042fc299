package dev.cetera.lab.mutation;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Runs the simulation on a broken product, seed after seed, on all processors, until it is noticed. Guarded
/// by its own lock.
public final class Trial {
    /// What came of it.
    ///
    /// @param seed      the first one with the complaint that was to come, -1 for none
    /// @param complaint of that seed, or the first other one, if there was any
    /// @param others    seeds that made another complaint
    /// @param nanos     that it took
    public record Result(long seed, @Nullable String complaint, int others, long nanos) {
        public boolean isNoticed() {
            return seed >= 0;
        }
    }

    /// Of a thread's own time: no seed of the sound product takes a tenth of it.
    private static final long SEED_NANOS = 60_000_000_000L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /// A seed under way.
    ///
    /// @param since by its thread's own time
    private record Running(Thread thread, long since) {
        static Running here() {
            return new Running(Thread.currentThread(), THREADS.getCurrentThreadCpuTime());
        }

        boolean isOverdue() {
            return THREADS.getThreadCpuTime(thread.threadId()) - since > SEED_NANOS;
        }
    }

    private final BrokenProduct product;
    private final int members;
    private final int seeds;
    private final Pattern noticedBy;

    @GuardedBy("this")
    private final TreeMap<Integer, String> complaints = new TreeMap<>();

    @GuardedBy("this")
    private final TreeMap<Integer, Running> running = new TreeMap<>();

    @GuardedBy("this")
    private int next;

    @GuardedBy("this")
    private int first = Integer.MAX_VALUE;

    private Trial(BrokenProduct product, int members, int seeds, Pattern noticedBy) {
        this.product = product;
        this.members = members;
        this.seeds = seeds;
        this.noticedBy = noticedBy;
    }

    /// Tries a mutation.
    ///
    /// @param seeds at most
    /// @throws MutationException when it can't be carried out
    public static Result of(Mutation mutation, int seeds) throws InterruptedException {
        return run(mutation.edits(), mutation.members(), seeds, mutation.noticedBy());
    }

    /// Tries the product as it is: nothing is to be noticed.
    public static Result unchanged(int members, int seeds) throws InterruptedException {
        return run(List.of(), members, seeds, Pattern.compile(""));
    }

    private static Result run(List<Mutation.Edit> edits, int members, int seeds, Pattern noticedBy)
            throws InterruptedException {
        long began = System.nanoTime();
        var trial = new Trial(BrokenProduct.of(edits), members, seeds, noticedBy);
        for (int i = Runtime.getRuntime().availableProcessors(); i > 0; i--) {
            trial.startWorker();
        }
        trial.await();
        return trial.result(System.nanoTime() - began);
    }

    private void startWorker() {
        Thread.ofPlatform().daemon(true).name("seeds").start(() -> {
            for (int seed = take(); seed >= 0 && end(seed, complaint(seed)); seed = take()) {}
        });
    }

    private synchronized int take() {
        if (next >= Math.min(seeds, first)) {
            return -1;
        }
        running.put(next, Running.here());
        return next++;
    }

    private @Nullable String complaint(int seed) {
        try {
            product.simulate(seed, members);
            return null;
        } catch (AssertionError noticed) {
            // Without the replay instructions and the trace around it.
            var cause = noticed.getCause();
            return String.valueOf(cause == null ? noticed : cause);
        } catch (RuntimeException broken) {
            // Members so broken that clients or checkers can't make sense of them.
            return String.valueOf(broken);
        }
    }

    /// False when the seed was given up before.
    private synchronized boolean end(int seed, @Nullable String complaint) {
        if (running.remove(seed) == null) {
            return false;
        }
        if (complaint != null) {
            complaints.put(seed, complaint);
            if (noticedBy.matcher(complaint).find()) {
                first = Math.min(first, seed);
            }
        }
        notifyAll();
        return true;
    }

    /// Lower seeds than the one that noticed go on to their end, so that the result is the same each time.
    private synchronized void await() throws InterruptedException {
        while (next < Math.min(seeds, first) || !running.isEmpty()) {
            wait(1_000);
            for (var each : Map.copyOf(running).entrySet()) {
                if (each.getValue().isOverdue()) {
                    // Nothing stops a thread; it goes when the program ends. Another one takes its place.
                    end(each.getKey(), "seed " + each.getKey() + " does not end");
                    startWorker();
                }
            }
        }
    }

    private synchronized Result result(long nanos) {
        boolean noticed = first < seeds;
        var shown = noticed
                ? complaints.get(first)
                : complaints.isEmpty() ? null : complaints.firstEntry().getValue();
        return new Result(noticed ? first : -1, shown, complaints.size() - (noticed ? 1 : 0), nanos);
    }
}
