package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.Refusal;
import dev.cetera.testkit.Evidence;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The rules for sending again, as one table: every request of the API under every kind of failure. What is
/// the same done twice goes again when the member or the way to it failed; what is not goes again only if it
/// surely never left.
class RepeatTest {
    private static final Key KEY = Key.of("k");

    /// @param repeatable whether a request goes again that is the same done twice
    /// @param others whether any other goes again
    private record Rule(Status failure, boolean sent, boolean repeatable, boolean others) {}

    private static final List<Rule> RULES = List.of(
            new Rule(Status.UNAVAILABLE.withDescription("io exception"), true, true, false),
            new Rule(Status.UNAVAILABLE.withDescription("io exception"), false, true, true),
            new Rule(closed(), true, true, false),
            new Rule(closed(), false, true, true),
            new Rule(Refusal.NO_LEADER.status(), true, true, false),
            new Rule(Refusal.TIMED_OUT.status(), true, true, false),
            new Rule(Status.CANCELLED, true, true, false),
            new Rule(cutOff(), true, true, false),
            new Rule(Status.DEADLINE_EXCEEDED, true, true, false),
            new Rule(Status.UNKNOWN.withDescription("channel closed"), true, false, false),
            new Rule(Status.INTERNAL, true, false, false),
            new Rule(Status.ABORTED, true, false, false),
            new Rule(Refusal.PERMISSION_DENIED.status(), true, false, false),
            new Rule(Refusal.COMPACTED.status(), true, false, false),
            new Rule(Refusal.TOO_MANY_REQUESTS.status(), true, false, false),
            new Rule(Refusal.LEASE_NOT_FOUND.status(), true, false, false));

    /// How gRPC tells of a stream that a member has reset.
    private static Status cutOff() {
        return Status.CANCELLED.withDescription("RST_STREAM closed stream. HTTP/2 error code: CANCEL");
    }

    /// How gRPC tells of a connection that is closed while it is written to.
    private static Status closed() {
        return Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    }

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private @Nullable Client client;

    private record Parts(Calls calls, String endpoint) {
        AsyncKV kv() {
            return new RemoteKV(calls);
        }

        Lease.Async lease() {
            return new Lease(calls, new KeepAlives(calls)).async();
        }

        Cluster.Async cluster() {
            return new Cluster(calls).async();
        }

        Maintenance.Async maintenance() {
            return new Maintenance(calls).async();
        }

        Auth.Async auth() {
            return new Auth(calls).async();
        }

        LockService.Async lock() {
            return new LockService(calls).async();
        }

        ElectionService.Async election() {
            return new ElectionService(calls).async();
        }
    }

    private static Map<String, Function<Parts, CompletableFuture<?>>> repeatable() {
        var all = new TreeMap<String, Function<Parts, CompletableFuture<?>>>();
        var alarm = new Maintenance.Alarm(1, Maintenance.AlarmKind.NO_SPACE);
        all.put("get", on -> on.kv().get(KEY));
        all.put("txn of reads", on -> on.kv().commit(Txn.of(Op.get("k"), Txn.of(Op.get("l")))));
        all.put("grant", on -> on.lease().grant(Duration.ofSeconds(1)));
        all.put("revoke", on -> on.lease().revoke(1));
        all.put("timeToLive", on -> on.lease().timeToLive(1, Lease.Keys.LISTED));
        all.put("leases", on -> on.lease().leases());
        all.put("list members", on -> on.cluster().list());
        all.put("alarms", on -> on.maintenance().alarms());
        all.put("disarm", on -> on.maintenance().disarm(alarm));
        all.put("raise", on -> on.maintenance().raise(alarm));
        all.put("status", on -> on.maintenance().status(on.endpoint));
        all.put("hash", on -> on.maintenance().hash(on.endpoint));
        all.put("hashKv", on -> on.maintenance().hashKv(on.endpoint, 0));
        all.put("moveLeader", on -> on.maintenance().moveLeader(on.endpoint, 1));
        all.put("user", on -> on.auth().user("u"));
        all.put("users", on -> on.auth().users());
        all.put("role", on -> on.auth().role("r"));
        all.put("roles", on -> on.auth().roles());
        all.put("leader", on -> on.election().leader(KEY));
        all.put("resign", on -> on.election().resign(new ElectionService.LeaderKey(KEY, KEY, 1, 1)));
        return all;
    }

    private static Map<String, Function<Parts, CompletableFuture<?>>> others() {
        var all = new TreeMap<String, Function<Parts, CompletableFuture<?>>>();
        var permission = new Auth.Permission(Auth.Access.READ, KeyRange.of(KEY));
        all.put("put", on -> on.kv().put("k", "v"));
        all.put("delete", on -> on.kv().delete("k"));
        all.put("txn that writes", on -> on.kv().commit(Txn.of(Op.get("k"), Op.put("k", "v"))));
        all.put("txn that may write", on -> on.kv().commit(Txn.of(Op.get("k")).otherwise(Op.delete("k"))));
        all.put("txn that writes deep inside", on -> on.kv().commit(Txn.of(Txn.of(Op.put("k", "v")))));
        all.put("compact", on -> on.kv().compact(1, CompactOption.DEFAULTS));
        all.put("grant by id", on -> on.lease().grant(Duration.ofSeconds(1), 5));
        all.put("add member", on -> on.cluster().add(List.of("http://p"), Cluster.Role.VOTER));
        all.put("remove member", on -> on.cluster().remove(1));
        all.put("update member", on -> on.cluster().update(1, List.of("http://p")));
        all.put("promote member", on -> on.cluster().promote(1));
        all.put("defragment", on -> on.maintenance().defragment(on.endpoint));
        all.put("enable", on -> on.auth().enable());
        all.put("disable", on -> on.auth().disable());
        all.put("addUser", on -> on.auth().addUser("u", "p"));
        all.put("deleteUser", on -> on.auth().deleteUser("u"));
        all.put("changePassword", on -> on.auth().changePassword("u", "p"));
        all.put("grantRole", on -> on.auth().grantRole("u", "r"));
        all.put("revokeRole", on -> on.auth().revokeRole("u", "r"));
        all.put("addRole", on -> on.auth().addRole("r"));
        all.put("deleteRole", on -> on.auth().deleteRole("r"));
        all.put("grantPermission", on -> on.auth().grantPermission("r", permission));
        all.put("revokePermission", on -> on.auth().revokePermission("r", KeyRange.of(KEY)));
        all.put("lock", on -> on.lock().lock(KEY, 1));
        all.put("unlock", on -> on.lock().unlock(KEY));
        all.put("campaign", on -> on.election().campaign(KEY, 1, Value.of("v")));
        all.put("proclaim", on -> on.election().proclaim(new ElectionService.LeaderKey(KEY, KEY, 1, 1), Value.of("v")));
        return all;
    }

    @Test
    void whatIsTheSameDoneTwiceGoesAgainWhenTheMemberOrTheWayToItFails() throws IOException {
        for (var rule : RULES) {
            for (var request : repeatable().entrySet()) {
                check(rule, rule.repeatable, request);
            }
        }
    }

    @Test
    void whatIsNotGoesAgainOnlyIfItNeverLeft() throws IOException {
        for (var rule : RULES) {
            for (var request : others().entrySet()) {
                check(rule, rule.others, request);
            }
        }
    }

    private void check(Rule rule, boolean goesAgain, Map.Entry<String, Function<Parts, CompletableFuture<?>>> request)
            throws IOException {
        var what = request.getKey() + " after " + rule;
        var channel = new ScriptedChannel();
        channel.failures.add(new ScriptedChannel.Failure(rule.failure, rule.sent));
        var calls = nowhere().over(channel, CallOptions.DEFAULT);
        var answer = request.getValue().apply(new Parts(calls, "127.0.0.1:1"));
        if (goesAgain) {
            assertThat(answer).as(what).succeedsWithin(Duration.ofSeconds(30));
            assertThat(channel.calls).as(what).hasValue(2);
        } else {
            assertThatThrownBy(answer::join).as(what).hasCauseInstanceOf(EtcdException.class);
            assertThat(channel.calls).as(what).hasValue(1);
        }
    }

    private Client nowhere() {
        if (client == null) {
            client = evidence.closing(Client.connect("127.0.0.1:1"));
        }
        return client;
    }

    @Test
    void aConnectionThatWasClosedIsNoRefusal() {
        var channel = new ScriptedChannel();
        channel.failures.add(new ScriptedChannel.Failure(closed(), true));
        var kv = KV.over(new RemoteKV(nowhere().over(channel, CallOptions.DEFAULT)));
        assertThatThrownBy(() -> kv.put("k", "v"))
                .isInstanceOfSatisfying(ConnectionException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(Code.UNAVAILABLE);
                    assertThat(failure.fate()).isEqualTo(EtcdException.Fate.UNKNOWN);
                })
                .hasMessage("channel closed");
    }

    @Test
    void aStreamThatAMemberCutsOffWasNotGivenUpByThisSide() {
        var channel = new ScriptedChannel();
        channel.failures.add(new ScriptedChannel.Failure(cutOff(), true));
        var kv = KV.over(new RemoteKV(nowhere().over(channel, CallOptions.DEFAULT)));
        assertThatThrownBy(() -> kv.put("k", "v")).isInstanceOfSatisfying(ConnectionException.class, failure -> {
            assertThat(failure.code()).isEqualTo(Code.UNAVAILABLE);
            assertThat(failure.fate()).isEqualTo(EtcdException.Fate.UNKNOWN);
        });
    }

    @Test
    void whatGoesOnFailingIsGivenUpAfterAHundredTimes() {
        var channel = new ScriptedChannel();
        for (int i = 0; i < 200; i++) {
            channel.failures.add(new ScriptedChannel.Failure(Status.UNAVAILABLE, true));
        }
        var kv = KV.over(new RemoteKV(nowhere().over(channel, CallOptions.DEFAULT)));
        assertThatThrownBy(() -> kv.get("k")).isInstanceOf(ConnectionException.class);
        assertThat(channel.calls).hasValue(100);
    }
}
