package dev.cetera.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.raft.Message;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Snapshots that raft wants other members to have: those that wait to be made, and how many are on their way.
/// One is made at a time. While any waits or is on its way the log is not cut, for its receiver will need what
/// comes right behind it; after a delivery that goes on for a while, until it has fetched that.
///
/// Guarded by its own lock, held for moments.
final class Departures {
    /// As in etcd. A cluster has few members, and raft asks for one snapshot each.
    static final int MAX_WAITING = 16;

    /// As in etcd.
    static final long HELD_AFTER_NANOS = 30_000_000_000L;

    @GuardedBy("this")
    private final ArrayDeque<Message.InstallSnapshot> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean making;

    @GuardedBy("this")
    private int underWay;

    /// When each of those that arrived stops to count, the first one first.
    @GuardedBy("this")
    private final ArrayDeque<Long> arrived = new ArrayDeque<>();

    /// Takes a request in; false when too many wait, and raft must be told that it failed.
    synchronized boolean add(Message.InstallSnapshot request) {
        if (waiting.size() >= MAX_WAITING) {
            return false;
        }
        waiting.add(request);
        return true;
    }

    /// The next one to make; null when there is none, or one is being made. Each one that is answered must be
    /// followed by [#made].
    synchronized Message.@Nullable InstallSnapshot next() {
        if (making) {
            return null;
        }
        var next = waiting.poll();
        making = next != null;
        return next;
    }

    /// The one at hand is made, or was given up.
    synchronized void made() {
        making = false;
    }

    /// One is handed to the [Link].
    synchronized void left() {
        underWay++;
    }

    /// The link has reported.
    synchronized void ended(boolean delivered, long nowNanos) {
        underWay--;
        if (delivered) {
            arrived.add(nowNanos + HELD_AFTER_NANOS);
        }
    }

    /// Whether the log must not be cut now.
    synchronized boolean holdTheLog(long nowNanos) {
        while (!arrived.isEmpty() && nowNanos - arrived.peek() >= 0) {
            arrived.remove();
        }
        return making || !waiting.isEmpty() || underWay > 0 || !arrived.isEmpty();
    }
}
