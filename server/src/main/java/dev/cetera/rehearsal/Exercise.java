package dev.cetera.rehearsal;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.KVGrpc.KVBlockingStub;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Clients that keep a rehearsing member busy for some seconds, by gRPC: what the JVM notes of the hot code is
/// what it later compiles by. In a process of its own, or it would note the clients' way through the same
/// libraries, too.
final class Exercise {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final int CLIENTS = 50;
    private static final int CONNECTIONS = 5;
    private static final int KEYS = 1_000;
    private static final int LIST_KEYS = 50;
    private static final ByteString VALUE = ByteString.copyFrom(new byte[256]);

    private Exercise() {}

    /// @param args where the member serves, `host:port`
    static void main(String[] args) throws InterruptedException, ExecutionException {
        var channels = new ArrayList<ManagedChannel>();
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(NettyChannelBuilder.forTarget(args[0]).usePlaintext().build());
        }
        long end = System.nanoTime() + NANOS;
        watch(channels.getFirst());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (int i = 0; i < CLIENTS; i++) {
                var kv = KVGrpc.newBlockingStub(channels.get(i % CONNECTIONS));
                var random = new SplittableRandom(i);
                clients.add(threads.submit(() -> {
                    while (System.nanoTime() - end < 0) {
                        exercise(kv, random);
                    }
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private static void exercise(KVBlockingStub kv, SplittableRandom random) {
        var key = key(random.nextInt(KEYS));
        var put = PutRequest.newBuilder().setKey(key).setValue(VALUE).build();
        var range = RangeRequest.newBuilder().setKey(key);
        kv.put(put);
        kv.range(range.build());
        kv.range(range.setSerializable(true).build());
        int first = random.nextInt(KEYS - LIST_KEYS);
        kv.range(RangeRequest.newBuilder()
                .setKey(key(first))
                .setRangeEnd(key(first + LIST_KEYS))
                .build());
        kv.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setResult(Compare.CompareResult.GREATER))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                .build());
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8("key/" + (KEYS + number));
    }

    private static void watch(ManagedChannel channel) {
        var nobody = new StreamObserver<WatchResponse>() {
            @Override
            public void onNext(WatchResponse value) {
                // That it is sent is all that is wanted.
            }

            @Override
            public void onError(Throwable why) {
                // So it ends, when all do.
            }

            @Override
            public void onCompleted() {
                // Not by the member.
            }
        };
        var watching = WatchGrpc.newStub(channel).watch(nobody);
        for (int i = 0; i < KEYS; i += 10) {
            watching.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder().setKey(key(i)))
                    .build());
        }
    }
}
