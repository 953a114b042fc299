package dev.cetera.testkit;

/// Runs a randomised test body over many seeds. A failure names its seed; `-Dtest.seed=N` runs that one alone.
public final class Seeds {
    private Seeds() {}

    /// What a test does with one seed.
    @FunctionalInterface
    public interface Body {
        void run(long seed) throws Exception;
    }

    /// Runs `body` with the seeds 0 to `count` - 1, or only with the one that the system property `test.seed`
    /// names.
    public static void forEach(long count, Body body) {
        Long only = Long.getLong("test.seed");
        long first = only != null ? only : 0;
        long end = only != null ? only + 1 : count;
        for (long seed = first; seed < end; seed++) {
            try {
                body.run(seed);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " (replay: -Dtest.seed=" + seed + "): " + e.getMessage(), e);
            }
        }
    }
}
