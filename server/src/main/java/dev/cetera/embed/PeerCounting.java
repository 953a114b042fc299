package dev.cetera.embed;

import dev.cetera.metrics.PeerMetrics;
import dev.cetera.peer.PeerMeters;

/// The traffic between members, on the metrics. Shared.
record PeerCounting(PeerMetrics metrics) implements PeerMeters {
    @Override
    public void sent(long to, long bytes) {
        metrics.sent(to, bytes);
    }

    @Override
    public void received(long from, long bytes) {
        metrics.received(from, bytes);
    }

    @Override
    public void sendFailed(long to) {
        metrics.sendFailed(to);
    }

    @Override
    public void receiveFailed(long from) {
        metrics.receiveFailed(from);
    }

    @Override
    public void roundTrip(long to, long nanos) {
        metrics.roundTrip(to, nanos);
    }

    @Override
    public void snapshotSending(long to) {
        metrics.snapshotSendBegan(to);
    }

    @Override
    public void snapshotSent(long to, boolean arrived, long nanos) {
        if (arrived) {
            metrics.snapshotSent(to, nanos);
        } else {
            metrics.snapshotSendFailed(to);
        }
    }

    @Override
    public void snapshotReceiving(long from) {
        metrics.snapshotReceiveBegan(from);
    }

    @Override
    public void snapshotReceived(long from, boolean saved, long nanos) {
        if (saved) {
            metrics.snapshotReceived(from, nanos);
        } else {
            metrics.snapshotReceiveFailed(from);
        }
    }
}
