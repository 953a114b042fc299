package dev.cetera.lab.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.client.Auth;
import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.EtcdException;
import dev.cetera.client.GetOption;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Lease;
import dev.cetera.client.Op;
import dev.cetera.client.PutOption;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.concurrency.Barrier;
import dev.cetera.client.concurrency.DistributedQueue;
import dev.cetera.client.concurrency.DoubleBarrier;
import dev.cetera.client.concurrency.Election;
import dev.cetera.client.concurrency.Mutex;
import dev.cetera.client.concurrency.PriorityQueue;
import dev.cetera.client.concurrency.ReadWriteMutex;
import dev.cetera.client.concurrency.Session;
import dev.cetera.client.concurrency.Stm;
import dev.cetera.client.leasing.Leasing;
import dev.cetera.client.mirror.Mirror;
import dev.cetera.client.namespace.Namespace;
import dev.cetera.client.naming.NamedServices;
import dev.cetera.client.naming.Naming;
import dev.cetera.client.ordering.OrderedKV;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The client's parts and what is made of them, on one member of ours.
class RecipesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofSeconds(10);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member;
    private Client client;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        client = evidence.closing(Client.connect(member.endpoint()));
    }

    @Test
    void theExamplesOfTheDocumentationWork() {
        client.kv().put("greeting", "hello");
        assertThat(client.kv().get("greeting").first().orElseThrow().value().string())
                .isEqualTo("hello");

        var key = Key.of("made");
        var kv = client.kv();
        var made = kv.commit(Txn.when(Compare.missing(key))
                .then(Op.put(key, Value.of("once")))
                .otherwise(Op.get(key)));
        assertThat(made.succeeded()).isTrue();

        try (var session = Session.open(client, Duration.ofSeconds(10));
                var held = new Mutex(session, "locks/report").lock()) {
            kv.commit(Txn.when(held.isHeld()).then(Op.put("report", "done")));
        }
        assertThat(kv.get("report").count()).isEqualTo(1);

        try (var leasing = Leasing.open(client, "leasing/")) {
            var cached = leasing.kv();
            cached.get("config"); // from the members
            cached.get("config"); // from here, until somebody writes it
            assertThat(leasing.size()).isEqualTo(1);
        }

        kv.put("a", "10");
        kv.put("b", "0");
        Stm.run(client, Stm.Isolation.SERIALIZABLE_SNAPSHOT, stm -> {
            long from = Long.parseLong(stm.get("a"));
            stm.put("a", Long.toString(from - 1));
            stm.put("b", Long.toString(Long.parseLong(stm.get("b")) + 1));
        });
        assertThat(kv.get("a").first().orElseThrow().value().string()).isEqualTo("9");
        assertThat(kv.get("b").first().orElseThrow().value().string()).isEqualTo("1");
    }

    @Test
    void locksAreHadInTurnAndOneSessionsLocksExcludeEachOther() throws Exception {
        try (var session = Session.open(client, TTL)) {
            var mutex = new Mutex(session, "m");
            var first = mutex.lock();
            assertThat(mutex.tryLock()).isEmpty();
            assertThat(mutex.tryLock(Duration.ofMillis(200))).isEmpty();
            var second = CompletableFuture.supplyAsync(mutex::lock);
            Await.await(
                    "two in the queue",
                    SOON,
                    () -> client.kv().get(KeyRange.prefix("m/")).count() == 2);
            assertThat(second).isNotDone();
            first.unlock();
            var held = second.get(30, TimeUnit.SECONDS);
            assertThat(held.fencingToken()).isGreaterThan(first.fencingToken());
            var stale = client.kv().commit(Txn.when(first.isHeld()).then(Op.put("x", "y")));
            assertThat(stale.succeeded()).isFalse();
            held.unlock();
            assertThat(mutex.tryLock()).isPresent();
        }
        assertThat(client.kv().get(KeyRange.prefix("m/")).count()).isZero();
    }

    @Test
    void aWaiterWhoseSessionIsLostIsToldSo() throws Exception {
        try (var owner = Session.open(client, TTL)) {
            var held = new Mutex(owner, "m").lock();
            var waiter = Session.open(client, TTL);
            var waiting = CompletableFuture.supplyAsync(() -> new Mutex(waiter, "m").lock());
            Await.await(
                    "two in the queue",
                    SOON,
                    () -> client.kv().get(KeyRange.prefix("m/")).count() == 2);
            client.lease().revoke(waiter.leaseId());
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(EtcdException.class);
            held.unlock();
        }
    }

    @Test
    void whoeverRevokesTheLeaseOfALockEndsItsSession() throws Exception {
        try (var session = Session.open(client, TTL)) {
            var held = new Mutex(session, "m").lock();
            var key = client.kv().get(held.key()).first().orElseThrow();
            client.lease().revoke(key.lease());
            session.lost().get(30, TimeUnit.SECONDS);
            assertThat(held.isAlive()).isFalse();
            held.unlock();
        }
    }

    @Test
    void aLeaseThatSomebodyRevokedWhileNoLockHadItIsReplaced() {
        try (var session = Session.open(client, TTL)) {
            var mutex = new Mutex(session, "m");
            long kept;
            try (var held = mutex.lock()) {
                kept = client.kv().get(held.key()).first().orElseThrow().lease();
            }
            client.lease().revoke(kept);
            try (var held = mutex.lock()) {
                assertThat(client.kv().get(held.key()).first().orElseThrow().lease())
                        .isNotEqualTo(kept);
                assertThat(session.isAlive()).isTrue();
            }
        }
    }

    @Test
    void waitingForALockEndsInTimeWhenNobodyAnswers() throws Exception {
        var session = Session.open(client, Duration.ofSeconds(60));
        var mutex = new Mutex(session, "m");
        mutex.lock().unlock();
        member.freeze();
        try {
            assertTimeoutPreemptively(
                    SOON, () -> assertThat(mutex.tryLock(Duration.ofSeconds(1))).isEmpty());
        } finally {
            member.thaw();
        }
        try (session) {
            assertThat(mutex.tryLock(SOON)).isPresent();
        }
    }

    @Test
    void readersShareAndWritersDoNot() throws Exception {
        try (var session = Session.open(client, TTL)) {
            var lock = new ReadWriteMutex(session, "rw");
            var one = lock.readLock();
            var two = lock.readLock();
            var writer = CompletableFuture.supplyAsync(lock::writeLock);
            Await.await(
                    "three in the queue",
                    SOON,
                    () -> client.kv().get(KeyRange.prefix("rw/")).count() == 3);
            one.unlock();
            assertThat(writer).isNotDone();
            two.unlock();
            writer.get(30, TimeUnit.SECONDS).unlock();
        }
    }

    @Test
    void leadersFollowOneAnother() throws Exception {
        var election = new Election("e");
        var seen = new CopyOnWriteArrayList<String>();
        try (var first = Session.open(client, TTL);
                var second = Session.open(client, TTL);
                var observing =
                        election.observe(client, kv -> seen.add(kv.value().string()))) {
            var leader = election.campaign(first, Value.of("one"));
            leader.proclaim(Value.of("still one"));
            var next = CompletableFuture.supplyAsync(() -> election.campaign(second, Value.of("two")));
            assertThat(election.leader(client).orElseThrow().value().string()).isEqualTo("still one");
            leader.resign();
            assertThat(next.get(30, TimeUnit.SECONDS).fencingToken()).isGreaterThan(leader.fencingToken());
            assertThatThrownBy(() -> leader.proclaim(Value.of("late"))).hasMessage("election: not leader");
            Await.await("the observer has seen the last", SOON, () -> seen.contains("two"));
            assertThat(observing.size()).isEqualTo(1);
        }
        assertThat(election.leader(client)).isEmpty();
    }

    @Test
    void barriersHoldUpUntilAllHaveCome() throws Exception {
        var barrier = new Barrier(client, "b");
        assertThat(barrier.hold()).isTrue();
        assertThat(barrier.hold()).isFalse();
        var waiting = CompletableFuture.runAsync(barrier::await);
        barrier.release();
        waiting.get(30, TimeUnit.SECONDS);

        var all = new ArrayList<CompletableFuture<Void>>();
        var inside = new CopyOnWriteArrayList<Integer>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        try (var session = Session.open(client, TTL)) {
                            var meeting = new DoubleBarrier(session, "d", 3);
                            meeting.enter();
                            inside.add(number);
                            meeting.leave();
                            assertThat(inside).hasSize(3);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (var each : all) {
            each.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void queuesHandEachValueToOneTaker() throws Exception {
        var queue = new DistributedQueue(client, "q");
        var early = CompletableFuture.supplyAsync(queue::dequeue);
        queue.enqueue(Value.of("0"));
        assertThat(early.get(30, TimeUnit.SECONDS)).isEqualTo(Value.of("0"));
        for (int i = 1; i < 5; i++) {
            queue.enqueue(Value.of(Integer.toString(i)));
        }
        for (int i = 1; i < 5; i++) {
            assertThat(queue.dequeue().string()).isEqualTo(Integer.toString(i));
        }
        assertThat(queue.poll()).isEmpty();

        var priorities = new PriorityQueue(client, "p");
        priorities.enqueue(Value.of("low"), 9);
        priorities.enqueue(Value.of("high"), 1);
        priorities.enqueue(Value.of("high too"), 1);
        assertThat(List.of(priorities.dequeue(), priorities.dequeue(), priorities.dequeue()))
                .extracting(Value::string)
                .containsExactly("high", "high too", "low");
    }

    @Test
    void transactionsAsCodeLoseNoUpdate() throws Exception {
        for (var isolation : List.of(
                Stm.Isolation.SERIALIZABLE_SNAPSHOT, Stm.Isolation.SERIALIZABLE, Stm.Isolation.REPEATABLE_READS)) {
            var counter = "counter-" + isolation;
            client.kv().put(counter, "0");
            var all = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 3; i++) {
                all.add(CompletableFuture.runAsync(
                        () -> {
                            for (int j = 0; j < 10; j++) {
                                Stm.run(
                                        client,
                                        isolation,
                                        stm -> stm.put(
                                                counter, Integer.toString(Integer.parseInt(stm.get(counter)) + 1)));
                            }
                        },
                        task -> new Thread(task).start()));
            }
            for (var each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(client.kv().get(counter).first().orElseThrow().value().string())
                    .isEqualTo("30");
        }
    }

    @Test
    void aViewFollowsItsRangeThroughCompaction() {
        client.kv().put("v/1", "a");
        client.kv().put("other", "x");
        try (var view = client.view(KeyRange.prefix("v/"))) {
            assertThat(view.get(Key.of("v/1")).orElseThrow().value().string()).isEqualTo("a");
            var changed = new CopyOnWriteArrayList<String>();
            view.onChange(
                    events -> events.forEach(event -> changed.add(event.key().string())));
            long revision = client.kv().put("v/2", "b").header().revision();
            assertThat(view.awaitRevision(revision, SOON)).isTrue();
            client.kv().compact(revision);
            long last = client.kv().delete("v/1").header().revision();
            assertThat(view.awaitRevision(last, SOON)).isTrue();
            assertThat(view.all()).extracting(KeyValue::key).containsExactly(Key.of("v/2"));
            Await.await("the listener was told", SOON, () -> changed.size() == 2);
            assertThat(changed).containsExactly("v/2", "v/1");
        }
    }

    @Test
    void aNamespaceIsAllThereIs() {
        client.kv().put("n", "outside");
        client.kv().put("o/", "outside");
        var kv = new Namespace("n/").kv(client.kv());
        kv.put("a", "1");
        kv.put("b", "2");
        assertThat(client.kv().get("n/a").count()).isEqualTo(1);
        assertThat(kv.get(KeyRange.all()).kvs()).extracting(KeyValue::key).containsExactly(Key.of("a"), Key.of("b"));
        assertThat(kv.get(KeyRange.from(Key.of("b"))).count()).isEqualTo(1);
        var answer = kv.commit(
                Txn.when(Compare.exists(Key.of("a"))).then(Op.get("b"), Txn.of(Op.delete(KeyRange.prefix("")))));
        assertThat(answer.get(0).first().orElseThrow().key()).isEqualTo(Key.of("b"));
        for (Op nameless : List.<Op>of(Op.get(""), Op.put("", "x"), Op.delete(""), Txn.of(Op.put("", "x")))) {
            assertThatThrownBy(() -> kv.run(nameless)).hasMessage("etcdserver: key is not provided");
        }
        assertThat(client.kv()
                        .get(KeyRange.all(), GetOption.DEFAULTS.withCountOnly())
                        .count())
                .isEqualTo(2);
    }

    @Test
    void aNamespaceNamesTheKeysOfALeaseThatAreInIt() {
        long lease = client.lease().grant(TTL).id();
        var attached = PutOption.DEFAULTS.withLease(lease);
        client.kv().put(Key.of("n/a"), Value.of("1"), attached);
        client.kv().put(Key.of("outside"), Value.of("1"), attached);
        var answer = new Namespace("n/").timeToLive(client.lease(), lease, Lease.Keys.LISTED);
        assertThat(answer.keys()).containsExactly(Key.of("a"));
        assertThat(answer.grantedTtl()).isEqualTo(TTL.toSeconds());
    }

    @Test
    void theMembersOwnLocksAndElections() throws Exception {
        long lease = client.lease().grant(TTL).id();
        long other = client.lease().grant(TTL).id();
        var first = client.lock().lock(Key.of("l"), lease);
        var second = client.lock().async().lock(Key.of("l"), other);
        assertThat(client.kv().get(first.key()).first().orElseThrow().lease()).isEqualTo(lease);
        client.lock().unlock(first.key());
        client.lock().unlock(second.get(30, TimeUnit.SECONDS).key());

        var name = Key.of("e");
        var seen = new CopyOnWriteArrayList<String>();
        var won = client.election().campaign(name, lease, Value.of("one")).leader();
        try (var observing = client.election()
                .observe(name, answer -> seen.add(answer.leader().value().string()))) {
            Await.await("the first", SOON, () -> seen.size() == 1);
            client.election().proclaim(won, Value.of("two"));
            Await.await("its second word", SOON, () -> seen.size() == 2);
            assertThat(client.election().leader(name).leader().value().string()).isEqualTo("two");
            var next = client.election().async().campaign(name, other, Value.of("three"));
            client.election().resign(won);
            next.get(30, TimeUnit.SECONDS);
            Await.await("the next", SOON, () -> seen.size() == 3);
            assertThat(seen).containsExactly("one", "two", "three");
            assertThatThrownBy(() -> client.election().proclaim(won, Value.of("four")))
                    .hasMessage("election: not leader");
            assertThat(observing.ended()).isNotDone();
        }
    }

    @Test
    void usersAndRoles() {
        var auth = client.auth();
        auth.addUser("root", "secret");
        auth.addUser("eve", "first");
        auth.addRole("root");
        auth.addRole("reader");
        auth.grantRole("root", "root");
        auth.grantRole("eve", "reader");
        var permission = new Auth.Permission(Auth.Access.READ, KeyRange.prefix("r/"));
        auth.grantPermission("reader", permission);
        assertThat(auth.role("reader").permissions()).containsExactly(permission);
        assertThat(auth.user("eve").roles()).containsExactly("reader");
        assertThat(auth.users().names()).containsExactly("eve", "root");
        assertThat(auth.roles().names()).containsExactly("reader", "root");
        auth.changePassword("eve", "second");
        auth.enable();
        try (var root = client.as("root", "secret");
                var eve = client.as("eve", "second")) {
            root.kv().put("r/a", "1");
            assertThat(eve.kv().get("r/a").count()).isEqualTo(1);
            assertThatThrownBy(() -> eve.kv().put("r/a", "2")).hasMessage("etcdserver: permission denied");
            assertThatThrownBy(() -> client.as("eve", "first"))
                    .hasMessage("etcdserver: authentication failed, invalid user ID or password");
            root.auth().revokePermission("reader", KeyRange.prefix("r/"));
            assertThatThrownBy(() -> eve.kv().get("r/a")).hasMessage("etcdserver: permission denied");
            root.auth().revokeRole("eve", "reader");
            root.auth().deleteRole("reader");
            root.auth().deleteUser("eve");
            root.auth().disable();
        }
        assertThat(auth.users().names()).containsExactly("root");
        assertThat(auth.roles().names()).containsExactly("root");
    }

    @Test
    void endpointsAreWhatTheMembersSay() {
        assertThat(client.syncEndpoints()).containsExactly(member.endpoint());
        assertThat(client.endpoints()).containsExactly(member.endpoint());
        assertThat(client.kv().get("a").count()).isZero();
    }

    @Test
    void aRequestThatIsTooLargeForTheMemberIsItsRefusal() {
        var large = evidence.closing(Client.builder()
                .endpoints(member.endpoint())
                .maxSendBytes(3 << 20)
                .connect());
        assertThatThrownBy(() -> large.kv().put(Key.of("a"), Value.of(new byte[1700 << 10])))
                .hasMessage("etcdserver: request is too large");
    }

    @Test
    void aLeaseThatIsGoneIsExpired() {
        long lease = client.lease().grant(TTL).id();
        assertThat(client.lease().timeToLive(lease).expired()).isFalse();
        client.lease().revoke(lease);
        assertThat(client.lease().timeToLive(lease).expired()).isTrue();
    }

    @Test
    void aChannelFindsAServiceByItsName() throws Exception {
        var services = new NamedServices(client);
        NameResolverRegistry.getDefaultRegistry().register(services);
        var channel = ManagedChannelBuilder.forTarget("etcd:///keys")
                .usePlaintext()
                .defaultLoadBalancingPolicy("round_robin")
                .build();
        try (var session = Session.open(client, TTL)) {
            var ask = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("a"))
                    .build();
            // Nobody serves yet.
            var answer = KVGrpc.newFutureStub(channel)
                    .withWaitForReady()
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .range(ask);
            var naming = new Naming(client.kv());
            var address = URI.create(member.endpoint()).getAuthority();
            var attached = PutOption.DEFAULTS.withLease(session.leaseId());
            naming.register("keys", "\"nonsense\"", attached);
            naming.register("keys", address, attached);
            assertThat(naming.addresses("keys")).containsExactly("\"nonsense\"", address);
            assertThat(answer.get(30, TimeUnit.SECONDS).getCount()).isZero();
            assertThat(client.kv()
                            .get("keys/" + address)
                            .first()
                            .orElseThrow()
                            .value()
                            .string())
                    .isEqualTo("{\"Op\":0,\"Addr\":\"" + address + "\",\"Metadata\":null}");

            naming.unregister("keys", address);
            assertThat(naming.addresses("keys")).containsExactly("\"nonsense\"");
        } finally {
            channel.shutdownNow();
            NameResolverRegistry.getDefaultRegistry().deregister(services);
        }
    }

    @Test
    void aMirrorHasTheBaseAndEveryChangeAfterIt() {
        for (int i = 0; i < 1100; i++) {
            client.kv().async().put("s/%04d".formatted(i), "x").join();
        }
        var mirror = Mirror.of(client, KeyRange.prefix("s/"));
        client.kv().put("s/new", "y");
        var base = new ArrayList<KeyValue>();
        mirror.base(page -> base.addAll(page.kvs()));
        assertThat(base).hasSize(1100);
        try (var changes = mirror.changes()) {
            assertThat(changes.next().events().getFirst().key()).isEqualTo(Key.of("s/new"));
        }
        var ordered = OrderedKV.over(client.kv());
        long revision = ordered.put("s/new", "z").header().revision();
        assertThat(ordered.get(KeyRange.of("s/new"), GetOption.DEFAULTS.withSerializable())
                        .header()
                        .revision())
                .isGreaterThanOrEqualTo(revision);
    }
}
