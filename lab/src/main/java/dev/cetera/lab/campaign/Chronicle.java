package dev.cetera.lab.campaign;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What happened to the cluster of one round, and when; also as a file, beside the logs of the members.
///
/// Guarded by itself.
final class Chronicle implements AutoCloseable {
    private final long beginNanos;
    private final PrintWriter file;
    private final Consumer<String> say;
    private final Map<String, Integer> faults = new TreeMap<>();
    private final Set<String> current = new HashSet<>();

    /// @param beginNanos moment from which on times count, of [System#nanoTime]
    Chronicle(Path file, long beginNanos, Consumer<String> say) throws IOException {
        this.file = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
        this.beginNanos = beginNanos;
        this.say = say;
    }

    /// A fault's own words: what it does to whom.
    synchronized void note(String what) {
        String line = String.format(Locale.ROOT, "%8.2f s  %s", (System.nanoTime() - beginNanos) / 1e9, what);
        file.println(line);
        file.flush();
        say.accept(line);
    }

    synchronized void begins(String fault) {
        faults.merge(fault, 1, Integer::sum);
        current.add(fault);
    }

    synchronized void ends(String fault) {
        current.remove(fault);
    }

    /// What goes wrong just now.
    synchronized String current() {
        return String.join(" + ", current);
    }

    /// How often which fault happened.
    synchronized Map<String, Integer> faults() {
        return Map.copyOf(faults);
    }

    @Override
    public synchronized void close() {
        file.close();
    }
}
