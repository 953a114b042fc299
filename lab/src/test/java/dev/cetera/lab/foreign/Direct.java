package dev.cetera.lab.foreign;

import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.lab.cluster.Member;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A connection to a member without a client library, for what needs many requests or none read.
///
/// Shared: channels are.
final class Direct implements AutoCloseable {
    private static final int IN_FLIGHT = 512;

    private final ManagedChannel channel;

    Direct(Member member) {
        URI endpoint = URI.create(member.endpoint());
        this.channel = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                .usePlaintext()
                .maxInboundMessageSize(256 << 20)
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /// Makes `count` puts, many at a time; all have been acknowledged when it returns.
    void putAll(long count, LongFunction<PutRequest> request) throws InterruptedException {
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
    HashKVResponse hash() {
        return MaintenanceGrpc.newBlockingStub(channel).hashKV(HashKVRequest.getDefaultInstance());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
