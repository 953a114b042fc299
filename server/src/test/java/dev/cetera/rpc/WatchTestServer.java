package dev.cetera.rpc;

import dev.cetera.mvcc.Changes;
import dev.cetera.node.Answer;
import dev.cetera.node.Caller;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.WatchLimits;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The watch service on a socket, over a store in a list.
final class WatchTestServer implements AutoCloseable, WatchMember {
    static final long CLUSTER = 0xcafe_0000_0000_0001L;
    static final long MEMBER = 0xbeef_0000_0000_0002L;
    static final long TERM = 7;

    final WatchTestPast past = new WatchTestPast();
    final WatchLoop loop;
    final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    volatile boolean led = true;
    private final Server server;
    private final ManagedChannel channel;

    private WatchTestServer(WatchLimits limits, int ringSize, int revisionsBefore) throws IOException {
        for (int i = 0; i < revisionsBefore; i++) {
            past.put("old", "v" + i);
        }
        var ring = new EventRing(ringSize, 1 << 20, past.revision());
        loop = new WatchLoop(around -> new WatchTurns(ring, past, this, limits, 20_000_000, around), broken::set);
        loop.start();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(new WatchService(loop.turns(), this).definition())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(server.getListenSockets().getFirst())
                .usePlaintext()
                .directExecutor()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    static WatchTestServer start() throws IOException {
        return new WatchTestServer(WatchLimits.DEFAULTS, 1024, 0);
    }

    static WatchTestServer start(WatchLimits limits) throws IOException {
        return new WatchTestServer(limits, 1024, 0);
    }

    static WatchTestServer startWithPast(int revisionsBefore) throws IOException {
        return new WatchTestServer(WatchLimits.DEFAULTS, 1024, revisionsBefore);
    }

    WatchTestClient open() {
        return new WatchTestClient(channel, new Metadata(), WatchTestClient.Reading.AT_ONCE);
    }

    WatchTestClient openWithoutReading() {
        return new WatchTestClient(channel, new Metadata(), WatchTestClient.Reading.WHEN_TOLD);
    }

    WatchTestClient openNeedingLeader() {
        var metadata = new Metadata();
        metadata.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        return new WatchTestClient(channel, metadata, WatchTestClient.Reading.AT_ONCE);
    }

    long put(String key, String value) {
        return publish(past.put(key, value));
    }

    long delete(String key) {
        return publish(past.delete(key));
    }

    long apply(WatchTestPast.Op... ops) {
        return publish(past.apply(ops));
    }

    private long publish(Changes changes) {
        loop.turns().publish(changes);
        return changes.revision();
    }

    @Override
    public long clusterId() {
        return CLUSTER;
    }

    @Override
    public long memberId() {
        return MEMBER;
    }

    @Override
    public long term() {
        return TERM;
    }

    @Override
    public boolean hasLeader() {
        return led;
    }

    @Override
    public void identify(String token, Answer<Caller> answer) {
        answer.done(new Caller.Named(token));
    }

    @Override
    public boolean mayWatch(Caller caller, byte[] key, byte[] rangeEnd) {
        return true;
    }

    @Override
    public long rightsMoment() {
        return 0;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            loop.stop();
            server.shutdownNow();
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while stopping", interrupted);
        }
        var failure = broken.get();
        if (failure != null) {
            throw new AssertionError("watching broke", failure);
        }
    }
}
