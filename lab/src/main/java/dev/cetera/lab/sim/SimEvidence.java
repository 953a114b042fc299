package dev.cetera.lab.sim;

import dev.cetera.lab.check.Transcript;
import dev.cetera.lab.check.Violation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Puts what a failure leaves into files: what was noticed, how to replay it, all that happened, what clients
/// were told, the smallest history that still fails, and all disks.
final class SimEvidence {
    static final String COMPLAINT = "complaint.txt";
    static final String TRACE = "trace.txt";
    static final String HISTORY = "history.txt";
    static final String SMALLEST = "smallest-history.txt";
    static final String DISKS = "disks";

    private SimEvidence() {}

    /// Runs the seed once more, for the whole of its trace.
    ///
    /// @return the directory, below `parent`
    static Path write(SimulationFailure failure, Path parent) throws IOException {
        var directory = parent.resolve("seed-" + failure.seed() + "-members-" + failure.members());
        Files.createDirectories(directory);
        var remains = failure.remains();
        Files.writeString(directory.resolve(HISTORY), Transcript.of(remains.history()));
        if (failure.getCause() instanceof Violation violation) {
            Files.writeString(directory.resolve(SMALLEST), Transcript.of(violation.history()));
        }
        for (var disk : remains.disks().entrySet()) {
            for (var file : disk.getValue().files().entrySet()) {
                var target = directory
                        .resolve(DISKS)
                        .resolve(disk.getKey())
                        .resolve(Path.of("/").relativize(file.getKey()).toString());
                Files.createDirectories(target.getParent());
                Files.write(target, file.getValue());
            }
        }
        boolean same = replay(failure, directory.resolve(TRACE));
        try (var out = new PrintWriter(Files.newBufferedWriter(directory.resolve(COMPLAINT), StandardCharsets.UTF_8))) {
            out.println(failure.getMessage());
            out.printf("trace %016x%n", remains.traceHash());
            out.println("replay: " + SimulationFailure.replay(failure.seed(), failure.members()));
            out.println(same ? "a replay came to the same" : "a REPLAY CAME TO SOMETHING ELSE");
            failure.printStackTrace(out);
        }
        return directory;
    }

    /// Whether the same happens again.
    private static boolean replay(SimulationFailure failure, Path trace) throws IOException {
        try (var out = Files.newBufferedWriter(trace, StandardCharsets.UTF_8)) {
            ClusterSimulation.run(failure.seed(), failure.members(), failure.sabotage(), line -> {
                try {
                    out.write(line + "\n");
                } catch (IOException full) {
                    throw new UncheckedIOException(full);
                }
            });
            return false;
        } catch (SimulationFailure again) {
            return again.remains().traceHash() == failure.remains().traceHash();
        }
    }
}
