package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// When a lease is taken to be lost.
class LeaseTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void aLeaseIsLostWhenNobodyAnswers() throws Exception {
        var member = evidence.closing(new FakeMember(1));
        var client = evidence.closing(Client.connect(member.endpoint()));
        var granted = client.lease().grant(Duration.ofSeconds(1));
        member.silent.set(true);
        var lost = new CompletableFuture<EtcdException>();
        var held = client.lease().keepAlive(granted, lost::complete);
        assertThat(lost.get(30, TimeUnit.SECONDS)).hasMessage("etcdserver: requested lease not found");
        assertThat(held.isAlive()).isFalse();
        assertThat(held.lost()).isDone();
    }

    @Test
    void aLeaseThatIsGoneIsReportedAtTheNextRenewal() throws Exception {
        var member = evidence.closing(new FakeMember(1));
        var client = evidence.closing(Client.connect(member.endpoint()));
        var lost = new CompletableFuture<EtcdException>();
        client.lease().hold(Duration.ofSeconds(1), lost::complete);
        Await.await("a renewal", SOON, () -> member.count("renewal") > 0);
        member.keepAliveTtl.set(0);
        assertThat(lost.get(30, TimeUnit.SECONDS)).isInstanceOf(RefusedException.class);
    }

    @Test
    void renewalsGoOnOverAnotherMemberWhenOneIsSilent() throws Exception {
        var first = evidence.closing(new FakeMember(1));
        var second = evidence.closing(new FakeMember(2));
        first.keepAliveTtl.set(6);
        second.keepAliveTtl.set(6);
        var client = evidence.closing(Client.connect(first.endpoint(), second.endpoint()));
        Await.await("both connected", SOON, () -> client.connectedEndpoints().size() == 2);
        var held = client.lease().hold(Duration.ofSeconds(6), why -> {});
        Await.await("a renewal", SOON, () -> first.count("renewal") + second.count("renewal") > 0);
        var silent = first.count("renewal") > 0 ? first : second;
        var other = silent == first ? second : first;
        silent.silent.set(true);
        Await.await("a renewal over the other", SOON, () -> other.count("renewal") > 0);
        assertThat(held.isAlive()).isTrue();
    }

    @Test
    void renewingOnceSaysThatALeaseIsGone() throws Exception {
        var member = evidence.closing(new FakeMember(1));
        member.keepAliveTtl.set(0);
        var client = evidence.closing(Client.connect(member.endpoint()));
        assertThatThrownBy(() -> client.lease().keepAliveOnce(5)).hasMessage("etcdserver: requested lease not found");
        member.keepAliveTtl.set(9);
        assertThat(client.lease().keepAliveOnce(5).ttl()).isEqualTo(9);
    }

    @Test
    void aClosedClientLosesItsLeases() throws Exception {
        var member = evidence.closing(new FakeMember(1));
        var client = evidence.closing(Client.connect(member.endpoint()));
        var lost = new CompletableFuture<EtcdException>();
        client.lease().hold(Duration.ofSeconds(60), lost::complete);
        client.close();
        assertThat(lost.get(30, TimeUnit.SECONDS)).isInstanceOf(ClosedException.class);
    }

    @Test
    void whatAUserDoesAboutALostLeaseHoldsUpNoOther() throws Exception {
        var member = evidence.closing(new FakeMember(1));
        var client = evidence.closing(Client.connect(member.endpoint()));
        client.lease().keepAlive(6, why -> {});
        var doomed = client.lease().keepAlive(5, why -> {});
        var mayGoOn = new CountDownLatch(1);
        var busy = doomed.lost().thenRun(() -> awaitUninterruptibly(mayGoOn));
        member.gone.add(5L);
        Await.await("one is lost", SOON, () -> doomed.lost().isDone());
        int before = member.count("renewal of 6");
        Await.await("the other goes on", SOON, () -> member.count("renewal of 6") >= before + 3);
        assertThat(busy).isNotDone();
        mayGoOn.countDown();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
