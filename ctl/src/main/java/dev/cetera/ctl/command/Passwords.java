package dev.cetera.ctl.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Asks for passwords: on the terminal, where they are not shown, or else from the input, a line each.
final class Passwords {
    private final Terminal terminal;

    Passwords(Terminal terminal) {
        this.terminal = terminal;
    }

    String ask(String prompt) throws IOException {
        var console = terminal.console().get();
        if (console.isPresent()) {
            var typed = console.get().readPassword("%s", prompt);
            return typed == null ? "" : new String(typed);
        }
        terminal.out().print(prompt);
        terminal.out().flush();
        var line = line(terminal.in());
        terminal.out().println();
        return line;
    }

    /// A new password, typed twice.
    String choose(String user) throws IOException, Failure {
        var password = ask("Password of " + user + ": ");
        if (password.isEmpty()) {
            throw Failure.badArguments("empty password");
        }
        if (!ask("Type password of " + user + " again for confirmation: ").equals(password)) {
            throw Failure.badArguments("given passwords are different.");
        }
        return password;
    }

    /// The first word of the input.
    String word() throws IOException {
        var line = line(terminal.in()).strip();
        int end = 0;
        while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
            end++;
        }
        return line.substring(0, end);
    }

    private static String line(InputStream in) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (int each = in.read(); each >= 0 && each != '\n'; each = in.read()) {
            bytes.write(each);
        }
        var line = bytes.toString(StandardCharsets.UTF_8);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}
