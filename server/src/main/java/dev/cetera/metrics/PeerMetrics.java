package dev.cetera.metrics;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// What goes to and comes from other members, by etcd's names. The label is the other member's id; whoever can
/// reach the peer port can claim any, so beyond a number of them all share one. Shared.
public final class PeerMetrics {
    /// More than a cluster ever has members, with those it had.
    private static final int MAX_MEMBERS = 64;

    private static final String OTHERS = "others";

    private final Registry registry;
    private final ConcurrentHashMap<Long, Sending> sending = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, Receiving> receiving = new ConcurrentHashMap<>();

    PeerMetrics(Registry registry) {
        this.registry = registry;
    }

    /// Messages and link heartbeats written to a member's connection.
    public void sent(long to, long bytes) {
        to(to).bytes.add(bytes);
    }

    /// A message to a member was lost.
    public void sendFailed(long to) {
        to(to).failures.increment();
    }

    public void received(long from, long bytes) {
        from(from).bytes.add(bytes);
    }

    /// A message of a member came broken or was refused.
    public void receiveFailed(long from) {
        from(from).failures.increment();
    }

    /// A probe was answered.
    public void roundTrip(long to, long nanos) {
        to(to).roundTrips.observeNanos(nanos);
    }

    public void snapshotSendBegan(long to) {
        to(to).snapshots.began();
    }

    /// Ends what [#snapshotSendBegan] began.
    public void snapshotSent(long to, long nanos) {
        to(to).snapshots.succeeded(nanos);
    }

    /// Ends what [#snapshotSendBegan] began.
    public void snapshotSendFailed(long to) {
        to(to).snapshots.failed();
    }

    public void snapshotReceiveBegan(long from) {
        from(from).snapshots.began();
    }

    /// Ends what [#snapshotReceiveBegan] began.
    public void snapshotReceived(long from, long nanos) {
        from(from).snapshots.succeeded(nanos);
    }

    /// Ends what [#snapshotReceiveBegan] began.
    public void snapshotReceiveFailed(long from) {
        from(from).snapshots.failed();
    }

    private Sending to(long member) {
        var known = sending.get(member);
        if (known != null) {
            return known;
        }
        boolean room = member != 0 && sending.size() < MAX_MEMBERS;
        return sending.computeIfAbsent(room ? member : 0, id -> new Sending(registry, label(id)));
    }

    private Receiving from(long member) {
        var known = receiving.get(member);
        if (known != null) {
            return known;
        }
        boolean room = member != 0 && receiving.size() < MAX_MEMBERS;
        return receiving.computeIfAbsent(room ? member : 0, id -> new Receiving(registry, label(id)));
    }

    private static String label(long member) {
        return member == 0 ? OTHERS : Long.toHexString(member);
    }

    private static final class Sending {
        final Counter bytes;
        final Counter failures;
        final Histogram roundTrips;
        final Snapshots snapshots;

        Sending(Registry registry, String member) {
            bytes = registry.counter("etcd_network_peer_sent_bytes_total", "Bytes sent to members.", "To", member);
            failures = registry.counter(
                    "etcd_network_peer_sent_failures_total", "Messages to members that were lost.", "To", member);
            roundTrips = registry.histogram(
                    "etcd_network_peer_round_trip_time_seconds",
                    "Times until members answered a probe.",
                    Histogram.seconds(0.0001, 14),
                    "To",
                    member);
            snapshots = new Snapshots(registry, "send", "To", member);
        }
    }

    private static final class Receiving {
        final Counter bytes;
        final Counter failures;
        final Snapshots snapshots;

        Receiving(Registry registry, String member) {
            bytes = registry.counter(
                    "etcd_network_peer_received_bytes_total", "Bytes received from members.", "From", member);
            failures = registry.counter(
                    "etcd_network_peer_received_failures_total",
                    "Messages of members that were broken or refused.",
                    "From",
                    member);
            snapshots = new Snapshots(registry, "receive", "From", member);
        }
    }

    /// Snapshots in one direction.
    private static final class Snapshots {
        private final Counter successes;
        private final Counter failures;
        private final Histogram durations;
        private final AtomicLong underWay = new AtomicLong();

        Snapshots(Registry registry, String verb, String label, String member) {
            var family = "etcd_network_snapshot_" + verb;
            successes = registry.counter(family + "_success", "Snapshots that went through.", label, member);
            failures = registry.counter(family + "_failures", "Snapshots that did not.", label, member);
            registry.gauge(family + "_inflights_total", "Snapshots under way.", label, member)
                    .follow(underWay::get);
            durations = registry.histogram(
                    family + "_total_duration_seconds",
                    "Durations of snapshots that went through.",
                    Histogram.seconds(0.1, 10),
                    label,
                    member);
        }

        void began() {
            underWay.incrementAndGet();
        }

        void succeeded(long nanos) {
            underWay.decrementAndGet();
            successes.increment();
            durations.observeNanos(nanos);
        }

        void failed() {
            underWay.decrementAndGet();
            failures.increment();
        }
    }
}
