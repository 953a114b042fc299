package dev.cetera.raft;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.LongUnaryOperator;

/// Reads that wait for the proof that their leader still was one when they arrived (§6.4 of the thesis).
/// Confined to its machine.
///
/// Reads are gathered into rounds. A round is one broadcast of heartbeats with the round's number as context;
/// an echo of round n confirms all rounds up to n. Numbers start over with each leadership, which is harmless
/// since an echo belongs to a term.
final class Reads {
    /// Reads beyond it are dropped, as they are when there is no leader; who asks, asks again.
    private static final int MOST_WAITING = 1 << 14;

    private record Waiting(long round, long index, long from, byte[] context) {}

    private record Early(long from, byte[] context) {}

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /// Asked before an entry of the leader's own term was committed: until then it may not know the newest
    /// commit index.
    private final ArrayDeque<Early> early = new ArrayDeque<>();

    /// The newest round that was broadcast.
    private long round;

    /// Whether reads wait for the next one.
    private boolean roundDue;

    void ask(long from, byte[] context, long commit) {
        if (waiting.size() < MOST_WAITING) {
            waiting.add(new Waiting(round + 1, commit, from, context));
            roundDue = true;
        }
    }

    void askEarly(long from, byte[] context) {
        if (early.size() < MOST_WAITING) {
            early.add(new Early(from, context));
        }
    }

    /// The first entry of the term is committed.
    void ripen(long commit) {
        for (var read = early.poll(); read != null; read = early.poll()) {
            ask(read.from, read.context, commit);
        }
    }

    /// Whether a new round begins now; if so, its context is to be sent to everybody.
    boolean beginRound() {
        boolean begins = roundDue;
        if (begins) {
            round++;
            roundDue = false;
        }
        return begins;
    }

    long round() {
        return round;
    }

    /// The context of heartbeats at this moment.
    byte[] context() {
        return waiting.isEmpty() ? Message.NO_CONTEXT : encode(round);
    }

    /// Receives the reads of all rounds up to `confirmedRound`, in order.
    interface Confirmed {
        void read(long from, byte[] context, long index);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void confirm(Membership members, LongUnaryOperator echoedRound, Confirmed confirmed) {
        if (waiting.isEmpty()) {
            return;
        }
        long reached = members.reached(echoedRound);
        while (!waiting.isEmpty() && waiting.getFirst().round <= reached) {
            var read = waiting.removeFirst();
            confirmed.read(read.from, read.context, read.index);
        }
    }

    static byte[] encode(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /// The number in a context that [#encode] made; 0 for any other.
    static long decode(byte[] context) {
        return context.length == Long.BYTES ? ByteBuffer.wrap(context).getLong() : 0;
    }
}
