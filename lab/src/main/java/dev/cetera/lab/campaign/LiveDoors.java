package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.work.Door;
import dev.cetera.lab.work.Doors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Several connections to each member, whether it runs or not.
///
/// Confined to the stage of the clients, but for making and closing.
final class LiveDoors implements Doors, AutoCloseable {
    private static final int CONNECTIONS = 2;

    /// A connection that has gone silent is given up after both; the members allow a sign of life each 5 s.
    private static final long KEEP_ALIVE_SECONDS = 6;

    private static final long KEEP_ALIVE_PATIENCE_SECONDS = 3;

    /// One of so many calls goes to a member that is not connected.
    private static final int RECKLESS = 20;

    private static final int LARGEST_ANSWER = 64 << 20;

    private record Way(Door door, ManagedChannel channel) {}

    private final List<Way> ways = new ArrayList<>();

    /// All callbacks come through `stage`.
    LiveDoors(List<Member> members, Executor stage) {
        for (Member member : members) {
            for (int i = 0; i < CONNECTIONS; i++) {
                ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", member.clientEntrance())
                        .usePlaintext()
                        .executor(stage)
                        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTimeout(KEEP_ALIVE_PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .maxInboundMessageSize(LARGEST_ANSWER)
                        .build();
                ways.add(new Way(new Door(member.name(), channel), channel));
            }
        }
    }

    /// Mostly one that is connected. A call to a member that is down fails at once and says nothing, but
    /// leaves open whether it was done: a handful of them is enough.
    @Override
    public @Nullable Door any(Random random) {
        Way way = ways.get(random.nextInt(ways.size()));
        for (int i = 0; i < ways.size() && !isConnected(way); i++) {
            if (random.nextInt(RECKLESS) == 0) {
                return way.door();
            }
            way = ways.get(random.nextInt(ways.size()));
        }
        return isConnected(way) ? way.door() : null;
    }

    private static boolean isConnected(Way way) {
        ConnectivityState state = way.channel().getState(true);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            // Tried again at once, not when gRPC's growing back-off allows.
            way.channel().resetConnectBackoff();
        }
        return state == ConnectivityState.READY;
    }

    @Override
    public void close() {
        ways.forEach(way -> way.channel().shutdownNow());
    }
}
