package dev.cetera.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.logs.Log;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Bounds the connections of clients by the files that the process may open: what it needs for its log, its
/// database and the other members must be left. Beyond that the system holds new connections back until others
/// end. Guarded by itself.
final class ConnectionLimit {
    private static final Log LOG = Log.of("embed");

    /// As many as etcd sets aside.
    private static final long RESERVED = 150;

    private static final AttributeKey<Boolean> COUNTED = AttributeKey.valueOf(ConnectionLimit.class, "counted");

    private final long most;
    private final AtomicBoolean said = new AtomicBoolean();

    @GuardedBy("this")
    private long open;

    @GuardedBy("this")
    private final Set<Channel> paused = new HashSet<>();

    ConnectionLimit(long most) {
        this.most = most;
    }

    /// As far as the system lets this process go.
    static ConnectionLimit ofProcess() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return new ConnectionLimit(
                system instanceof com.sun.management.UnixOperatingSystemMXBean unix
                        ? Math.max(1, unix.getMaxFileDescriptorCount() - RESERVED)
                        : Long.MAX_VALUE);
    }

    /// Counts a connection, once, until it ends. The listening channel, its parent, takes no more when it was
    /// the last.
    void enter(Channel connection) {
        if (connection.attr(COUNTED).setIfAbsent(true) != null) {
            return;
        }
        synchronized (this) {
            open++;
            if (open >= most && paused.add(connection.parent())) {
                connection.parent().config().setAutoRead(false);
            }
        }
        if (isFull() && said.compareAndSet(false, true)) {
            LOG.warning(most + " connections of clients are open, no more can be; raise the limit of open files");
        }
        var _ = connection.closeFuture().addListener(_ -> leave());
    }

    private synchronized boolean isFull() {
        return open >= most;
    }

    private synchronized void leave() {
        open--;
        if (open < most) {
            paused.forEach(listening -> listening.config().setAutoRead(true));
            paused.clear();
        }
    }
}
