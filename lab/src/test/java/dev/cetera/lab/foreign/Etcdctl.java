package dev.cetera.lab.foreign;

import dev.cetera.lab.cluster.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Debian's etcdctl (3.4, API 3), one process a command.
///
/// Immutable.
final class Etcdctl {
    private static final long LIMIT_SECONDS = 60;

    private final Member member;
    private final Path directory;

    /// @param directory for what the commands print
    Etcdctl(Member member, Path directory) {
        this.member = member;
        this.directory = directory;
    }

    /// What a command left: both outputs stripped.
    record Answer(int code, String out, String err) {
        /// The last line on standard error: what scripts look at.
        String lastError() {
            return err.substring(err.lastIndexOf('\n') + 1);
        }
    }

    /// Standard output of a command that must succeed.
    String ok(String... arguments) throws IOException, InterruptedException {
        return okWithInput("", arguments);
    }

    String okWithInput(String input, String... arguments) throws IOException, InterruptedException {
        Answer answer = run(input, arguments);
        if (answer.code() != 0) {
            throw new AssertionError("etcdctl " + String.join(" ", arguments) + " ended with " + answer.code() + ": "
                    + answer.err() + "\nlog of the server:\n" + member.logTail());
        }
        return answer.out();
    }

    Answer run(String input, String... arguments) throws IOException, InterruptedException {
        Path in = Files.createTempFile(directory, "ctl-", ".in");
        Path out = Files.createTempFile(directory, "ctl-", ".out");
        Path err = Files.createTempFile(directory, "ctl-", ".err");
        Files.writeString(in, input);
        Process process = start(in, out, err, arguments);
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("etcdctl " + String.join(" ", arguments) + " ran for " + LIMIT_SECONDS + " s");
        }
        return new Answer(process.exitValue(), read(out), read(err));
    }

    /// A command that goes on by itself, its output in `out`.
    Process start(Path in, Path out, Path err, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("etcdctl", "--endpoints", member.endpoint()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("ETCDCTL_API", "3");
        return builder.start();
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8).strip();
    }
}
