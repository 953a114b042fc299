package dev.cetera.lab.cluster;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.mvccpb.KeyValue;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A connection to a member without a client library, for what needs many requests or none read.
///
/// Shared: channels are.
public final class Direct implements AutoCloseable {
    /// The first key of all; as the end of a range: no end.
    public static final ByteString FIRST_KEY = ByteString.copyFrom(new byte[] {0});

    private static final ByteString SUCCESSOR = FIRST_KEY;
    private static final int IN_FLIGHT = 512;
    private static final int PAGE = 5000;

    private final ManagedChannel channel;

    public Direct(Member member) {
        URI endpoint = URI.create(member.endpoint());
        Encryption encryption = member.encryption();
        var builder = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                .maxInboundMessageSize(256 << 20);
        this.channel = (encryption == null ? builder.usePlaintext() : builder.sslContext(encryption.forGrpc())).build();
    }

    public ManagedChannel channel() {
        return channel;
    }

    /// Stubs whose calls must be answered within `deadline` from now. A connection that failed before is tried
    /// again at once, not when its back-off allows.
    public KVGrpc.KVBlockingStub kv(Duration deadline) {
        return KVGrpc.newBlockingStub(awake()).withDeadlineAfter(deadline);
    }

    public MaintenanceGrpc.MaintenanceBlockingStub maintenance(Duration deadline) {
        return MaintenanceGrpc.newBlockingStub(awake()).withDeadlineAfter(deadline);
    }

    public ClusterGrpc.ClusterBlockingStub cluster(Duration deadline) {
        return ClusterGrpc.newBlockingStub(awake()).withDeadlineAfter(deadline);
    }

    public LeaseGrpc.LeaseBlockingStub lease(Duration deadline) {
        return LeaseGrpc.newBlockingStub(awake()).withDeadlineAfter(deadline);
    }

    public WatchGrpc.WatchStub watch() {
        return WatchGrpc.newStub(awake());
    }

    private ManagedChannel awake() {
        channel.resetConnectBackoff();
        return channel;
    }

    /// Tells `each` what a range request over many keys finds, in the order of the keys. It is made in pieces,
    /// each within `deadline`; without a revision the pieces need not be of one moment.
    public void scan(RangeRequest whole, Duration deadline, Consumer<KeyValue> each) {
        ByteString from = whole.getKey();
        RangeResponse page;
        do {
            page = kv(deadline)
                    .range(whole.toBuilder().setKey(from).setLimit(PAGE).build());
            for (KeyValue found : page.getKvsList()) {
                each.accept(found);
                from = found.getKey().concat(SUCCESSOR);
            }
        } while (page.getMore());
    }

    /// Makes `count` puts, many at a time; all have been acknowledged when it returns.
    public void putAll(long count, LongFunction<PutRequest> request) throws InterruptedException {
        var kv = KVGrpc.newStub(channel);
        var free = new Semaphore(IN_FLIGHT);
        var failure = new AtomicReference<@Nullable Throwable>();
        for (long i = 0; i < count && failure.get() == null; i++) {
            free.acquire();
            kv.put(request.apply(i), new StreamObserver<>() {
                @Override
                public void onNext(PutResponse response) {
                    // That it was answered is all that matters.
                }

                @Override
                public void onError(Throwable error) {
                    failure.compareAndSet(null, error);
                    free.release();
                }

                @Override
                public void onCompleted() {
                    free.release();
                }
            });
        }
        free.acquire(IN_FLIGHT);
        Throwable error = failure.get();
        if (error != null) {
            throw new AssertionError("a put failed: " + Status.fromThrowable(error), error);
        }
    }

    /// Hash of everything that is visible or kept at the current revision.
    public HashKVResponse hash() {
        return MaintenanceGrpc.newBlockingStub(channel).hashKV(HashKVRequest.getDefaultInstance());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
