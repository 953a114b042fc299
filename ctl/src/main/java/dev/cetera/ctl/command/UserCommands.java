package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.Answer;
import dev.cetera.ctl.print.AuthAnswers;
import java.io.IOException;
import java.util.List;

/// Who may log in.
final class UserCommands {
    static final Command<Session> USER = Command.group(
            "user <subcommand>",
            "User related commands",
            List.of(),
            List.of(
                    Command.of(
                            "add <user name or user:password> [options]",
                            "Adds a new user",
                            UserCommands::add,
                            Flag.bool("interactive", true, "Read password from stdin instead of interactive terminal")),
                    Command.of("delete <user name>", "Deletes a user", UserCommands::delete),
                    Command.of(
                            "get <user name> [options]",
                            "Gets detailed information of a user",
                            UserCommands::get,
                            Flag.bool("detail", false, "Show permissions of roles granted to the user")),
                    Command.of("list", "Lists all users", UserCommands::list),
                    Command.of(
                            "passwd <user name> [options]",
                            "Changes password of user",
                            UserCommands::changePassword,
                            Flag.bool(
                                    "interactive",
                                    true,
                                    "If true, read password from stdin instead of interactive terminal")),
                    Command.of("grant-role <user name> <role name>", "Grants a role to a user", UserCommands::grant),
                    Command.of(
                            "revoke-role <user name> <role name>",
                            "Revokes a role from a user",
                            UserCommands::revoke)));

    private UserCommands() {}

    private static void add(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "user add command requires user name as its argument.");
        var name = session.word(0);
        int colon = name.indexOf(':');
        session.needs(colon != 0, "empty user name is not allowed.");
        var password = colon < 0 ? password(session, name) : name.substring(colon + 1);
        var user = colon < 0 ? name : name.substring(0, colon);
        var request = AuthUserAddRequest.newBuilder()
                .setName(user)
                .setPassword(password)
                .build();
        var answer = session.order(AuthGrpc.getUserAddMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "User " + user + " created"));
    }

    private static String password(Session session, String user) throws Failure, IOException {
        return session.flags().is("interactive")
                ? session.passwords().choose(user)
                : session.passwords().word();
    }

    private static void delete(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "user delete command requires user name as its argument.");
        var name = session.word(0);
        var request = AuthUserDeleteRequest.newBuilder().setName(name).build();
        var answer = session.order(AuthGrpc.getUserDeleteMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "User " + name + " deleted"));
    }

    private static void get(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "user get command requires user name as its argument.");
        var name = session.word(0);
        var request = AuthUserGetRequest.newBuilder().setName(name).build();
        var answer = session.ask(AuthGrpc.getUserGetMethod(), request);
        if (!session.flags().is("detail")) {
            session.print(AuthAnswers.user(name, answer));
            return;
        }
        session.say("User: " + name);
        for (var role : answer.getRolesList()) {
            session.say("");
            var asked = AuthRoleGetRequest.newBuilder().setRole(role).build();
            session.print(AuthAnswers.role(role, session.ask(AuthGrpc.getRoleGetMethod(), asked)));
        }
    }

    private static void list(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "user list command requires no arguments.");
        session.print(
                AuthAnswers.users(session.ask(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())));
    }

    private static void changePassword(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "user passwd command requires user name as its argument.");
        var name = session.word(0);
        var request = AuthUserChangePasswordRequest.newBuilder()
                .setName(name)
                .setPassword(password(session, name))
                .build();
        var answer = session.order(AuthGrpc.getUserChangePasswordMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "Password updated"));
    }

    private static void grant(Session session) throws Failure, IOException {
        session.needs(
                session.words().size() == 2, "user grant command requires user name and role name as its argument.");
        var request = AuthUserGrantRoleRequest.newBuilder()
                .setUser(session.word(0))
                .setRole(session.word(1))
                .build();
        var answer = session.order(AuthGrpc.getUserGrantRoleMethod(), request);
        var text = "Role " + session.word(1) + " is granted to user " + session.word(0);
        session.print(Answer.headed(answer, answer.getHeader(), text));
    }

    private static void revoke(Session session) throws Failure, IOException {
        session.needs(
                session.words().size() == 2, "user revoke-role requires user name and role name as its argument.");
        var request = AuthUserRevokeRoleRequest.newBuilder()
                .setName(session.word(0))
                .setRole(session.word(1))
                .build();
        var answer = session.order(AuthGrpc.getUserRevokeRoleMethod(), request);
        var text = "Role " + session.word(1) + " is revoked from user " + session.word(0);
        session.print(Answer.headed(answer, answer.getHeader(), text));
    }
}
