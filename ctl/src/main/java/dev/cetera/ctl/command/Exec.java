package dev.cetera.ctl.command;

import dev.cetera.ctl.print.GoText;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Programs that commands start. They write where this one writes.
final class Exec {
    private Exec() {}

    /// Waits for it; the outcome is empty if it went well, or else `exit status 1` and the like.
    static String run(Session session, List<String> command, Map<String, String> more) throws InterruptedException {
        session.terminal().out().flush();
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(more);
        try {
            int code = builder.start().waitFor();
            return code == 0 ? "" : code > 128 ? "signal: " + (code - 128) : "exit status " + code;
        } catch (IOException e) {
            var program = command.getFirst();
            return program.contains("/")
                    ? "fork/exec " + program + ": no such file or directory"
                    : "exec: " + GoText.quoted(program) + ": executable file not found in $PATH";
        }
    }
}
