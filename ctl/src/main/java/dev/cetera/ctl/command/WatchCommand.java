package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.client.Client;
import dev.cetera.client.ClosedException;
import dev.cetera.client.CompactedException;
import dev.cetera.client.EtcdException;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.CommandLine;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.line.UsageException;
import dev.cetera.ctl.print.GoText;
import dev.cetera.ctl.print.KeyAnswers;
import dev.cetera.ctl.rpc.RpcException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Watches: one from the command line, or any number from lines that are typed.
final class WatchCommand {
    static final Command<Session> WATCH = Command.of(
            "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
            "Watches events stream on keys or prefixes",
            WatchCommand::run,
            Flag.bool("interactive", false, "Interactive mode").or("i"),
            Flag.bool("prefix", false, "Watch on a prefix if prefix is set"),
            Flag.number("rev", 0, "Revision to start watching"),
            Flag.bool("prev-kv", false, "get the previous key-value pair before the event happens"));

    private WatchCommand() {}

    private static void run(Session session) throws Failure, IOException, InterruptedException {
        var environment = session.terminal().environment();
        var preset = WatchWords.preset(environment);
        if (session.flags().is("interactive")) {
            interactive(session, preset);
            return;
        }
        var words = WatchWords.of(session.line(), session.arguments(), environment);
        follow(session, session.client(), words);
        throw new Failure(Exit.INTERRUPTED, "watch is canceled by the server");
    }

    /// Until the input ends, which is a failure.
    private static void interactive(Session session, List<String> preset) throws Failure, IOException {
        var client = session.client();
        var in = new BufferedReader(new InputStreamReader(session.terminal().in(), StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var words = Words.of(line);
            if ((words.size() < 2 && preset.isEmpty()) || words.isEmpty()) {
                session.complain("Invalid command " + line + " (command type or key is not provided)");
            } else if (!words.getFirst().equals("watch")) {
                session.complain("Invalid command " + line + " (only support watch)");
            } else {
                begin(session, client, words.subList(1, words.size()));
            }
        }
        throw new Failure(Exit.INVALID_INPUT, "Error reading watch request line: EOF");
    }

    private static void begin(Session session, Client client, List<String> words) throws Failure {
        WatchWords watch;
        try {
            watch = WatchWords.of(
                    CommandLine.flags(WATCH, words), words, session.terminal().environment());
        } catch (UsageException e) {
            throw Failure.badArguments(String.valueOf(e.getMessage()));
        }
        var _ = Thread.ofVirtual().name("watch").start(() -> {
            try {
                follow(session, client, watch);
            } catch (Failure e) {
                if (!e.isTold()) {
                    session.complain("Error: " + e.getMessage());
                }
                // As the command that failed here does in etcdctl, it takes the program with it.
                Runtime.getRuntime().halt(e.exit().code());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Prints what happens until the watch ends by itself.
    private static void follow(Session session, Client client, WatchWords words) throws Failure, InterruptedException {
        try (var batches = client.watch().open(words.keys(), words.option())) {
            while (batches.hasNext()) {
                var batch = batches.next();
                if (!batch.isProgress()) {
                    show(session, Messages.watch(batch), words.exec());
                }
            }
        } catch (ClosedException e) {
            // The program is ending for another reason, which is told.
            return;
        } catch (EtcdException e) {
            session.complain("watch was canceled (" + RpcException.told(e) + ")");
            var end = WatchResponse.newBuilder().setCanceled(true);
            if (e instanceof CompactedException compacted) {
                end.setHeader(Messages.header(compacted.header())).setCompactRevision(compacted.compactRevision());
            }
            session.print(KeyAnswers.watch(end.build()));
        }
    }

    private static void show(Session session, WatchResponse answer, List<String> exec)
            throws Failure, InterruptedException {
        session.print(KeyAnswers.watch(answer));
        if (exec.isEmpty()) {
            return;
        }
        for (var event : answer.getEventsList()) {
            var failure = Exec.run(
                    session,
                    exec,
                    Map.of(
                            "ETCD_WATCH_REVISION",
                            String.valueOf(answer.getHeader().getRevision()),
                            "ETCD_WATCH_EVENT_TYPE",
                            GoText.quoted(event.getType().name()),
                            "ETCD_WATCH_KEY",
                            GoText.quoted(event.getKv().getKey()),
                            "ETCD_WATCH_VALUE",
                            GoText.quoted(event.getKv().getValue())));
            if (!failure.isEmpty()) {
                var quoted = exec.stream().map(GoText::quoted).collect(Collectors.joining(" ", "[", "]"));
                session.complain("command " + quoted + " error (" + failure + ")");
                throw Failure.told(Exit.ERROR);
            }
        }
    }
}
