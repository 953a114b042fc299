package dev.cetera.lab.micro;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `bin/lab micro`: what one operation of a hot class costs.
@Command(
        name = "micro",
        sortOptions = false,
        usageHelpWidth = 110,
        description = {
            "Measures single operations of hot classes by themselves: processor time and memory each takes.",
            "The benches are the classes *Bench in the tests of raft, storage and state."
        },
        mixinStandardHelpOptions = true)
public final class MicroCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "REGEX", description = "Benches whose full name it is found in (all).")
    private List<String> regexes = new ArrayList<>();

    @Option(names = "--list", description = "Names the benches, and runs none.")
    private boolean list;

    @Option(
            names = "--forks",
            description = "Fresh JVMs for each bench, one after the other; 0 for this one (${DEFAULT-VALUE}).")
    private int forks = 1;

    @Option(names = "--warm-up", description = "Iterations before it counts (${DEFAULT-VALUE}).")
    private int warmUp = 3;

    @Option(names = "--iterations", description = "Iterations that count, in each JVM (${DEFAULT-VALUE}).")
    private int iterations = 5;

    @Option(names = "--seconds", description = "Length of an iteration (${DEFAULT-VALUE}).", paramLabel = "SECONDS")
    private double seconds = 1;

    @Option(names = "--log", paramLabel = "FILE", description = "Where all that JMH says goes (nowhere).")
    private @Nullable Path log;

    @Override
    public Integer call() throws IOException {
        var chosen = chosen();
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        if (list) {
            chosen.forEach(out::println);
            out.flush();
            return 0;
        }
        if (seconds <= 0 || iterations < 1 || warmUp < 0 || forks < 0) {
            throw wrong("--seconds and --iterations: expected more than 0, --warm-up and --forks at least 0");
        }
        var length = TimeValue.milliseconds(Math.max(1, Math.round(seconds * 1000)));
        var options = new OptionsBuilder()
                .forks(forks)
                .warmupIterations(warmUp)
                .warmupTime(length)
                .measurementIterations(iterations)
                .measurementTime(length)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        chosen.forEach(name -> options.include("^" + Pattern.quote(name) + "$"));
        try (var file = log == null ? OutputStream.nullOutputStream() : Files.newOutputStream(log)) {
            var results = new Runner(options.build(), new Table(out, words(file))).run();
            return results.size() == chosen.size() ? 0 : 1;
        } catch (RunnerException e) {
            throw new IOException(e.getMessage() + " (--log FILE tells more)", e);
        }
    }

    private static OutputFormat words(OutputStream to) {
        return OutputFormatFactory.createFormatInstance(
                new PrintStream(to, true, StandardCharsets.UTF_8), VerboseMode.NORMAL);
    }

    /// Full names, in order.
    private List<String> chosen() {
        try {
            var patterns = regexes.stream().map(Pattern::compile).toList();
            var all = BenchmarkList.defaultList().getAll(words(OutputStream.nullOutputStream()), List.of()).stream()
                    .map(BenchmarkListEntry::getUsername)
                    .sorted()
                    .toList();
            var chosen = all.stream()
                    .filter(name -> patterns.isEmpty()
                            || patterns.stream()
                                    .anyMatch(pattern -> pattern.matcher(name).find()))
                    .toList();
            if (chosen.isEmpty()) {
                throw wrong(String.join(" ", regexes) + ": expected a part of one of those that --list names");
            }
            return chosen;
        } catch (PatternSyntaxException e) {
            throw wrong(e.getPattern() + ": " + e.getDescription());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
