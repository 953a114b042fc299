package dev.cetera.lab.sim;

import dev.cetera.lab.work.Door;
import dev.cetera.lab.work.Doors;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The ways of clients to all hosts. Confined.
final class Gateways implements Doors {
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Map<Host, SimChannel> channels = new LinkedHashMap<>();
    private UnaryOperator<Channel> escort = UnaryOperator.identity();

    Gateways(Timeline timeline, Trace trace, Random random) {
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
    }

    void add(Host host) {
        channels.put(host, new SimChannel(host.name, host, timeline, trace, new Random(random.nextLong())));
    }

    /// How operators go to a host.
    void escort(UnaryOperator<Channel> how) {
        escort = how;
    }

    Channel asRoot(Host host) {
        return escort.apply(to(host));
    }

    SimChannel to(Host host) {
        return Objects.requireNonNull(channels.get(host));
    }

    /// Mostly somebody who serves; now and then somebody who does not.
    @Override
    public @Nullable Door any(Random chance) {
        var candidates = new ArrayList<Host>();
        boolean anybody = chance.nextInt(20) == 0;
        for (var host : channels.keySet()) {
            if (!host.isGone() && (anybody || host.services() != null)) {
                candidates.add(host);
            }
        }
        if (candidates.isEmpty()) {
            return null;
        }
        var host = candidates.get(chance.nextInt(candidates.size()));
        return new Door(host.name, to(host));
    }

    void heal() {
        channels.values().forEach(SimChannel::heal);
    }

    /// Calls that broke.
    int broken() {
        return channels.values().stream().mapToInt(SimChannel::broken).sum();
    }

    List<SimChannel> all() {
        return List.copyOf(channels.values());
    }
}
