package dev.cetera.ctl;

import dev.cetera.client.EtcdException;
import dev.cetera.ctl.command.Commands;
import dev.cetera.ctl.command.Exit;
import dev.cetera.ctl.command.Failure;
import dev.cetera.ctl.command.GlobalFlags;
import dev.cetera.ctl.command.Session;
import dev.cetera.ctl.command.Terminal;
import dev.cetera.ctl.command.VersionCommand;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.line.Help;
import dev.cetera.ctl.line.UsageException;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// One run of the program.
public final class Ctl {
    private static final DateTimeFormatter LOGGED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    private final Terminal terminal;

    public Ctl(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Does what the line says, and returns the exit code.
    public int run(List<String> arguments) {
        try {
            return runUnflushed(arguments);
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    private int runUnflushed(List<String> arguments) {
        var api = terminal.environment().getOrDefault("ETCDCTL_API", "");
        if (!api.isEmpty() && !api.equals("3")) {
            terminal.err().println("unsupported API version " + api);
            if (api.equals("2")) {
                terminal.err()
                        .println("(" + Commands.PROGRAM + " has the commands of v3 alone; those of v2 are etcdctl's."
                                + " Unset ETCDCTL_API or set it to 3.)");
            }
            return Exit.ERROR.code();
        }
        CommandLine<Session> line;
        try {
            line = CommandLine.read(Commands.ROOT, arguments);
        } catch (CommandLine.NoSuchCommandException e) {
            e.explained(Commands.PROGRAM).forEach(terminal.err()::println);
            return Exit.ERROR.code();
        } catch (UsageException e) {
            return badUsage(arguments, e);
        }
        if (line.asks() == CommandLine.Asks.HELP) {
            page(line.command(), Help.Shown.WHEN_ASKED_FOR);
            return Exit.SUCCESS.code();
        }
        if (line.command() == Commands.HELP) {
            return help(line.words());
        }
        var action = line.command().action();
        if (action == null) {
            boolean bare = arguments.stream().noneMatch(each -> each.startsWith("-"));
            page(line.command(), bare ? Help.Shown.INSTEAD_OF_A_COMMAND : Help.Shown.WHEN_ASKED_FOR);
            return Exit.SUCCESS.code();
        }
        return act(action, line, arguments);
    }

    private int act(Command.Action<Session> action, CommandLine<Session> line, List<String> arguments) {
        try (var session = new Session(line, arguments, terminal)) {
            GlobalFlags.fromEnvironment(line.flags(), terminal.environment(), this::warn);
            try {
                action.run(session);
                return Exit.SUCCESS.code();
            } catch (Failure e) {
                return explained(e, session);
            } catch (EtcdException e) {
                return explained(new Failure(Exit.ERROR, RpcException.told(e)), session);
            }
        } catch (IOException e) {
            return failed(new Failure(Exit.IO, e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.INTERRUPTED.code();
        } catch (Exception e) {
            return failed(new Failure(Exit.ERROR, e.toString()));
        }
    }

    /// Scripts look for the error in the last line; what may be the reason stands before it.
    private int explained(Failure failure, Session session) throws InterruptedException {
        if (!failure.isTold()) {
            var troubles = session.troubles(failure);
            terminal.out().flush();
            troubles.forEach(terminal.err()::println);
        }
        return failed(failure);
    }

    private int failed(Failure failure) {
        terminal.out().flush();
        if (!failure.isTold()) {
            terminal.err().println("Error: " + failure.getMessage());
        }
        return failure.exit().code();
    }

    private int help(List<String> words) {
        var command = CommandLine.named(Commands.ROOT, words);
        if (command == Commands.ROOT && !words.isEmpty()) {
            terminal.err()
                    .print("Unknown help topic "
                            + words.stream().map(each -> "`" + each + "`").toList() + ".");
        }
        page(command, Help.Shown.WHEN_ASKED_FOR);
        return Exit.SUCCESS.code();
    }

    /// The error, the page of the command that it is about, and the error again: what etcdctl prints.
    private int badUsage(List<String> arguments, UsageException error) {
        terminal.err().println("Error: " + error.getMessage());
        page(CommandLine.named(Commands.ROOT, arguments), Help.Shown.WHEN_ASKED_FOR);
        terminal.out().flush();
        terminal.err().println();
        terminal.err().println("Error: " + error.getMessage());
        return Exit.ERROR.code();
    }

    private void page(Command<Session> command, Help.Shown shown) {
        terminal.out().print(Help.page(command, VersionCommand.VERSION, VersionCommand.API_VERSION, shown));
    }

    private void warn(String text) {
        terminal.err().println(LOGGED.format(LocalDateTime.now(ZoneId.systemDefault())) + " W | pkg/flags: " + text);
    }
}
