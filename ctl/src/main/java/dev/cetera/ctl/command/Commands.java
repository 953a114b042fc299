package dev.cetera.ctl.command;

import dev.cetera.ctl.line.Command;
import java.util.List;

/// All commands.
public final class Commands {
    public static final String PROGRAM = "ceteractl";

    /// Shows the page of the command that its words name; who runs commands does that.
    public static final Command<Session> HELP = Command.of("help [command] ", "Help about any command", session -> {});

    public static final Command<Session> ROOT = Command.group(
            PROGRAM,
            "A simple command line client for etcd3.",
            GlobalFlags.ALL,
            List.of(
                    KeyCommands.GET,
                    KeyCommands.PUT,
                    KeyCommands.DELETE,
                    TxnCommand.TXN,
                    KeyCommands.COMPACTION,
                    MaintenanceCommands.ALARM,
                    DefragCommand.DEFRAG,
                    EndpointCommands.ENDPOINT,
                    MaintenanceCommands.MOVE_LEADER,
                    WatchCommand.WATCH,
                    VersionCommand.COMMAND,
                    LeaseCommands.LEASE,
                    MemberCommands.MEMBER,
                    SnapshotCommands.SNAPSHOT,
                    MirrorCommand.MAKE_MIRROR,
                    MigrateCommand.MIGRATE,
                    LockCommand.LOCK,
                    ElectCommand.ELECT,
                    AuthCommands.AUTH,
                    UserCommands.USER,
                    RoleCommands.ROLE,
                    CheckCommands.CHECK,
                    CompletionCommand.COMPLETION,
                    HELP));

    private Commands() {}
}
