package dev.cetera.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.logs.Log;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// Bounds the connections that others open by the files that the process may open: what it needs for its log,
/// its database and its own connections to members must be left. Beyond that the system holds new connections
/// back until others end. Members are let in a little longer than anybody else. Shared; what is counted is
/// guarded by itself.
final class ConnectionLimit {
    private static final Log LOG = Log.of("embed");

    /// As many as etcd sets aside.
    private static final long RESERVED = 150;

    /// Of these, for members.
    private static final long FOR_MEMBERS = 50;

    private static final AttributeKey<Boolean> COUNTED = AttributeKey.valueOf(ConnectionLimit.class, "counted");

    private final long most;
    private final Count count;
    private final AtomicBoolean said = new AtomicBoolean();

    /// Of all the limits that look at the same process.
    private static final class Count {
        @GuardedBy("this")
        private long open;

        /// Listening channels that take no more, and below how many they do again.
        @GuardedBy("this")
        private final Map<Channel, Long> paused = new HashMap<>();

        synchronized boolean enter(Channel listening, long most) {
            open++;
            if (open < most) {
                return true;
            }
            if (paused.put(listening, most) == null) {
                listening.config().setAutoRead(false);
            }
            return false;
        }

        synchronized void leave() {
            open--;
            for (var all = paused.entrySet().iterator(); all.hasNext(); ) {
                var each = all.next();
                if (open < each.getValue()) {
                    all.remove();
                    each.getKey().config().setAutoRead(true);
                }
            }
        }
    }

    private ConnectionLimit(long most, Count count) {
        this.most = most;
        this.count = count;
    }

    ConnectionLimit(long most) {
        this(most, new Count());
    }

    /// As far as the system lets this process go.
    static ConnectionLimit ofProcess() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return new ConnectionLimit(
                system instanceof com.sun.management.UnixOperatingSystemMXBean unix
                        ? Math.max(1, unix.getMaxFileDescriptorCount() - RESERVED)
                        : Long.MAX_VALUE - FOR_MEMBERS);
    }

    /// The same for members, counting the same connections.
    ConnectionLimit higher() {
        return new ConnectionLimit(most + FOR_MEMBERS, count);
    }

    /// Counts a connection, once, until it ends. The listening channel, its parent, takes no more when it was
    /// the last.
    void enter(Channel connection) {
        if (connection.attr(COUNTED).setIfAbsent(true) != null) {
            return;
        }
        if (!count.enter(connection.parent(), most) && said.compareAndSet(false, true)) {
            LOG.warning(most + " connections are open, no more can be; raise the limit of open files");
        }
        var _ = connection.closeFuture().addListener(_ -> count.leave());
    }
}
