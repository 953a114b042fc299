package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.ctl.line.Command;
import java.io.IOException;
import java.util.List;

/// Whether the cluster asks who one is.
final class AuthCommands {
    private static final String ROOT = "root";

    static final Command<Session> AUTH = Command.group(
            "auth <enable or disable>",
            "Enable or disable authentication",
            List.of(),
            List.of(
                    Command.of("enable", "Enables authentication", AuthCommands::enable),
                    Command.of("disable", "Disables authentication", AuthCommands::disable)));

    private AuthCommands() {}

    private static void enable(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "auth enable command does not accept any arguments.");
        try {
            var _ = session.order(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
        } catch (Failure e) {
            if (!"etcdserver: root user does not have root role".equals(e.getMessage())) {
                throw e;
            }
            var role = AuthRoleAddRequest.newBuilder().setName(ROOT).build();
            var granted = AuthUserGrantRoleRequest.newBuilder()
                    .setUser(ROOT)
                    .setRole(ROOT)
                    .build();
            var _ = session.order(AuthGrpc.getRoleAddMethod(), role);
            var _ = session.order(AuthGrpc.getUserGrantRoleMethod(), granted);
            var _ = session.order(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
        }
        session.say("Authentication Enabled");
    }

    private static void disable(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "auth disable command does not accept any arguments.");
        var _ = session.order(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
        session.say("Authentication Disabled");
    }
}
