package dev.cetera.ctl.command;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// What a run sees of the process that it is in: its streams and its environment.
///
/// @param console where passwords are typed; if there is none they are read from `in`
/// @param width of the terminal, in characters
public record Terminal(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Supplier<Optional<Console>> console,
        IntSupplier width) {
    public Terminal {
        environment = Map.copyOf(environment);
    }
}
