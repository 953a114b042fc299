package dev.cetera.ctl;

import dev.cetera.ctl.command.Terminal;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The program.
public final class Main {
    private static final int BUFFER_BYTES = 1 << 16;

    private Main() {}

    private static Optional<Console> console() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    public static void main(String[] arguments) {
        var out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                false,
                StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = new Ctl(new Terminal(System.in, out, err, System.getenv(), Main::console)).run(List.of(arguments));
        // Halt: connections have been closed, and nothing else needs a tidy end.
        Runtime.getRuntime().halt(code);
    }
}
