package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.Format;
import dev.cetera.ctl.print.KeyAnswers;
import dev.cetera.ctl.print.Out;
import java.io.IOException;

/// Keys, read and written one request at a time.
final class KeyCommands {
    static final Command<Session> GET = Command.of(
            "get [options] <key> [range_end]", "Gets the key or a range of keys", KeyCommands::get, KeyRequests.GET);
    static final Command<Session> PUT = Command.of(
                    "put [options] <key> <value> (<value> can also be given from stdin)",
                    "Puts the given key into the store",
                    KeyCommands::put,
                    KeyRequests.PUT)
            .telling("""
                    Puts the given key into the store.

                    When <value> begins with '-', <value> is interpreted as a flag.
                    Insert '--' for workaround:

                    $ put <key> -- <value>
                    $ put -- <key> <value>

                    If <value> isn't given as a command line argument and '--ignore-value' is not specified,
                    this command tries to read the value from standard input.

                    If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
                    this command tries to read the value from standard input.

                    For example,
                    $ cat file | put <key>
                    will store the content of the file to <key>.
                    """);
    static final Command<Session> DELETE = Command.of(
            "del [options] <key> [range_end]",
            "Removes the specified key or range of keys [key, range_end)",
            KeyCommands::delete,
            KeyRequests.DELETE);
    static final Command<Session> COMPACTION = Command.of(
            "compaction [options] <revision>",
            "Compacts the event history in etcd",
            KeyCommands::compact,
            Flag.bool("physical", false, "'true' to wait for compaction to physically remove all old revisions"));

    private KeyCommands() {}

    private static void get(Session session) throws Failure, IOException {
        var answer = session.ask(KVGrpc.getRangeMethod(), KeyRequests.get(session.line()));
        var out = session.out();
        if (session.flags().is("print-value-only")) {
            session.needs(session.format() == Format.SIMPLE, "print-value-only is only for `--write-out=simple`.");
            out = out.showing(Out.Pairs.VALUES);
        }
        session.print(KeyAnswers.range(answer), out);
    }

    private static void put(Session session) throws Failure, IOException {
        var request = KeyRequests.put(session.line(), session.terminal().in());
        session.print(KeyAnswers.put(session.order(KVGrpc.getPutMethod(), request)));
    }

    private static void delete(Session session) throws Failure, IOException {
        var request = KeyRequests.delete(session.line());
        session.print(KeyAnswers.delete(session.order(KVGrpc.getDeleteRangeMethod(), request)));
    }

    private static void compact(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "compaction command needs 1 argument.");
        long revision = Session.number(session.word(0), Exit.ERROR, "", "", 10);
        var request = CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(session.flags().is("physical"))
                .build();
        var _ = session.order(KVGrpc.getCompactMethod(), request);
        session.say("compacted revision " + revision);
    }
}
