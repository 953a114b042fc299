package dev.cetera.lab.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cetera.client.Client;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Value;
import dev.cetera.client.concurrency.DoubleBarrier;
import dev.cetera.client.concurrency.Election;
import dev.cetera.client.concurrency.Mutex;
import dev.cetera.client.concurrency.Session;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A request that was given up is carried out when nobody waits for it any more.
class LateRequestTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void aLateRequestForAPlaceTakesNoneOnOurMember() throws Exception {
        aLateRequestForAPlaceTakesNone(Program.underTest());
    }

    @Test
    void aLateRequestForAPlaceTakesNoneOnEtcdsMember() throws Exception {
        aLateRequestForAPlaceTakesNone(Program.etcd());
    }

    private void aLateRequestForAPlaceTakesNone(Program program) throws Exception {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(program);
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var client = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
        var direct = evidence.closing(Client.connect(member.endpoint()));
        try (var session = Session.open(client, SOON)) {
            var mutex = new Mutex(session, "m");
            mutex.lock().unlock(); // from here on the first request is that for a place
            water.stand();
            mutex.lock().unlock();
            water.flow(SOON);
            assertThat(direct.kv().get(KeyRange.prefix("m/")).kvs()).isEmpty();
            assertThat(mutex.tryLock()).isPresent();

            var election = new Election("e");
            election.campaign(session, Value.of("1")).resign();
            water.stand();
            election.campaign(session, Value.of("2")).resign();
            water.flow(SOON);
            assertThat(election.leader(direct)).isEmpty();
        }
        assertThat(direct.lease().leases().ids()).isEmpty();
    }

    @Test
    void whoeverWaitsForALockOutlivesTheHistoryOfIt() throws Exception {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var client = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
        var direct = evidence.closing(Client.connect(member.endpoint()));
        try (var owner = Session.open(direct, SOON);
                var waiter = Session.open(client, SOON)) {
            var held = new Mutex(owner, "m").lock();
            var waiting = CompletableFuture.supplyAsync(() -> new Mutex(waiter, "m").lock());
            Await.await(
                    "two in the queue",
                    SOON,
                    () -> direct.kv().get(KeyRange.prefix("m/")).count() == 2);
            water.cut();
            held.unlock();
            direct.kv().put("x", "1");
            direct.kv().compact(direct.kv().put("x", "2").header().revision());
            waiting.get(30, TimeUnit.SECONDS).unlock();
        }
    }

    @Test
    void whoeverWaitsAtABarrierOutlivesTheHistoryOfIt() throws Exception {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var client = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .keepAlive(Duration.ofMillis(500), Duration.ofSeconds(1))
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
        var direct = evidence.closing(Client.connect(member.endpoint()));
        try (var early = Session.open(client, SOON);
                var late = Session.open(direct, SOON)) {
            var waiting = CompletableFuture.runAsync(() -> new DoubleBarrier(early, "d", 2).enter());
            Await.await("one waits", SOON, () -> member.get("/metrics").body().contains("mvcc_watcher_total 1"));
            water.cut();
            new DoubleBarrier(late, "d", 2).enter();
            direct.kv().put("x", "1");
            direct.kv().compact(direct.kv().put("x", "2").header().revision());
            waiting.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLateWriteIsOfUnknownFateToWhomGaveItUp() throws Exception {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        var water =
                evidence.closing(new StandingWater(URI.create(member.endpoint()).getPort()));
        var client = evidence.closing(Client.builder()
                .endpoints(water.endpoint())
                .dialTimeout(SOON)
                .waitUntilConnected()
                .connect());
        water.stand();
        var failure = catchThrowableOfType(
                DeadlineException.class,
                () -> client.kv().within(Duration.ofMillis(300)).put("a", "1"));
        assertThat(failure.fate()).isEqualTo(EtcdException.Fate.UNKNOWN);
        client.close();
        water.flow(SOON);
        try (var direct = Client.connect(member.endpoint())) {
            assertThat(direct.kv().get("a").count()).isEqualTo(1);
        }
    }
}
