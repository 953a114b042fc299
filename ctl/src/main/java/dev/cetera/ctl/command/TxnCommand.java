package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.client.transport.Repeat;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.line.UsageException;
import dev.cetera.ctl.print.KeyAnswers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Transactions, read from the input: conditions, requests if they hold, requests if not, each block ended by
/// an empty line.
final class TxnCommand {
    static final Command<Session> TXN = Command.of(
            "txn [options]",
            "Txn processes all the requests in one transaction",
            TxnCommand::run,
            Flag.bool("interactive", false, "Input transaction in interactive mode")
                    .or("i"));

    private static final Command<Session> REQUESTS = Command.group(
            "",
            "",
            List.of(),
            List.of(
                    request("get", KeyRequests.GET),
                    request("put", KeyRequests.PUT),
                    request("del", KeyRequests.DELETE)));

    private TxnCommand() {}

    private static Command<Session> request(String name, Flag... flags) {
        return Command.of(name, "", session -> {}, flags);
    }

    private interface Line {
        void read(String line) throws Failure, IOException;
    }

    private static void run(Session session) throws Failure, IOException {
        session.needs(session.words().isEmpty(), "txn command does not accept argument.");
        var _ = session.rpc();
        var in = new BufferedReader(new InputStreamReader(session.terminal().in(), StandardCharsets.UTF_8));
        var txn = TxnRequest.newBuilder();
        prompt(session, "compares:");
        block(in, line -> txn.addCompare(Compares.parse(line)));
        prompt(session, "success requests (get, put, del):");
        block(in, line -> txn.addSuccess(request(line)));
        prompt(session, "failure requests (get, put, del):");
        block(in, line -> txn.addFailure(request(line)));
        var answer = session.call(KVGrpc.getTxnMethod(), txn.build(), Repeat.IF_NOT_SENT, null, Exit.ERROR);
        session.print(KeyAnswers.txn(answer));
    }

    private static void prompt(Session session, String text) {
        if (session.flags().is("interactive")) {
            session.say(text);
            session.terminal().out().flush();
        }
    }

    private static void block(BufferedReader in, Line each) throws Failure, IOException {
        while (true) {
            var line = in.readLine();
            if (line == null) {
                throw new Failure(Exit.INVALID_INPUT, "EOF");
            }
            if (line.isBlank()) {
                return;
            }
            each.read(line.strip());
        }
    }

    static RequestOp request(String line) throws Failure, IOException {
        var words = Words.of(line);
        if (words.size() < 2) {
            throw new Failure(Exit.INVALID_INPUT, "invalid txn compare request: " + line);
        }
        CommandLine<Session> read;
        try {
            read = CommandLine.read(REQUESTS, words);
        } catch (UsageException | CommandLine.NoSuchCommandException e) {
            throw new Failure(Exit.INVALID_INPUT, "invalid txn request: " + line);
        }
        var op = RequestOp.newBuilder();
        switch (read.command().name()) {
            case "get" -> op.setRequestRange(KeyRequests.get(read));
            case "put" -> op.setRequestPut(KeyRequests.put(read, InputStream.nullInputStream()));
            case "del" -> op.setRequestDeleteRange(KeyRequests.delete(read));
            default -> throw new Failure(Exit.INVALID_INPUT, "invalid txn request: " + line);
        }
        return op.build();
    }
}
