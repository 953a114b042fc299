package dev.cetera.lab.foreign;

import dev.cetera.ctl.Ctl;
import dev.cetera.ctl.command.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Gives command lines to Debian's etcdctl, a process each, and to ceteractl, within this one.
///
/// Confined to its test's thread.
final class CommandLines {
    private static final long LIMIT_SECONDS = 60;
    private static final int WIDTH = 80;

    private final String endpoint;
    private final Path directory;

    /// @param directory for what the processes print
    CommandLines(String endpoint, Path directory) {
        this.endpoint = endpoint;
        this.directory = directory;
    }

    /// One line: words with blanks between them, `''` for an empty one; and what is typed.
    record Line(String words, String input) {
        static Line of(String words) {
            return new Line(words, "");
        }

        /// One of each line of a text.
        static List<Line> all(String text) {
            return text.lines().map(Line::of).toList();
        }

        Line in(String format) {
            return format.isEmpty() ? this : new Line(words + " -w " + format, input);
        }
    }

    /// What it came to. Bytes that are no text stay apart, as characters of their own.
    record Result(int code, String out, String err) {}

    private List<String> arguments(Line line) {
        var all = new ArrayList<String>();
        all.add("--endpoints=" + endpoint);
        Arrays.stream(line.words().split(" ", -1))
                .map(word -> word.equals("''") ? "" : word)
                .forEach(all::add);
        return all;
    }

    Result ceteractl(Line line) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal = new Terminal(
                new ByteArrayInputStream(line.input().getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("ETCDCTL_API", "3"),
                Optional::empty,
                () -> WIDTH);
        int code = new Ctl(terminal).run(arguments(line));
        return new Result(code, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8));
    }

    Result etcdctl(Line line) throws IOException, InterruptedException {
        return process(List.of("etcdctl"), Map.of("ETCDCTL_API", "3"), line);
    }

    /// @param program words that the line's follow
    Result process(List<String> program, Map<String, String> environment, Line line)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(program);
        command.addAll(arguments(line));
        var out = Files.createTempFile(directory, "line-", ".out");
        var err = Files.createTempFile(directory, "line-", ".err");
        var in = Files.writeString(Files.createTempFile(directory, "line-", ".in"), line.input());
        var builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(line + " ran for " + LIMIT_SECONDS + " s");
        }
        return new Result(
                process.exitValue(),
                Files.readString(out, StandardCharsets.ISO_8859_1),
                withoutLog(Files.readString(err, StandardCharsets.UTF_8)));
    }

    /// Since 3.4 etcdctl's client logs on standard error, line by line in JSON; 3.3's did not.
    private static String withoutLog(String text) {
        return text.replaceAll("(?m)^\\{\"level\":.*\\R", "");
    }
}
