package dev.cetera.lab.sim;

/// Says how far it is: on a terminal by one line that is written anew, else by a line from time to time.
/// Guarded by itself.
final class SimProgress {
    private static final long ON_TERMINAL_NANOS = 200_000_000L;
    private static final long ELSEWHERE_NANOS = 10_000_000_000L;
    private static final String CLEAR = "\r\u001b[K";

    private final long seeds;
    private final boolean terminal;
    private final long started = System.nanoTime();
    private long shownAt = started;
    private long done;

    private SimProgress(long seeds, boolean terminal) {
        this.seeds = seeds;
        this.terminal = terminal;
    }

    static SimProgress start(long seeds, boolean terminal) {
        return new SimProgress(seeds, terminal);
    }

    double seconds() {
        return (System.nanoTime() - started) / 1e9;
    }

    /// One more seed is done.
    ///
    /// @param sum of all that are summed up
    synchronized void done(Report sum) {
        done++;
        long now = System.nanoTime();
        if (now - shownAt < (terminal ? ON_TERMINAL_NANOS : ELSEWHERE_NANOS)) {
            return;
        }
        shownAt = now;
        var line = "%d of %d seeds, %.1f a second, %d requests answered, %d faults, %d watch events"
                .formatted(
                        done,
                        seeds,
                        done / seconds(),
                        sum.of("outcomes", "answered"),
                        sum.all("faults"),
                        sum.of("watches", "events"));
        if (terminal) {
            System.out.print(CLEAR + line);
            System.out.flush();
        } else {
            System.out.println(line);
        }
    }

    synchronized void stop() {
        if (terminal) {
            System.out.print(CLEAR);
        }
    }
}
