package dev.cetera.lab.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/// A server program that takes etcd's flags.
///
/// @param command how it is started, flags follow
/// @param environment variables set for it beside the inherited ones
public record Program(String name, List<String> command, Map<String, String> environment) {
    private static final Pattern VERSION = Pattern.compile("etcd Version: (\\d+\\.\\d+\\.\\d+)");

    public Program {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /// The `bin/cetera` of this repository, built first when its sources are newer.
    public static Program cetera() {
        return new Program("cetera", List.of(repository().resolve("bin/cetera").toString()), Map.of());
    }

    /// The `etcd` of the path: Debian's 3.4.
    public static Program etcd() {
        return new Program("etcd", List.of("etcd"), Map.of());
    }

    /// "cetera", "etcd", or the path of a program that takes etcd's flags.
    public static Program named(String name) {
        return switch (name) {
            case "cetera" -> cetera();
            case "etcd" -> etcd();
            default -> new Program(name, List.of(name), Map.of());
        };
    }

    /// What the tests try: `bin/cetera` as the running Maven build made it, or what the system property
    /// `cetera.server` [names][#named] instead.
    public static Program underTest() {
        Program program = named(System.getProperty("cetera.server", "cetera"));
        // A build started from inside a build would rewrite the jars that this very process runs on.
        return new Program(program.name(), program.command(), Map.of("CETERA_BUILD", "never"));
    }

    /// Real etcds of other versions than the path's: one for each folder, separated by colons, that the
    /// variable `CETERA_ETCD_BINARIES` names. Each folder holds an `etcd`. Empty where the variable is not
    /// set.
    public static List<Program> moreEtcds() {
        String folders = Objects.requireNonNullElse(System.getenv("CETERA_ETCD_BINARIES"), "");
        var found = new ArrayList<Program>();
        for (String folder : folders.split(File.pathSeparator, -1)) {
            if (!folder.isBlank()) {
                Path binary = Path.of(folder).resolve("etcd");
                if (!Files.isExecutable(binary)) {
                    throw new IllegalArgumentException(
                            "CETERA_ETCD_BINARIES=" + folders + ": expected a program " + binary);
                }
                Program program = named(binary.toString());
                found.add(new Program("etcd-" + program.version(), program.command(), Map.of()));
            }
        }
        return found;
    }

    /// Version of the server, x.y.z, as the program itself says.
    public String version() {
        try {
            var asked = new ArrayList<>(command);
            asked.add("--version");
            var builder = new ProcessBuilder(asked).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            var version = VERSION.matcher(said);
            if (!version.find()) {
                throw new IllegalStateException(name + " --version says: " + said);
            }
            return version.group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same with more variables set.
    public Program with(Map<String, String> more) {
        var all = new HashMap<>(environment);
        all.putAll(more);
        return new Program(name, command, all);
    }

    /// The folder that holds `bin/cetera`: the one that `bin/lab` names, else the current one or the nearest
    /// above it.
    private static Path repository() {
        Path start = Path.of(System.getProperty("cetera.root", "")).toAbsolutePath();
        for (Path dir = start; dir != null; dir = dir.getParent()) {
            if (Files.isExecutable(dir.resolve("bin/cetera"))) {
                return dir;
            }
        }
        throw new IllegalStateException("no bin/cetera in " + start + " or above");
    }
}
