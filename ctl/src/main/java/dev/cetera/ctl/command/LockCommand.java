package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.client.EtcdException;
import dev.cetera.client.concurrency.Mutex;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.KeyAnswers;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A lock, held while a program runs or until a signal comes.
final class LockCommand {
    static final Command<Session> LOCK = Command.of(
            "lock <lockname> [exec-command arg1 arg2 ...]",
            "Acquires a named lock",
            LockCommand::run,
            Flag.number("ttl", 10, "timeout for session"));

    private LockCommand() {}

    private static void run(Session session) throws Failure, IOException, InterruptedException {
        var words = session.words();
        session.needs(!words.isEmpty(), "lock takes a lock name argument and an optional command to execute.");
        var ttl = Duration.ofSeconds(session.flags().number("ttl"));
        // Interrupted from the first step on, or a lease that was just granted would outlive the program.
        try (var lease =
                Waiting.interruptibly(() -> dev.cetera.client.concurrency.Session.open(session.client(), ttl))) {
            var held = Waiting.interruptibly(() -> new Mutex(lease, words.getFirst()).lock());
            if (words.size() > 1) {
                exec(session, held, words.subList(1, words.size()));
            } else {
                hold(session, lease, held);
            }
        } catch (EtcdException e) {
            throw new Failure(Exit.ERROR, RpcException.told(e));
        }
    }

    private static void exec(Session session, Mutex.Held held, List<String> command)
            throws Failure, InterruptedException {
        var failure = Exec.run(
                session,
                command,
                Map.of("ETCD_LOCK_KEY", held.key().string(), "ETCD_LOCK_REV", String.valueOf(held.fencingToken())));
        held.unlock();
        if (!failure.isEmpty()) {
            throw new Failure(Exit.ERROR, failure);
        }
    }

    private static void hold(Session session, dev.cetera.client.concurrency.Session lease, Mutex.Held held)
            throws Failure, IOException {
        var request = RangeRequest.newBuilder()
                .setKey(com.google.protobuf.ByteString.copyFrom(held.key().buffer()))
                .build();
        var answer = session.ask(KVGrpc.getRangeMethod(), request);
        if (answer.getKvsCount() == 0) {
            throw new Failure(Exit.ERROR, "lock lost on init");
        }
        session.print(KeyAnswers.range(answer));
        switch (Waiting.untilSignalOr(lease.lost())) {
            case SIGNAL -> held.unlock();
            case LOST -> throw new Failure(Exit.ERROR, "session expired");
        }
    }
}
