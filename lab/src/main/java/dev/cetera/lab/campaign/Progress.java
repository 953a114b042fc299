package dev.cetera.lab.campaign;

import java.io.Console;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Tells how far a campaign is: on a terminal one line below the others that is written again and again,
/// elsewhere the same as a line of its own now and then.
///
/// Guarded by itself; has a thread of its own.
final class Progress implements AutoCloseable {
    private final PrintStream out;
    private final boolean terminal;
    private final Thread thread;
    private Supplier<String> status = () -> "";
    private boolean drawn;

    private Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        long pause = terminal ? 500 : 15_000;
        this.thread = Thread.ofPlatform().name("progress").daemon().unstarted(() -> run(pause));
    }

    static Progress onStandardOutput() {
        var progress = new Progress(
                System.out,
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
        progress.thread.start();
        return progress;
    }

    /// What the status line shows from now on.
    synchronized void show(Supplier<String> newStatus) {
        status = newStatus;
    }

    private void run(long pauseMillis) {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(pauseMillis);
                draw();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void draw() {
        String line = status.get();
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            drawn = true;
        } else if (!line.isEmpty()) {
            out.println(line);
        }
        out.flush();
    }

    /// A line that stays.
    synchronized void say(String line) {
        erase();
        out.println(line);
        if (terminal) {
            draw();
        }
        out.flush();
    }

    private void erase() {
        if (drawn) {
            out.print("\r\u001b[K");
            drawn = false;
        }
    }

    /// Nothing more from here; the status line is gone.
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            erase();
            out.flush();
        }
    }
}
