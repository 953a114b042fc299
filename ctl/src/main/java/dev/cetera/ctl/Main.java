package dev.cetera.ctl;

import dev.cetera.ctl.command.Terminal;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The program.
public final class Main {
    /// Kept, since a logger that nobody holds forgets its level.
    private static final Logger LIBRARIES = Logger.getLogger("io.grpc");

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int USUAL_WIDTH = 80;

    private Main() {}

    private static Optional<Console> console() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    /// As the terminal's own driver has it, which Java does not tell.
    private static int width() {
        try {
            var asked = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var size = new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            int columns = Integer.parseInt(size.substring(size.indexOf(' ') + 1));
            return columns > 0 ? columns : USUAL_WIDTH;
        } catch (IOException | NumberFormatException e) {
            return USUAL_WIDTH; // no such program, or no such terminal: the bar may be too short or too long
        }
    }

    public static void main(String[] arguments) {
        // What libraries have to say of a connection is for whoever asks for it; the commands tell what failed.
        if (!List.of(arguments).contains("--debug")) {
            LIBRARIES.setLevel(Level.OFF);
        }
        var out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                false,
                StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        var terminal = new Terminal(System.in, out, err, System.getenv(), Main::console, Main::width);
        int code = new Ctl(terminal).run(List.of(arguments));
        // Halt: what commands had to give back they have, and nothing else needs a tidy end. The JVM waits up to 300 ms
        // for threads that are in native code, such as those that serve connections; they have ended.
        Runtime.getRuntime().halt(code);
    }
}
