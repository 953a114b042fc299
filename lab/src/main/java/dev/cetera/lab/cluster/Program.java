package dev.cetera.lab.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A server program that takes etcd's flags.
///
/// @param command how it is started, flags follow
/// @param environment variables set for it beside the inherited ones
public record Program(String name, List<String> command, Map<String, String> environment) {
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

    /// The same with more variables set.
    public Program with(Map<String, String> more) {
        var all = new HashMap<>(environment);
        all.putAll(more);
        return new Program(name, command, all);
    }

    /// The folder that holds `bin/cetera`: the current one or the nearest above it.
    private static Path repository() {
        Path start = Path.of("").toAbsolutePath();
        for (Path dir = start; dir != null; dir = dir.getParent()) {
            if (Files.isExecutable(dir.resolve("bin/cetera"))) {
                return dir;
            }
        }
        throw new IllegalStateException("no bin/cetera in " + start + " or above");
    }
}
