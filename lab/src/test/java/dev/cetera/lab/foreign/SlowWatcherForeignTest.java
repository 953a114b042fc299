package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Watchers that can't keep up are their own problem: no put waits for them, and the server doesn't keep their
/// events.
///
/// The bounds are wide, for the machine may be busy; what they catch is a put that waits for a watcher to
/// catch up, which takes seconds, and events kept for those who don't read them, which is gigabytes.
class SlowWatcherForeignTest {
    private static final long MAX_PUT_NANOS = 2_000_000_000;
    private static final long MAX_RESIDENT_BYTES = 1_600_000_000;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member;
    private Direct direct;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        member = evidence.closing(Member.in(evidence.directory(), "solo"));
        // With little heap, a server that keeps what nobody reads ends here instead of growing.
        member.start(Program.underTest().with(Map.of("CETERA_JAVA_OPTS", "-Xmx512m")));
        direct = evidence.closing(new Direct(member));
    }

    @Test
    void aWatcherHalfAMillionRevisionsBehindCatchesUpWithoutDelayingPuts() throws Exception {
        int behind = 500_000;
        direct.putAll(behind, i -> put("w/" + i % 1000, "%08d".formatted(i)));
        Histogram alone = putsOneByOne(500);

        var watcher = new CatchingUp(direct);
        Histogram beside = new Histogram(3);
        do {
            beside.add(putsOneByOne(100));
            watcher.check();
        } while (watcher.seen() < behind);
        Await.await("the watcher has caught up", Duration.ofSeconds(60), () -> watcher.seen() >= behind + 500);
        watcher.check();
        assertThat(beside.getMaxValue()).as("slowest put, ns").isLessThan(MAX_PUT_NANOS);
        assertThat(beside.getValueAtPercentile(50))
                .as("half of the puts, ns")
                .isLessThan(10 * alone.getValueAtPercentile(50) + 20_000_000);
        assertThat(residentBytes()).as("resident memory").isLessThan(MAX_RESIDENT_BYTES);
    }

    @Test
    void watchersThatNeverReadCostNeitherTimeNorMemory() throws Exception {
        Histogram alone = putsOneByOne(500);
        List<ClientCall<WatchRequest, WatchResponse>> deaf = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            deaf.add(deafWatcher());
        }
        // 160 MB of events for each of them, 3.2 GB together.
        ByteString big = ByteString.copyFrom(new byte[8192]);
        direct.putAll(
                20_000,
                i -> PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("w/" + i % 100))
                        .setValue(big)
                        .build());
        Histogram beside = putsOneByOne(500);
        assertThat(beside.getMaxValue()).as("slowest put, ns").isLessThan(MAX_PUT_NANOS);
        assertThat(beside.getValueAtPercentile(50))
                .as("half of the puts, ns")
                .isLessThan(10 * alone.getValueAtPercentile(50) + 20_000_000);
        assertThat(residentBytes()).as("resident memory").isLessThan(MAX_RESIDENT_BYTES);
        assertThat(member.get("/health").body()).contains("true");
        // One who begins to read gets what there is, in order.
        var late = new CatchingUp(direct);
        Await.await("a new watcher is served beside them", Duration.ofSeconds(60), () -> late.seen() >= 21_000);
        late.check();
        deaf.forEach(call -> call.cancel("the test is over", null));
    }

    /// Latencies of puts by one client, one after the other.
    private Histogram putsOneByOne(int count) {
        var kv = KVGrpc.newBlockingStub(direct.channel());
        var latency = new Histogram(3);
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            long revision = kv.put(put("w/one", "value " + i)).getHeader().getRevision();
            latency.recordValue(System.nanoTime() - start);
            assertThat(revision).isPositive();
        }
        return latency;
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    /// A stream of its own that takes the answer to its creation and nothing more.
    private ClientCall<WatchRequest, WatchResponse> deafWatcher() {
        var call = direct.channel().newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        var created = new AtomicLong();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(WatchResponse response) {
                        created.incrementAndGet();
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(everythingFrom(0));
        Await.await("the watcher is created", Duration.ofSeconds(30), () -> created.get() == 1);
        return call;
    }

    private static WatchRequest everythingFrom(long revision) {
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("w/"))
                        .setRangeEnd(ByteString.copyFromUtf8("w0"))
                        .setStartRevision(revision))
                .build();
    }

    private long residentBytes() throws IOException {
        String status = Files.readString(Path.of("/proc", Long.toString(member.pid()), "status"));
        String line = status.lines()
                .filter(found -> found.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D+", "")) * 1024;
    }

    /// Reads everything since the first put, and looks whether any revision is missing, repeated or out of
    /// order.
    private static final class CatchingUp extends ClientCall.Listener<WatchResponse> {
        private final ClientCall<WatchRequest, WatchResponse> call;
        private final AtomicLong seen = new AtomicLong();
        private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();

        CatchingUp(Direct direct) {
            this.call = direct.channel().newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(1);
            call.sendMessage(everythingFrom(1));
        }

        /// Revision of the last event less one: the first put makes revision 2.
        long seen() {
            return seen.get();
        }

        void check() {
            assertThat(wrong.get()).isNull();
        }

        @Override
        public void onMessage(WatchResponse response) {
            for (Event event : response.getEventsList()) {
                long due = seen.get() + 2;
                if (event.getKv().getModRevision() != due) {
                    wrong.compareAndSet(null, "revision " + event.getKv().getModRevision() + " came instead of " + due);
                }
                seen.incrementAndGet();
            }
            if (response.getCanceled()) {
                wrong.compareAndSet(null, "cancelled: " + response.getCancelReason());
            }
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            wrong.compareAndSet(null, "ended: " + status);
        }
    }
}
