package dev.cetera.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.v3electionpb.CampaignRequest;
import dev.cetera.api.v3electionpb.CampaignResponse;
import dev.cetera.api.v3electionpb.ElectionGrpc;
import dev.cetera.api.v3electionpb.LeaderKey;
import dev.cetera.api.v3electionpb.LeaderRequest;
import dev.cetera.api.v3electionpb.LeaderResponse;
import dev.cetera.api.v3electionpb.ProclaimRequest;
import dev.cetera.api.v3electionpb.ResignRequest;
import dev.cetera.api.v3lockpb.LockGrpc;
import dev.cetera.api.v3lockpb.LockRequest;
import dev.cetera.api.v3lockpb.LockResponse;
import dev.cetera.api.v3lockpb.UnlockRequest;
import dev.cetera.embed.RunningMember;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On a real member, by the stubs of a client. The tests share it; each has names of its own.
final class LocksAndElectionsTest {
    private static RunningMember member;

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        member = new RunningMember(dir);
    }

    @AfterAll
    static void stop() {
        member.close();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static long lease() {
        return LeaseGrpc.newBlockingStub(member.channel())
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
    }

    private static ListenableFuture<LockResponse> lock(String name, long lease) {
        return LockGrpc.newFutureStub(member.channel())
                .lock(LockRequest.newBuilder()
                        .setName(bytes(name))
                        .setLease(lease)
                        .build());
    }

    private static void unlock(ByteString key) {
        LockGrpc.newBlockingStub(member.channel())
                .unlock(UnlockRequest.newBuilder().setKey(key).build());
    }

    private static <T> T within(ListenableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Status refusal(ListenableFuture<?> future) {
        var failed = catchThrowableOfType(ExecutionException.class, () -> within(future));
        return Status.fromThrowable(failed.getCause());
    }

    /// Tells of the keys that come and go.
    private static BlockingQueue<String> watching(String prefix) throws Exception {
        var seen = new LinkedBlockingQueue<String>();
        var requests = WatchGrpc.newStub(member.channel()).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                if (response.getCreated()) {
                    seen.add("watching");
                }
                response.getEventsList()
                        .forEach(event -> seen.add(
                                event.getType() + " " + event.getKv().getKey().toStringUtf8()));
            }

            @Override
            public void onError(Throwable end) {}

            @Override
            public void onCompleted() {}
        });
        var create = WatchCreateRequest.newBuilder().setKey(bytes(prefix + "/")).setRangeEnd(bytes(prefix + "0"));
        requests.onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
        assertThat(next(seen)).isEqualTo("watching");
        return seen;
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return queue.poll(20, TimeUnit.SECONDS);
    }

    private static String key(String name, long lease) {
        return name + "/" + Long.toHexString(lease);
    }

    // ---- locks ----

    @Test
    void aLockIsHeldByOneAndPassedOnInOrder() throws Exception {
        var events = watching("order");
        long first = lease();
        long second = lease();
        long third = lease();
        var held = within(lock("order", first));
        assertThat(held.getKey().toStringUtf8()).isEqualTo(key("order", first));
        assertThat(next(events)).isEqualTo("PUT " + key("order", first));
        var waiting = lock("order", second);
        assertThat(next(events)).isEqualTo("PUT " + key("order", second));
        var last = lock("order", third);
        assertThat(next(events)).isEqualTo("PUT " + key("order", third));
        assertThat(waiting.isDone()).isFalse();

        unlock(held.getKey());
        var passed = within(waiting);
        assertThat(passed.getKey().toStringUtf8()).isEqualTo(key("order", second));
        assertThat(passed.getHeader().getRevision())
                .isGreaterThan(held.getHeader().getRevision());
        assertThat(last.isDone()).isFalse();
        unlock(passed.getKey());
        assertThat(within(last).getKey().toStringUtf8()).isEqualTo(key("order", third));
    }

    @Test
    void whoHoldsALockGetsItAgainAtOnce() throws Exception {
        long lease = lease();
        var held = within(lock("again", lease));
        assertThat(within(lock("again", lease)).getKey()).isEqualTo(held.getKey());
    }

    @Test
    void whoStopsWaitingTakesItsKeyAway() throws Exception {
        var events = watching("leave");
        within(lock("leave", lease()));
        next(events);
        long lease = lease();
        var waiting = lock("leave", lease);
        assertThat(next(events)).isEqualTo("PUT " + key("leave", lease));
        waiting.cancel(true);
        assertThat(next(events)).isEqualTo("DELETE " + key("leave", lease));
    }

    @Test
    void whoIsNotAroundAnyMoreIsPassedOver() throws Exception {
        var events = watching("gone");
        var held = within(lock("gone", lease()));
        long expires = lease();
        var lost = lock("gone", expires);
        next(events);
        assertThat(next(events)).isEqualTo("PUT " + key("gone", expires));
        long stays = lease();
        var waiting = lock("gone", stays);
        assertThat(next(events)).isEqualTo("PUT " + key("gone", stays));
        LeaseGrpc.newBlockingStub(member.channel())
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(expires).build());
        unlock(held.getKey());
        assertThat(within(waiting).getKey().toStringUtf8()).isEqualTo(key("gone", stays));
        assertThat(refusal(lost).getDescription()).isEqualTo("mutex: session is expired");
    }

    @Test
    void aLockWithoutALeaseGetsOneOfAMinute() throws Exception {
        var held = within(lock("own", 0));
        var name = held.getKey().toStringUtf8();
        long lease = Long.parseLong(name.substring("own/".length()), 16);
        var life = LeaseGrpc.newBlockingStub(member.channel())
                .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                        .setID(lease)
                        .setKeys(true)
                        .build());
        assertThat(life.getGrantedTTL()).isEqualTo(60);
        assertThat(life.getKeysList()).containsExactly(held.getKey());
    }

    @Test
    void aLeaseThatIsNotThereIsRefusedWithoutACode() {
        var refusal = refusal(lock("unknown", 77));
        assertThat(refusal.getCode()).isEqualTo(Status.Code.UNKNOWN);
        assertThat(refusal.getDescription()).isEqualTo("etcdserver: requested lease not found");
    }

    @Test
    void aNegativeLeaseIsWrittenWithItsSign() {
        assertThat(Keys.of(bytes("n"), -255).toStringUtf8()).isEqualTo("n/-ff");
    }

    @Test
    void whatNobodyHoldsMayBeUnlocked() {
        unlock(bytes("nobody/1"));
    }

    // ---- elections ----

    private static ListenableFuture<CampaignResponse> campaign(String name, long lease, String value) {
        return ElectionGrpc.newFutureStub(member.channel())
                .campaign(CampaignRequest.newBuilder()
                        .setName(bytes(name))
                        .setLease(lease)
                        .setValue(bytes(value))
                        .build());
    }

    private static String leader(String name) {
        return ElectionGrpc.newBlockingStub(member.channel())
                .leader(LeaderRequest.newBuilder().setName(bytes(name)).build())
                .getKv()
                .getValue()
                .toStringUtf8();
    }

    private static void proclaim(LeaderKey leader, String value) {
        var request = ProclaimRequest.newBuilder().setLeader(leader).setValue(bytes(value));
        ElectionGrpc.newBlockingStub(member.channel()).proclaim(request.build());
    }

    private static void resign(LeaderKey leader) {
        ElectionGrpc.newBlockingStub(member.channel())
                .resign(ResignRequest.newBuilder().setLeader(leader).build());
    }

    private static String failure(Runnable call) {
        var failed = catchThrowableOfType(StatusRuntimeException.class, call::run);
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
        return String.valueOf(failed.getStatus().getDescription());
    }

    @Test
    void theFirstToCampaignLeadsUntilItResigns() throws Exception {
        long lease = lease();
        var first = within(campaign("office", lease, "one")).getLeader();
        assertThat(first.getKey().toStringUtf8()).isEqualTo(key("office", lease));
        assertThat(first.getName()).isEqualTo(bytes("office"));
        assertThat(first.getLease()).isEqualTo(lease);
        var second = campaign("office", lease(), "two");
        assertThat(leader("office")).isEqualTo("one");
        proclaim(first, "uno");
        assertThat(leader("office")).isEqualTo("uno");
        within(campaign("office", lease, "eins"));
        assertThat(leader("office")).isEqualTo("eins");
        assertThat(second.isDone()).isFalse();

        resign(first);
        assertThat(within(second).getLeader().getRev()).isGreaterThan(first.getRev());
        assertThat(leader("office")).isEqualTo("two");
        assertThat(failure(() -> proclaim(first, "no"))).isEqualTo("election: not leader");
        resign(first); // does nothing
        assertThat(leader("office")).isEqualTo("two");
    }

    @Test
    void aCandidateThatGoesTakesItsKeyAway() throws Exception {
        var events = watching("candidate");
        within(campaign("candidate", lease(), "one"));
        next(events);
        long lease = lease();
        var waiting = campaign("candidate", lease, "two");
        assertThat(next(events)).isEqualTo("PUT " + key("candidate", lease));
        waiting.cancel(true);
        assertThat(next(events)).isEqualTo("DELETE " + key("candidate", lease));
    }

    @Test
    void anObserverIsToldOfEachLeaderAndWhatItProclaims() throws Exception {
        var first = within(campaign("seen", lease(), "one")).getLeader();
        Iterator<LeaderResponse> seen = ElectionGrpc.newBlockingStub(member.channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .observe(LeaderRequest.newBuilder().setName(bytes("seen")).build());
        assertThat(seen.next().getKv().getValue()).isEqualTo(bytes("one"));
        proclaim(first, "uno");
        assertThat(seen.next().getKv().getValue()).isEqualTo(bytes("uno"));
        resign(first);
        var second = within(campaign("seen", lease(), "two")).getLeader();
        var told = seen.next();
        assertThat(told.getKv().getKey()).isEqualTo(second.getKey());
        assertThat(told.getHeader().getRevision()).isEqualTo(second.getRev());
        proclaim(second, "due");
        assertThat(seen.next().getKv().getValue()).isEqualTo(bytes("due"));
    }

    @Test
    void withoutALeaderThereIsNothingToTell() {
        assertThat(failure(() -> leader("vacant"))).isEqualTo("election: no leader");
        assertThat(failure(() ->
                        ElectionGrpc.newBlockingStub(member.channel()).proclaim(ProclaimRequest.getDefaultInstance())))
                .isEqualTo("\"leader\" field must be provided");
        assertThat(failure(() ->
                        ElectionGrpc.newBlockingStub(member.channel()).resign(ResignRequest.getDefaultInstance())))
                .isEqualTo("\"leader\" field must be provided");
    }
}
