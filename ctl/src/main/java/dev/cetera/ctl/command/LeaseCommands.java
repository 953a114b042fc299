package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.client.EtcdException;
import dev.cetera.client.Lease;
import dev.cetera.client.LeaseListener;
import dev.cetera.client.transport.Repeat;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.Format;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.print.LeaseAnswers;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/// Leases.
final class LeaseCommands {
    static final Command<Session> LEASE = Command.group(
            "lease <subcommand>",
            "Lease related commands",
            List.of(),
            List.of(
                    Command.of("grant <ttl>", "Creates leases", LeaseCommands::grant),
                    Command.of("revoke <leaseID>", "Revokes leases", LeaseCommands::revoke),
                    Command.of(
                            "timetolive <leaseID> [options]",
                            "Get lease information",
                            LeaseCommands::timeToLive,
                            Flag.bool("keys", false, "Get keys attached to this lease")),
                    Command.of("list", "List all active leases", LeaseCommands::list),
                    Command.of(
                            "keep-alive [options] <leaseID>",
                            "Keeps leases alive (renew)",
                            LeaseCommands::keepAlive,
                            Flag.bool(
                                    "once",
                                    false,
                                    "Resets the keep-alive time to its original value and exits immediately"))));

    private LeaseCommands() {}

    private static void grant(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "lease grant command needs TTL argument.");
        long ttl = Session.number(session.word(0), Exit.BAD_ARGUMENTS, "bad TTL (", ")", 10);
        try {
            var request = LeaseGrantRequest.newBuilder().setTTL(ttl).build();
            session.print(LeaseAnswers.granted(session.order(LeaseGrpc.getLeaseGrantMethod(), request)));
        } catch (Failure e) {
            throw told("failed to grant lease (", e);
        }
    }

    private static void revoke(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "lease revoke command needs 1 argument");
        long id = id(session.word(0));
        try {
            var request = LeaseRevokeRequest.newBuilder().setID(id).build();
            session.print(LeaseAnswers.revoked(id, session.order(LeaseGrpc.getLeaseRevokeMethod(), request)));
        } catch (Failure e) {
            throw told("failed to revoke lease (", e);
        }
    }

    /// What a member refused is told with what was tried; that is how scripts know it.
    private static Failure told(String before, Failure failure) {
        return failure.exit() == Exit.ERROR ? new Failure(Exit.ERROR, before + failure.getMessage() + ")\n") : failure;
    }

    private static void timeToLive(Session session) throws Failure, IOException {
        session.needs(session.words().size() == 1, "lease timetolive command needs lease ID as argument");
        boolean keys = session.flags().is("keys");
        var request = LeaseTimeToLiveRequest.newBuilder()
                .setID(id(session.word(0)))
                .setKeys(keys)
                .build();
        var answer =
                session.call(LeaseGrpc.getLeaseTimeToLiveMethod(), request, Repeat.ALWAYS, null, Exit.BAD_CONNECTION);
        session.print(LeaseAnswers.timeToLive(answer, keys ? LeaseAnswers.Keys.SHOWN : LeaseAnswers.Keys.HIDDEN));
    }

    private static void list(Session session) throws Failure, IOException {
        var answer = session.call(
                LeaseGrpc.getLeaseLeasesMethod(),
                LeaseLeasesRequest.getDefaultInstance(),
                Repeat.ALWAYS,
                null,
                Exit.BAD_CONNECTION);
        session.print(LeaseAnswers.list(answer));
    }

    private static void keepAlive(Session session) throws Exception {
        session.needs(session.words().size() == 1, "lease keep-alive command needs lease ID as argument");
        long id = id(session.word(0));
        var leases = session.client().lease();
        if (session.flags().is("once")) {
            try {
                session.print(LeaseAnswers.kept(message(leases.keepAliveOnce(id))));
            } catch (EtcdException e) {
                throw new Failure(Exit.BAD_CONNECTION, RpcException.told(e));
            }
            return;
        }
        var news = new LinkedBlockingQueue<News>();
        var kept = leases.keepAlive(id, new LeaseListener() {
            @Override
            public void onRenewed(Lease.KeepAliveResponse renewal) {
                news.add(() -> {
                    session.print(LeaseAnswers.kept(message(renewal)));
                    return Goes.ON;
                });
            }

            @Override
            public void onLost(EtcdException why) {
                news.add(() -> Goes.NO_FURTHER);
            }
        });
        session.atEnd(kept::close);
        while (news.take().run() == Goes.ON) {
            // one renewal after the other
        }
        if (session.format() == Format.SIMPLE) {
            session.say("lease " + GoNumbers.lease(id) + " expired or revoked.");
        }
    }

    private enum Goes {
        ON,
        NO_FURTHER
    }

    private interface News {
        Goes run() throws Failure;
    }

    private static LeaseKeepAliveResponse message(Lease.KeepAliveResponse renewal) {
        return LeaseKeepAliveResponse.newBuilder()
                .setHeader(Messages.header(renewal.header()))
                .setID(renewal.id())
                .setTTL(renewal.ttl())
                .build();
    }

    private static long id(String text) throws Failure {
        return Session.number(text, Exit.BAD_ARGUMENTS, "bad lease ID arg (", "), expecting ID in Hex", 16);
    }
}
