package dev.cetera.lab.campaign;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.proxy.Conditions;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A member lags so far behind that it needs a snapshot, and then something happens to that.
///
/// Confined to the round's thread.
final class SnapshotFaults {
    /// More than any member keeps for those that lag, and what it lets gather before it makes a snapshot.
    private static final int ENTRIES = 5_000 + 1_500;

    private static final int IN_FLIGHT = 256;
    private static final long HEALTHY_SECONDS = 20;
    private static final long LEADER_SECONDS = 8;
    private static final long FILL_SECONDS = 12;
    private static final long SNAPSHOT_SECONDS = 10;
    private static final ByteString NEVER_WRITTEN = ByteString.copyFromUtf8("never written");

    private final Arena arena;

    SnapshotFaults(Arena arena) {
        this.arena = arena;
    }

    List<Fault> all() {
        return arena.cluster().members().size() < 3
                ? List.of()
                : List.of(
                        new Fault("receiver of a snapshot killed", 6, () -> lag(this::killReceiver)),
                        new Fault("sender of a snapshot killed", 3, () -> lag(this::killSender)),
                        new Fault("snapshot broken off", 5, () -> lag(receiver -> {})));
    }

    private interface Then {
        void happen(Member receiver) throws IOException, InterruptedException;
    }

    private void lag(Then then) throws IOException, InterruptedException {
        Member receiver = arena.follower();
        arena.networkTurn().lock();
        try {
            if (!arena.becomesHealthy(TimeUnit.SECONDS.toNanos(HEALTHY_SECONDS))) {
                arena.note("nobody can be spared");
                return;
            }
            arena.kill(receiver);
            int filled = fill(receiver);
            arena.note(receiver.name() + " is down and lags by " + filled + " entries");
            int seen = arena.network().snapshotsTo(receiver.name());
            // Slow enough to be hit in its middle; the first one is broken off.
            var slow = Conditions.FAIR
                    .withRate(100_000 + arena.random().nextInt(900_000))
                    .withSnapshotsBrokenAfter(1 + arena.random().nextInt(150_000));
            for (Member sender : arena.cluster().others(receiver)) {
                arena.network().set(sender.name(), receiver.name(), slow);
            }
            arena.revive(receiver);
            boolean begun =
                    arena.network().awaitSnapshot(receiver.name(), seen, TimeUnit.SECONDS.toNanos(SNAPSHOT_SECONDS));
            arena.note(begun ? "a snapshot is on its way to " + receiver.name() : "no snapshot was needed");
            arena.anyWhile(300);
            then.happen(receiver);
        } finally {
            for (Member sender : arena.cluster().others(receiver)) {
                arena.network().set(sender.name(), receiver.name(), Conditions.FAIR);
            }
            arena.networkTurn().unlock();
        }
    }

    private void killReceiver(Member receiver) throws IOException, InterruptedException {
        arena.note("kill " + receiver.name());
        arena.kill(receiver);
        arena.anyWhile(500);
        arena.revive(receiver);
    }

    private void killSender(Member receiver) throws IOException, InterruptedException {
        Member leader = arena.watchman().leader();
        if (leader != null && leader != receiver) {
            arena.note("kill " + leader.name());
            arena.kill(leader);
            arena.anyWhile(1000);
            arena.revive(leader);
        }
    }

    /// Many entries that change nothing: transactions that would write if what is never true were. Gives back
    /// how many were answered.
    private int fill(Member but) throws InterruptedException {
        Member through = arena.watchman().awaitLeaderBut(but, TimeUnit.SECONDS.toNanos(LEADER_SECONDS));
        if (through == null) {
            return 0;
        }
        Direct direct = arena.cluster().direct(through);
        direct.channel().resetConnectBackoff();
        var request = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(NEVER_WRITTEN)
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResult(Compare.CompareResult.GREATER)
                        .setVersion(0))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(NEVER_WRITTEN)))
                .build();
        var kv = KVGrpc.newStub(direct.channel()).withDeadlineAfter(FILL_SECONDS, TimeUnit.SECONDS);
        var free = new Semaphore(IN_FLIGHT);
        var answered = new AtomicInteger();
        for (int sent = 0; answered.get() < ENTRIES && sent < 2 * ENTRIES; sent++) {
            free.acquire();
            kv.txn(request, new StreamObserver<>() {
                @Override
                public void onNext(TxnResponse response) {
                    answered.incrementAndGet();
                }

                @Override
                public void onError(Throwable error) {
                    free.release();
                }

                @Override
                public void onCompleted() {
                    free.release();
                }
            });
        }
        free.acquire(IN_FLIGHT);
        return answered.get();
    }
}
