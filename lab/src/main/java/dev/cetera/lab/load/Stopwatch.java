package dev.cetera.lab.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// How long something takes; and waiting for as long as was asked for.
final class Stopwatch {
    private Stopwatch() {}

    /// Something that takes its time.
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    /// Waits.
    static void pass(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.round(seconds * 1e9));
    }

    static double seconds(Step step) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        step.run();
        return (System.nanoTime() - begin) / 1e9;
    }
}
