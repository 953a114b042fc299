package dev.cetera.peer;

import dev.cetera.node.Inbound;
import dev.cetera.node.Time;
import java.util.concurrent.Executor;

/// What all channels of one transport share. Immutable.
///
/// @param log   etcd's `rafthttp`
/// @param files runs what reads or writes files, a thread for each
record Surroundings(
        Inbound inbound,
        PeerOptions options,
        PeerMeters meters,
        Time time,
        MergedLog log,
        Dialer dialer,
        Incoming incoming,
        Executor files) {
    Requests requests() {
        return new Requests(inbound.memberId(), inbound.clusterId(), options.advertised());
    }
}
