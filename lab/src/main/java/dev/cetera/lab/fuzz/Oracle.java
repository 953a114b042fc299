package dev.cetera.lab.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/// Has a target read an input and judges what it did. Confined to one thread, whose memory and time it
/// measures.
final class Oracle {
    /// What reading came to.
    sealed interface Verdict {
        /// Taken.
        ///
        /// @param shape as the reader calls it
        record Accepted(String shape) implements Verdict {}

        /// Refused, as it may be.
        ///
        /// @param shape the refusal without what is particular to the input
        record Refused(String shape) implements Verdict {}

        record Broken(Finding finding) implements Verdict {}
    }

    private static final int SHAPE_LENGTH = 80;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Lets classes be loaded, so that it counts for no input.
    ///
    /// @throws AssertionError when a seed is not accepted
    void warmUp(FuzzTarget target) {
        for (byte[] seed : target.seeds()) {
            if (!(read(target, seed) instanceof Verdict.Accepted)) {
                var verdict = read(target, seed);
                throw new AssertionError("a seed of " + target.name() + " is not accepted: " + verdict);
            }
        }
    }

    Verdict judge(FuzzTarget target, byte[] input) {
        long cpuBefore = THREADS.getCurrentThreadCpuTime();
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        var verdict = read(target, input.clone());
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        long millis = (THREADS.getCurrentThreadCpuTime() - cpuBefore) / 1_000_000;
        if (verdict instanceof Verdict.Broken) {
            return verdict;
        }
        long allowed = target.budget().forInput(input.length);
        if (allocated > allowed) {
            return new Verdict.Broken(Finding.memory(allocated, allowed, input.length));
        }
        if (millis > target.budget().millis()) {
            return new Verdict.Broken(Finding.slow(millis, input.length));
        }
        return verdict;
    }

    private static Verdict read(FuzzTarget target, byte[] input) {
        try {
            return new Verdict.Accepted(target.reader().read(input));
        } catch (Throwable thrown) { // whatever it is, it is a verdict
            return target.isRefusal(thrown)
                    ? new Verdict.Refused(shape(thrown))
                    : new Verdict.Broken(Finding.thrown(thrown));
        }
    }

    private static String shape(Throwable refusal) {
        var message = String.valueOf(refusal.getMessage())
                .replaceAll("\"[^\"]*\"|'[^']*'", "TEXT")
                .replaceAll("[^\\x20-\\x7e]", "?")
                .replaceAll("[0-9]+", "N");
        return refusal.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " "
                + message.substring(0, Math.min(SHAPE_LENGTH, message.length()));
    }
}
