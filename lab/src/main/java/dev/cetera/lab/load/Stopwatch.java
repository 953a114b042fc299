package dev.cetera.lab.load;

import java.io.IOException;

/// How long something takes.
final class Stopwatch {
    private Stopwatch() {}

    /// Something that takes its time.
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    static double seconds(Step step) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        step.run();
        return (System.nanoTime() - begin) / 1e9;
    }
}
