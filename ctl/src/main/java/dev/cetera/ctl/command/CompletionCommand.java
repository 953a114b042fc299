package dev.cetera.ctl.command;

import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Completion;
import java.util.List;

/// Scripts with which shells complete command lines.
final class CompletionCommand {
    static final Command<Session> COMPLETION = Command.<Session>group(
            "completion <bash|zsh|fish>",
            "Prints a script for a shell that completes commands and flags",
            List.of(),
            List.of(
                    Command.of("bash", "Prints the script for bash", session -> print(session, all().bash())),
                    Command.of("zsh", "Prints the script for zsh", session -> print(session, all().zsh())),
                    Command.of("fish", "Prints the script for fish", session -> print(session, all().fish()))));

    private CompletionCommand() {}

    private static Completion all() {
        return new Completion(Commands.ROOT);
    }

    private static void print(Session session, String script) throws Failure {
        session.needs(session.words().isEmpty(), "completion takes the name of a shell and nothing else");
        session.terminal().out().print(script);
    }
}
