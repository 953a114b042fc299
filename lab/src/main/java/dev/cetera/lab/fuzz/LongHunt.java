package dev.cetera.lab.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// One target's part of the long mode, loaded by [InstrumentedClasses]: a thread that hunts, and one that
/// tells how it goes and notices when an input is not done with after half a minute.
final class LongHunt implements ToIntFunction<List<String>> {
    private static final long PROGRESS_MILLIS = 5_000;
    private static final long HANG_MILLIS = 30_000;

    private volatile byte[] current = {};
    private volatile long since;
    private volatile boolean done;
    private volatile String progress = "";
    private volatile @Nullable Throwable failure;
    private final AtomicInteger bugs = new AtomicInteger();

    /// @param arguments target, milliseconds, seed, folder for evidence and, if there is one, of a corpus
    /// @return bugs found
    @Override
    public int applyAsInt(List<String> arguments) {
        var name = arguments.getFirst();
        long millis = Long.parseLong(arguments.get(1));
        var evidence = Path.of(arguments.get(3)).resolve(name);
        var thread = Thread.ofPlatform().daemon().name("fuzz-" + name).start(() -> {
            try {
                hunt(
                        name,
                        millis,
                        Long.parseLong(arguments.get(2)),
                        evidence,
                        arguments.size() > 4 ? Path.of(arguments.get(4)) : null);
            } catch (Throwable thrown) { // told to the other thread
                failure = thrown;
            } finally {
                done = true;
            }
        });
        watch(name, thread, evidence);
        if (failure != null) {
            throw new IllegalStateException("the hunt itself failed", failure);
        }
        return bugs.get();
    }

    private void watch(String name, Thread thread, Path evidence) {
        long next = now() + PROGRESS_MILLIS;
        while (!done) {
            try {
                thread.join(200);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
            if (now() > next) {
                next += PROGRESS_MILLIS;
                System.out.println(name + ": " + progress);
            }
            if (since != 0 && now() - since > HANG_MILLIS) {
                var text = new StringBuilder("does not end:\n");
                for (var frame : thread.getStackTrace()) {
                    text.append("    at ").append(frame).append('\n');
                }
                bugs.incrementAndGet();
                keep(name, new Hunt.Found(new Finding("hang", text.toString()), current), current, evidence);
                // The thread can't be stopped, so neither this target nor its classes are of further use.
                return;
            }
        }
        System.out.println(name + ": " + progress);
    }

    private void hunt(String name, long millis, long seed, Path evidence, @Nullable Path corpus) throws IOException {
        long end = now() + millis;
        Coverage.forget();
        var hunt = new Hunt(Targets.named(name), new Random(seed), Coverage::begin, Coverage::foundMore, this::begin);
        if (corpus != null) {
            try (var files = Files.list(corpus)) {
                for (var file : files.sorted().toList()) {
                    report(name, hunt, hunt.take(Files.readAllBytes(file)), evidence);
                }
            }
        }
        while (now() < end) {
            report(name, hunt, hunt.step(), evidence);
            since = 0;
            progress = "%,d inputs, %,d accepted, pool of %,d, %,d places reached, %d bugs"
                    .formatted(hunt.inputs(), hunt.accepted(), hunt.poolSize(), Coverage.reached(), hunt.bugs());
        }
    }

    private void begin(byte[] input) {
        current = input;
        since = now();
    }

    private void report(String name, Hunt hunt, Hunt.@Nullable Found found, Path evidence) {
        if (found != null) {
            bugs.incrementAndGet();
            keep(name, found, hunt.minimized(found), evidence);
        }
    }

    private static void keep(String name, Hunt.Found found, byte[] small, Path evidence) {
        var kind = found.finding().kind();
        var file = evidence.resolve(kind.replaceAll("[^A-Za-z0-9.]+", "-"));
        try {
            Files.createDirectories(evidence);
            Files.write(file, small);
            Files.write(file.resolveSibling(file.getFileName() + ".original"), found.input());
            Files.writeString(
                    file.resolveSibling(file.getFileName() + ".txt"),
                    kind + "\n" + found.finding().text());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        System.out.println("BUG " + name + ": " + kind + " (" + small.length + " bytes)");
        Objects.requireNonNull(found.finding().text())
                .lines()
                .limit(12)
                .forEach(line -> System.out.println("    " + line));
        System.out.println("  replay: bin/lab fuzz --target " + name + " --replay " + file);
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
