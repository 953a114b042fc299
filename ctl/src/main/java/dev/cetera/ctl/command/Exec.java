package dev.cetera.ctl.command;

import dev.cetera.ctl.print.GoText;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Programs that commands start. They write where this one writes.
final class Exec {
    /// What Java adds to the number of a signal that ended a program.
    private static final int SIGNALED = 128;

    private Exec() {}

    /// As Go calls those that end programs.
    private static String signal(int number) {
        return switch (number) {
            case 1 -> "hangup";
            case 2 -> "interrupt";
            case 3 -> "quit";
            case 6 -> "aborted";
            case 9 -> "killed";
            case 11 -> "segmentation fault";
            case 13 -> "broken pipe";
            case 14 -> "alarm clock";
            case 15 -> "terminated";
            default -> "signal " + number;
        };
    }

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
            return code == 0 ? "" : code > SIGNALED ? "signal: " + signal(code - SIGNALED) : "exit status " + code;
        } catch (IOException e) {
            var program = command.getFirst();
            return program.contains("/")
                    ? "fork/exec " + program + ": no such file or directory"
                    : "exec: " + GoText.quoted(program) + ": executable file not found in $PATH";
        }
    }
}
