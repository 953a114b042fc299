package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Leases belong to the cluster: no change of leaders loses one or ends one early, and one that nobody renews
/// ends all the same.
class LeaseForeignTest {
    private static final Program OURS = Program.underTest();
    private static final Program ETCD = Program.etcd();
    private static final Duration CALL = Duration.ofSeconds(8);
    private static final long SHORT_SECONDS = 4;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Cluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = evidence.closing(Cluster.of(evidence.directory(), 3)).start(List.of(OURS, ETCD, OURS));
    }

    @Test
    void leasesOutliveTheirLeaders() throws Exception {
        cluster.moveLeader(cluster.member(0));
        long renewed = grant(cluster.member(1), SHORT_SECONDS, "renewed");
        long patient = grant(cluster.member(2), 3600, "patient");
        var keeper = evidence.closing(new Keeper(cluster, renewed));

        assertEveryMemberKnowsTheRestOf(patient);
        // From ours to etcd or ours, from that one to the next: by force, and by the front door.
        killAndBringBack(cluster.member(0));
        assertEveryMemberKnowsTheRestOf(patient);
        cluster.moveLeader(cluster.member(1));
        keeper.awaitRenewals(3);
        killAndBringBack(cluster.member(1));
        cluster.moveLeader(cluster.member(2));

        long mortal = grant(cluster.member(0), SHORT_SECONDS, "mortal");
        long granted = System.nanoTime();
        cluster.moveLeader(cluster.member(0));
        cluster.eventually("the lease that nobody renews ends", () -> !exists("mortal"));
        assertThat(System.nanoTime() - granted)
                .as("life of a lease of %s s, ns", SHORT_SECONDS)
                .isGreaterThanOrEqualTo(Duration.ofSeconds(SHORT_SECONDS).toNanos());
        assertThat(timeToLive(cluster.member(1), mortal).getTTL()).isEqualTo(-1);

        keeper.awaitRenewals(3);
        assertIsThere("renewed");
        assertEveryMemberKnowsTheRestOf(patient);
        keeper.close();
        cluster.eventually("the lease that is renewed no longer ends", () -> !exists("renewed"));
        assertIsThere("patient");
        cluster.awaitSame();
    }

    private void killAndBringBack(Member member) throws Exception {
        member.kill();
        cluster.leader();
        assertIsThere("renewed");
        member.start(member.program());
    }

    /// A read that was put to a leader of before is refused, and asked again.
    private void assertIsThere(String key) {
        cluster.eventually("the key " + key + " is there", () -> exists(key));
    }

    /// Followers ask the leader; what it says is what is left, not what was granted or forever.
    private void assertEveryMemberKnowsTheRestOf(long lease) {
        for (Member member : cluster.running()) {
            // The one that was asked to grant it knows it; the others may be about to apply it.
            cluster.eventually(
                    member.name() + " knows the lease",
                    () -> timeToLive(member, lease).getTTL() > 0);
            LeaseTimeToLiveResponse answer = timeToLive(member, lease);
            assertThat(answer.getTTL()).as(member.name()).isBetween(3400L, 3601L);
            assertThat(answer.getGrantedTTL()).isEqualTo(3600);
            assertThat(answer.getKeysList()).containsExactly(ByteString.copyFromUtf8("patient"));
        }
    }

    private LeaseTimeToLiveResponse timeToLive(Member member, long lease) {
        return cluster.direct(member)
                .lease(CALL)
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(lease)
                        .setKeys(true)
                        .build());
    }

    private boolean exists(String key) {
        return cluster.direct(cluster.running().getFirst())
                        .kv(CALL)
                        .range(RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(key))
                                .build())
                        .getKvsCount()
                == 1;
    }

    /// A new lease with one key.
    private long grant(Member member, long seconds, String key) {
        Direct direct = cluster.direct(member);
        long lease = direct.lease(CALL)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(seconds).build())
                .getID();
        var _ = direct.kv(CALL)
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setLease(lease)
                        .build());
        return lease;
    }

    /// Renews a lease several times a second, through any member that answers.
    private static final class Keeper implements AutoCloseable {
        private static final long PAUSE_NANOS = 200_000_000;

        private final Cluster cluster;
        private final List<Direct> members;
        private final long lease;
        private final Thread thread;
        private volatile boolean stopping;
        private final AtomicInteger renewals = new AtomicInteger();
        private volatile boolean lost;

        Keeper(Cluster cluster, long lease) {
            this.cluster = cluster;
            this.members = cluster.members().stream().map(Direct::new).toList();
            this.lease = lease;
            this.thread = Thread.ofPlatform().name("keeper").daemon().start(this::run);
        }

        private void run() {
            for (int i = 0; !stopping; i++) {
                stayWith(members.get(i % members.size()));
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }

        private void stayWith(Direct member) {
            var over = new CountDownLatch(1);
            member.channel().resetConnectBackoff();
            StreamObserver<LeaseKeepAliveRequest> requests = LeaseGrpc.newStub(member.channel())
                    .leaseKeepAlive(new StreamObserver<>() {
                        @Override
                        public void onNext(LeaseKeepAliveResponse answer) {
                            renewals.incrementAndGet();
                            if (answer.getTTL() <= 0) {
                                lost = true;
                            }
                        }

                        @Override
                        public void onError(Throwable error) {
                            over.countDown();
                        }

                        @Override
                        public void onCompleted() {
                            over.countDown();
                        }
                    });
            while (!stopping && over.getCount() > 0) {
                requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            if (stopping) {
                requests.onCompleted();
            }
        }

        void awaitRenewals(int more) {
            int enough = renewals.get() + more;
            cluster.eventually("the lease is renewed", () -> renewals.get() >= enough);
            assertThat(lost).as("the lease was said to be gone").isFalse();
        }

        @Override
        public void close() {
            stopping = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            members.forEach(Direct::close);
        }
    }
}
