package dev.cetera.ctl.command;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.client.transport.Repeat;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.ClusterAnswers;
import dev.cetera.ctl.print.ClusterAnswers.Health;
import dev.cetera.ctl.print.Out;
import dev.cetera.ctl.rpc.Rpc;
import dev.cetera.ctl.rpc.RpcException;
import dev.cetera.ctl.rpc.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What each endpoint says of itself.
final class EndpointCommands {
    static final Command<Session> ENDPOINT = Command.group(
            "endpoint <subcommand>",
            "Endpoint related commands",
            List.of(Flag.bool("cluster", false, "use all endpoints from the cluster member list")),
            List.of(
                    Command.of(
                            "health",
                            "Checks the healthiness of endpoints specified in `--endpoints` flag",
                            EndpointCommands::health),
                    Command.<Session>of(
                                    "status",
                                    "Prints out the status of endpoints specified in `--endpoints` flag",
                                    EndpointCommands::status)
                            .telling("""
                                    When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
                                    The items in the lists are endpoint, ID, version, db size, is leader, raft term, raft index.
                                    """),
                    Command.of(
                            "hashkv",
                            "Prints the KV history hash for each endpoint in --endpoints",
                            EndpointCommands::hashKv,
                            Flag.number("rev", 0, "maximum revision to hash (default: all revisions)"))));

    private EndpointCommands() {}

    private static void health(Session session) throws Failure, IOException, InterruptedException {
        var target = session.target();
        var limit = session.timeout();
        // In the order in which they are done.
        var found = new ConcurrentLinkedQueue<Health>();
        var threads = new ArrayList<Thread>();
        for (var endpoint : endpoints(session)) {
            threads.add(Thread.ofVirtual()
                    .name("health")
                    .start(() -> found.add(health(endpoint, target.at(List.of(endpoint)), limit))));
        }
        for (var thread : threads) {
            thread.join();
        }
        var all = List.copyOf(found);
        var complaints = new Out(session.terminal().err(), Out.Bytes.RAW, Out.Pairs.KEYS_AND_VALUES);
        session.print(ClusterAnswers.health(all, complaints));
        if (!all.stream().allMatch(Health::isGood)) {
            throw new Failure(Exit.ERROR, "unhealthy cluster");
        }
    }

    /// Whether a key can be read there. Which one does not matter, nor whether this user may read it.
    private static Health health(String endpoint, Target target, Duration limit) {
        long begun = System.nanoTime();
        var request = RangeRequest.newBuilder().setKey(Session.bytes("health")).build();
        String error;
        try (var rpc = Rpc.to(target)) {
            begun = System.nanoTime();
            var _ = rpc.call(KVGrpc.getRangeMethod(), request, Repeat.ALWAYS, limit);
            error = "";
        } catch (RpcException | IllegalArgumentException e) {
            var text = String.valueOf(e.getMessage());
            error = text.equals("etcdserver: permission denied") ? "" : text;
        }
        return new Health(endpoint, Duration.ofNanos(System.nanoTime() - begun), error);
    }

    private static void status(Session session) throws Failure, IOException {
        var rpc = session.rpc();
        var found = new ArrayList<ClusterAnswers.Status>();
        var failed = false;
        for (var endpoint : endpoints(session)) {
            try {
                var answer = rpc.callAt(
                        endpoint,
                        MaintenanceGrpc.getStatusMethod(),
                        StatusRequest.getDefaultInstance(),
                        session.timeout());
                found.add(new ClusterAnswers.Status(endpoint, answer));
            } catch (RpcException e) {
                failed = true;
                session.complain("Failed to get the status of endpoint " + endpoint + " (" + e.getMessage() + ")");
            }
        }
        session.print(ClusterAnswers.status(found));
        if (failed) {
            throw Failure.told(Exit.ERROR);
        }
    }

    private static void hashKv(Session session) throws Failure, IOException {
        var rpc = session.rpc();
        var request = HashKVRequest.newBuilder()
                .setRevision(session.flags().number("rev"))
                .build();
        var found = new ArrayList<ClusterAnswers.Hash>();
        var failure = "";
        for (var endpoint : endpoints(session)) {
            try {
                var answer = rpc.callAt(endpoint, MaintenanceGrpc.getHashKVMethod(), request, session.timeout());
                found.add(new ClusterAnswers.Hash(endpoint, answer));
            } catch (RpcException e) {
                failure = String.valueOf(e.getMessage());
                session.complain("Failed to get the hash of endpoint " + endpoint + " (" + failure + ")");
            }
        }
        session.print(ClusterAnswers.hashes(found));
        if (!failure.isEmpty()) {
            throw new Failure(Exit.ERROR, failure);
        }
    }

    private static List<String> endpoints(Session session) throws Failure, IOException {
        if (!session.flags().is("cluster")) {
            return session.flags().list("endpoints");
        }
        // Who is a member is told to everybody: no password is asked for.
        try {
            var answer = session.connect(session.target().withoutLogin())
                    .call(
                            ClusterGrpc.getMemberListMethod(),
                            MemberListRequest.getDefaultInstance(),
                            Repeat.ALWAYS,
                            session.timeout());
            return answer.getMembersList().stream()
                    .flatMap(member -> member.getClientURLsList().stream())
                    .toList();
        } catch (RpcException e) {
            throw new Failure(Exit.ERROR, "failed to fetch endpoints from etcd cluster member list: " + e.getMessage());
        }
    }
}
