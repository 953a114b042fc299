package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Value;
import dev.cetera.client.concurrency.Election;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.KeyAnswers;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;

/// An election: to stand in it until a signal comes, or to look on.
final class ElectCommand {
    static final Command<Session> ELECT = Command.of(
            "elect <election-name> [proposal]",
            "Observes and participates in leader election",
            ElectCommand::run,
            Flag.bool("listen", false, "observation mode").or("l"));

    private ElectCommand() {}

    private static void run(Session session) throws Failure, IOException {
        int count = session.words().size();
        session.needs(
                count == 1 || count == 2, "elect takes one election name argument and an optional proposal argument.");
        boolean listen = session.flags().is("listen");
        session.needs(count == 2 || listen, "no proposal argument but -l not set");
        session.needs(count == 1 || !listen, "proposal given but -l is set");
        var election = new Election(session.word(0));
        try {
            if (listen) {
                observe(session, election);
            } else {
                campaign(session, election, Value.of(session.word(1)));
            }
        } catch (EtcdException e) {
            throw new Failure(Exit.ERROR, RpcException.told(e));
        }
    }

    private static void campaign(Session session, Election election, Value proposal) throws Failure, IOException {
        // Interrupted from the first step on, or a lease that was just granted would outlive the program.
        try (var lease = Waiting.interruptibly(() -> dev.cetera.client.concurrency.Session.open(session.client()))) {
            var office = Waiting.interruptibly(() -> election.campaign(lease, proposal));
            var request = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFrom(office.key().buffer()))
                    .build();
            session.print(KeyAnswers.range(session.ask(KVGrpc.getRangeMethod(), request)));
            switch (Waiting.untilSignalOr(lease.lost())) {
                case SIGNAL -> office.resign();
                case LOST -> throw new Failure(Exit.ERROR, "elect: session expired");
            }
        }
    }

    private static void observe(Session session, Election election) throws Failure, IOException {
        try (var view = election.observe(session.client(), leader -> show(session, leader))) {
            if (Waiting.untilSignalOr(view.ended()) == Waiting.End.LOST) {
                throw new Failure(Exit.ERROR, "elect: observer lost");
            }
        }
    }

    private static void show(Session session, KeyValue leader) {
        var answer = RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(leader.modRevision()))
                .addKvs(Messages.pair(leader))
                .build();
        try {
            session.print(KeyAnswers.range(answer));
        } catch (Failure e) {
            throw new IllegalStateException(e);
        }
    }
}
