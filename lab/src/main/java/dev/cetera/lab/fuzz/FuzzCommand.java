package dev.cetera.lab.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bin/lab fuzz`.
@Command(
        name = "fuzz",
        description = "Feeds everything that reads bytes from outside with bytes that nobody should send, guided by the"
                + " code that they reach, and keeps the inputs that show bugs.",
        mixinStandardHelpOptions = true)
public final class FuzzCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--target", description = "The only reader to fuzz (default: one after the other of all).")
    private @Nullable String target;

    @Option(names = "--minutes", description = "How long in all, shared by the targets (default: ${DEFAULT-VALUE}).")
    private double minutes = 10;

    @Option(names = "--seed", description = "Of the random numbers (default: a random one).")
    private @Nullable Long seed;

    @Option(names = "--evidence", description = "Where inputs that show bugs are kept (default: ${DEFAULT-VALUE}).")
    private Path evidence = Path.of("fuzz-evidence");

    @Option(names = "--corpus", description = "A folder with one folder of further inputs to begin with per target.")
    private @Nullable Path corpus;

    @Option(names = "--replay", description = "Reads this file by --target once, and says what came of it.")
    private @Nullable Path replay;

    @Option(names = "--list", description = "Names the targets.")
    private boolean list;

    @Override
    public Integer call() throws ReflectiveOperationException, IOException {
        // Readers may log each thing that they refuse.
        Logger.getLogger("").setLevel(Level.OFF);
        if (list) {
            Targets.names().forEach(System.out::println);
            return 0;
        }
        if (target != null && !Targets.names().contains(target)) {
            throw wrong("--target=" + target + " is none of " + Targets.names());
        }
        if (!(minutes > 0)) {
            throw wrong("--minutes=" + minutes + " is not positive");
        }
        if (replay != null) {
            return replay(replay);
        }
        long first = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        System.out.println("seed " + first);
        int bugs = 0;
        var names = target != null ? List.of(target) : Targets.names();
        for (var name : names) {
            var arguments = new ArrayList<>(List.of(
                    name,
                    Long.toString((long) (minutes * 60_000 / names.size())),
                    Long.toString(first),
                    evidence.toString()));
            if (corpus != null && Files.isDirectory(corpus.resolve(name))) {
                arguments.add(corpus.resolve(name).toString());
            }
            bugs += hunt(arguments);
        }
        System.out.println(bugs == 0 ? "no bugs found" : bugs + " bugs found, see " + evidence);
        return bugs == 0 ? 0 : 1;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(java.util.Objects.requireNonNull(spec).commandLine(), message);
    }

    /// In a world of classes of its own for each target, so that one's static state is not the other's.
    @SuppressWarnings("unchecked") // the class is loaded by another loader, but what it implements is the JDK's
    private static int hunt(List<String> arguments) throws ReflectiveOperationException {
        var loader = new InstrumentedClasses(FuzzCommand.class.getClassLoader());
        var hunter = loader.loadClass(LongHunt.class.getName()).getDeclaredConstructor();
        hunter.setAccessible(true);
        return ((ToIntFunction<List<String>>) hunter.newInstance()).applyAsInt(arguments);
    }

    private int replay(Path input) throws IOException {
        if (target == null) {
            throw wrong("--replay needs --target");
        }
        var reader = Targets.named(target);
        var oracle = new Oracle();
        oracle.warmUp(reader);
        var verdict = oracle.judge(reader, Files.readAllBytes(input));
        System.out.println(verdict);
        return verdict instanceof Oracle.Verdict.Broken ? 1 : 0;
    }
}
