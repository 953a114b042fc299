package dev.cetera.ctl.command;

import dev.cetera.ctl.line.Command;

/// The version of etcdctl that this one is like.
public final class VersionCommand {
    public static final String VERSION = "3.3.27";
    public static final String API_VERSION = "3.3";

    static final Command<Session> COMMAND = Command.of("version", "Prints the version of etcdctl", session -> {
        session.say("etcdctl version: " + VERSION);
        session.say("API version: " + API_VERSION);
    });

    private VersionCommand() {}
}
