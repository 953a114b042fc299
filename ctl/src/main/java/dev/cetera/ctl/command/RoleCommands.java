package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.Answer;
import dev.cetera.ctl.print.AuthAnswers;
import dev.cetera.ctl.print.Ranges;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// What users may do.
final class RoleCommands {
    static final Command<Session> ROLE = Command.group(
            "role <subcommand>",
            "Role related commands",
            List.of(),
            List.of(
                    Command.of("add <role name>", "Adds a new role", RoleCommands::add),
                    Command.of("delete <role name>", "Deletes a role", RoleCommands::delete),
                    Command.of("get <role name>", "Gets detailed information of a role", RoleCommands::get),
                    Command.of("list", "Lists all roles", RoleCommands::list),
                    Command.of(
                            "grant-permission [options] <role name> <permission type> <key> [endkey]",
                            "Grants a key to a role",
                            RoleCommands::grant,
                            Flag.bool("prefix", false, "grant a prefix permission"),
                            Flag.bool(
                                    "from-key",
                                    false,
                                    "grant a permission of keys that are greater than or equal to the given key using"
                                            + " byte compare")),
                    Command.of(
                            "revoke-permission <role name> <key> [endkey]",
                            "Revokes a key from a role",
                            RoleCommands::revoke,
                            Flag.bool("prefix", false, "revoke a prefix permission"),
                            Flag.bool(
                                    "from-key",
                                    false,
                                    "revoke a permission of keys that are greater than or equal to the given key"
                                            + " using byte compare"))));

    private RoleCommands() {}

    private static void add(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "role add command requires role name as its argument.");
        var name = session.word(0);
        var request = AuthRoleAddRequest.newBuilder().setName(name).build();
        var answer = session.order(AuthGrpc.getRoleAddMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "Role " + name + " created"));
    }

    private static void delete(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "role delete command requires role name as its argument.");
        var name = session.word(0);
        var request = AuthRoleDeleteRequest.newBuilder().setRole(name).build();
        var answer = session.order(AuthGrpc.getRoleDeleteMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "Role " + name + " deleted"));
    }

    private static void get(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "role get command requires role name as its argument.");
        var name = session.word(0);
        var request = AuthRoleGetRequest.newBuilder().setRole(name).build();
        session.print(AuthAnswers.role(name, session.ask(AuthGrpc.getRoleGetMethod(), request)));
    }

    private static void list(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "role list command requires no arguments.");
        session.print(
                AuthAnswers.roles(session.ask(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())));
    }

    private static void grant(Session session) throws Failure, IOException {
        var words = session.words();
        session.needs(
                words.size() >= 3,
                "role grant command requires role name, permission type, and key [endkey] as its argument.");
        var type = type(words.get(1));
        var span = Span.of(session, words.subList(2, words.size()));
        var request = AuthRoleGrantPermissionRequest.newBuilder()
                .setName(words.getFirst())
                .setPerm(Permission.newBuilder()
                        .setPermType(type)
                        .setKey(span.key())
                        .setRangeEnd(span.end()))
                .build();
        var answer = session.order(AuthGrpc.getRoleGrantPermissionMethod(), request);
        session.print(Answer.headed(answer, answer.getHeader(), "Role " + words.getFirst() + " updated"));
    }

    private static Permission.Type type(String name) throws Failure {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "READ" -> Permission.Type.READ;
            case "WRITE" -> Permission.Type.WRITE;
            case "READWRITE" -> Permission.Type.READWRITE;
            default -> throw Failure.badArguments("invalid permission type: " + name);
        };
    }

    private static void revoke(Session session) throws Failure, IOException {
        var words = session.words();
        session.needs(
                words.size() >= 2,
                "role revoke-permission command requires role name and key [endkey] as its argument.");
        var span = Span.of(session, words.subList(1, words.size()));
        var request = AuthRoleRevokePermissionRequest.newBuilder()
                .setRole(words.getFirst())
                .setKey(span.key())
                .setRangeEnd(span.end())
                .build();
        var answer = session.order(AuthGrpc.getRoleRevokePermissionMethod(), request);
        var key = words.get(1);
        var what = span.end().isEmpty()
                ? "key " + key
                : span.end().equals(Ranges.NO_END)
                        ? "range [" + key + ", <open ended>"
                        : "range [" + key + ", " + span.end().toStringUtf8() + ")";
        var text = "Permission of " + what + " is revoked from role " + words.getFirst();
        session.print(Answer.headed(answer, answer.getHeader(), text));
    }

    /// Keys that a permission is about.
    private record Span(ByteString key, ByteString end) {
        static Span of(Session session, List<String> words) throws Failure {
            boolean prefix = session.flags().is("prefix");
            boolean fromKey = session.flags().is("from-key");
            var key = Session.bytes(words.getFirst());
            if (key.isEmpty()) {
                notBoth(prefix && fromKey);
                return new Span(Ranges.NO_END, prefix || fromKey ? Ranges.NO_END : ByteString.EMPTY);
            }
            if (words.size() > 1) {
                if (prefix || fromKey) {
                    var flag = prefix ? "--prefix" : "--from-key";
                    throw Failure.badArguments("unexpected endkey argument with " + flag + " flag");
                }
                return new Span(key, Session.bytes(words.get(1)));
            }
            notBoth(prefix && fromKey);
            return new Span(key, prefix ? Ranges.prefixEnd(key) : fromKey ? Ranges.NO_END : ByteString.EMPTY);
        }

        private static void notBoth(boolean both) throws Failure {
            if (both) {
                throw Failure.badArguments("--from-key and --prefix flags are mutually exclusive");
            }
        }
    }
}
