package dev.cetera.lab.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.client.Client;
import dev.cetera.client.Compare;
import dev.cetera.client.EtcdException;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.WatchOption;
import dev.cetera.client.concurrency.Mutex;
import dev.cetera.client.concurrency.Session;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Members are killed, hung and started again under watches, leases and locks: nothing is lost, nothing comes
/// twice, and no lock is held by two.
class ClientUnderFaultsTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final Duration TTL = Duration.ofSeconds(15);
    private static final int ROUNDS = 4;
    private static final int STEP = 15;
    private static final Key GUARDED = Key.of("guarded");

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void nothingIsLostOrComesTwiceOnOurMembers() throws Exception {
        tryWith(Program.underTest(), 1);
    }

    @Test
    void nothingIsLostOrComesTwiceOnEtcdsMembers() throws Exception {
        tryWith(Program.etcd(), 2);
    }

    private void tryWith(Program program, long seed) throws Exception {
        var cluster = evidence.closing(Cluster.of(evidence.directory(), 3));
        cluster.start(List.of(program, program, program));
        var stop = new AtomicBoolean();
        var failures = new CopyOnWriteArrayList<Throwable>();
        var threads = new ArrayList<Thread>();
        var acknowledged = new AtomicInteger();
        var locked = new AtomicInteger();
        var seen = new ConcurrentLinkedQueue<KeyValue>();
        var guarded = new ConcurrentLinkedQueue<KeyValue>();
        var holders = new AtomicInteger();

        var client = client(cluster);
        var lost = new CopyOnWriteArrayList<EtcdException>();
        var lease = client.lease().hold(TTL, lost::add);
        var watch = client.watch()
                .listen(
                        KeyRange.prefix("w/"),
                        WatchOption.DEFAULTS,
                        batch -> batch.events().forEach(event -> seen.add(event.kv())));
        var guard = client.watch()
                .listen(
                        KeyRange.of(GUARDED),
                        WatchOption.DEFAULTS,
                        batch -> batch.events().forEach(event -> guarded.add(event.kv())));
        watch.created().join();
        guard.created().join();
        try {
            threads.add(start(failures, () -> write(client, stop, acknowledged)));
            for (int i = 0; i < 3; i++) {
                var contender = client(cluster);
                threads.add(start(failures, () -> lock(contender, stop, holders, locked)));
            }
            hurt(cluster, program, new Random(seed), acknowledged, locked, failures);
        } finally {
            stop.set(true);
        }
        for (var thread : threads) {
            thread.join(SOON.toMillis());
            assertThat(thread.isAlive()).as(thread.getName() + " still runs").isFalse();
        }
        assertThat(failures).isEmpty();

        var there = client.kv().within(SOON).get(KeyRange.prefix("w/"));
        assertThat(there.count()).isEqualTo(acknowledged.get());
        Await.await("the watch has seen all", SOON, () -> seen.size() >= there.count());
        assertThat(seen.stream().map(KeyValue::modRevision)).isSorted().doesNotHaveDuplicates();
        assertThat(seen.stream().map(KeyValue::key))
                .containsExactlyElementsOf(
                        there.kvs().stream().map(KeyValue::key).toList());

        long writes =
                client.kv().within(SOON).get(GUARDED).first().orElseThrow().version();
        Await.await("the watch of the guarded key has seen all", SOON, () -> guarded.size() >= writes);
        assertThat(guarded).hasSize((int) writes);
        // Who writes with a token has shut out all lower ones: the order of writes is that of tokens.
        assertThat(guarded.stream().map(kv -> Long.parseLong(kv.value().string())))
                .isSorted();

        assertThat(lost).isEmpty();
        assertThat(lease.isAlive()).isTrue();
        assertThat(client.lease().within(SOON).timeToLive(lease.leaseId()).expired())
                .isFalse();
    }

    private Client client(Cluster cluster) {
        return evidence.closing(Client.builder()
                .endpoints(cluster.members().stream().map(Member::endpoint).toList())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
    }

    private static Thread start(List<Throwable> failures, Runnable work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        });
        thread.start();
        return thread;
    }

    /// One key after another, each until it is there; a write of unknown fate is looked at before it goes
    /// again.
    private static void write(Client client, AtomicBoolean stop, AtomicInteger acknowledged) {
        var kv = client.kv().within(CALL);
        for (int i = 0; !stop.get(); i++) {
            var key = Key.of("w/%06d".formatted(i));
            var once = Txn.when(Compare.missing(key)).then(Op.put(key, Value.of("x")));
            boolean there = false;
            while (!there) {
                try {
                    kv.commit(once);
                    there = true;
                } catch (EtcdException e) {
                    there = false;
                }
            }
            acknowledged.incrementAndGet();
        }
    }

    private static void lock(Client client, AtomicBoolean stop, AtomicInteger holders, AtomicInteger locked) {
        try (var session = Session.open(client, TTL)) {
            var mutex = new Mutex(session, "lock");
            while (!stop.get()) {
                try (var held = mutex.lock()) {
                    assertThat(holders.incrementAndGet()).as("holders").isEqualTo(1);
                    try {
                        guardedWrite(client, held);
                    } finally {
                        holders.decrementAndGet();
                    }
                    locked.incrementAndGet();
                }
            }
        }
    }

    private static void guardedWrite(Client client, Mutex.Held held) {
        var token = Value.of(Long.toString(held.fencingToken()));
        try {
            var answer = client.kv().within(CALL).commit(Txn.when(held.isHeld()).then(Op.put(GUARDED, token)));
            assertThat(answer.succeeded()).as("the lock is held").isTrue();
        } catch (EtcdException e) {
            // Done or not: the token tells which.
            assertThat(e.fate()).isNotNull();
        }
    }

    /// Each round one member is killed, hung, or ended in order; it comes back when work has gone on without
    /// it.
    private static void hurt(
            Cluster cluster,
            Program program,
            Random random,
            AtomicInteger acknowledged,
            AtomicInteger locked,
            List<Throwable> failures)
            throws Exception {
        var kinds = new ArrayList<>(List.of(0, 1, 2, 1));
        Collections.shuffle(kinds, random);
        progress("before any fault", acknowledged, locked, failures);
        for (int round = 0; round < ROUNDS; round++) {
            var victim = round % 2 == 0 ? cluster.leader() : cluster.member(random.nextInt(3));
            int kind = kinds.get(round);
            switch (kind) {
                case 0 -> victim.kill();
                case 1 -> victim.freeze();
                default -> victim.terminate();
            }
            progress("round " + round + " without " + victim.name(), acknowledged, locked, failures);
            if (kind == 1) {
                victim.thaw();
                victim.awaitHealthy(SOON);
            } else {
                victim.start(program);
            }
            progress("round " + round + " with all", acknowledged, locked, failures);
        }
    }

    private static void progress(
            String when, AtomicInteger acknowledged, AtomicInteger locked, List<Throwable> failures) {
        int writes = acknowledged.get() + STEP;
        int locks = locked.get() + 2;
        Await.await(
                "writes and locks go on, " + when + ", from " + acknowledged + " and " + locked,
                SOON,
                () -> !failures.isEmpty() || (acknowledged.get() >= writes && locked.get() >= locks));
        assertThat(failures).isEmpty();
    }
}
