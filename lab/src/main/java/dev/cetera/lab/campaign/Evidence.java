package dev.cetera.lab.campaign;

import dev.cetera.lab.check.Transcript;
import dev.cetera.lab.check.Violation;
import dev.cetera.lab.history.History;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Writes down what shows that a promise was broken, beside what a round leaves anyway: the data directories
/// and logs of its members, and what happened when (`events.txt`).
///
/// - `broken.txt`: which promise, and where that was found;
/// - `history.txt`: all that the clients did and were told;
/// - `smallest.txt`: the part of it that still shows it.
record Evidence(Path directory) {
    void keep(Throwable broken, @Nullable History history) throws IOException {
        try (var out =
                new PrintWriter(Files.newBufferedWriter(directory.resolve("broken.txt"), StandardCharsets.UTF_8))) {
            broken.printStackTrace(out);
        }
        if (history != null) {
            keep(history);
        }
        if (broken instanceof Violation violation) {
            Files.writeString(
                    directory.resolve("smallest.txt"),
                    violation.getMessage() + "\n" + Transcript.of(violation.history()));
        }
    }

    void keep(History history) throws IOException {
        Files.writeString(directory.resolve("history.txt"), Transcript.of(history));
    }
}
