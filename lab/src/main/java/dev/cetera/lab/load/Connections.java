package dev.cetera.lab.load;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// TCP connections, spread over the endpoints in turn. Callbacks run on the transport's own threads.
///
/// Immutable.
final class Connections implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(15);

    /// A list of many keys is one message.
    private static final int MAX_ANSWER_BYTES = 512 << 20;

    private final List<ManagedChannel> channels = new ArrayList<>();

    Connections(List<String> endpoints, int count) {
        for (int i = 0; i < count; i++) {
            URI endpoint = parse(endpoints.get(i % endpoints.size()));
            channels.add(NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                    .usePlaintext()
                    .directExecutor()
                    .disableRetry()
                    .maxInboundMessageSize(MAX_ANSWER_BYTES)
                    .build());
        }
        try {
            awaitReady();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// "host:port" or "http://host:port".
    static URI parse(String endpoint) {
        URI uri = URI.create(endpoint.contains("://") ? endpoint : "http://" + endpoint);
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() < 0) {
            throw new IllegalArgumentException("endpoint " + endpoint + ": expected host:port or http://host:port");
        }
        return uri;
    }

    /// The connection of client number `client`.
    ManagedChannel channel(int client) {
        return channels.get(client % channels.size());
    }

    int count() {
        return channels.size();
    }

    /// Connecting is not part of what is measured.
    private void awaitReady() {
        long end = System.nanoTime() + CONNECT.toNanos();
        for (ManagedChannel channel : channels) {
            channel.getState(true);
        }
        for (ManagedChannel channel : channels) {
            while (channel.getState(true) != ConnectivityState.READY) {
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException("no connection to " + channel.authority() + " within " + CONNECT);
                }
                java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
