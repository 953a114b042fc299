package dev.cetera.peer;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// How the transport behaves. Immutable.
///
/// @param advertised   this member's peer URLs, told to others with every request
/// @param dialNanos    for a connection to be there; etcd has 1 s and the election timeout
/// @param silenceNanos after which a connection that should carry something is given up
/// @param retryNanos   between two attempts to open a stream
/// @param probeNanos   between two probes
/// @param postedBytes  of one posted message at most
/// @param queuedBytes  of entries that wait for one stream at most; one message alone may be longer
public record PeerOptions(
        List<String> advertised,
        long dialNanos,
        long silenceNanos,
        long retryNanos,
        long probeNanos,
        int postedBytes,
        long queuedBytes) {
    public PeerOptions {
        advertised = List.copyOf(advertised);
    }

    /// As etcd has it.
    public static PeerOptions of(List<String> advertised, long electionNanos) {
        return new PeerOptions(
                advertised,
                TimeUnit.SECONDS.toNanos(1) + electionNanos,
                TimeUnit.SECONDS.toNanos(5),
                TimeUnit.MILLISECONDS.toNanos(100),
                TimeUnit.SECONDS.toNanos(4),
                64 << 20,
                64 << 20);
    }

    PeerOptions withSilenceNanos(long nanos) {
        return new PeerOptions(advertised, dialNanos, nanos, retryNanos, probeNanos, postedBytes, queuedBytes);
    }

    PeerOptions withProbeNanos(long nanos) {
        return new PeerOptions(advertised, dialNanos, silenceNanos, retryNanos, nanos, postedBytes, queuedBytes);
    }

    PeerOptions withPostedBytes(int bytes) {
        return new PeerOptions(advertised, dialNanos, silenceNanos, retryNanos, probeNanos, bytes, queuedBytes);
    }

    PeerOptions withQueuedBytes(long bytes) {
        return new PeerOptions(advertised, dialNanos, silenceNanos, retryNanos, probeNanos, postedBytes, bytes);
    }
}
