package dev.cetera.node;

import dev.cetera.config.GoDuration;
import dev.cetera.logs.Log;
import dev.cetera.raft.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Warns when a leader's heartbeats leave late: then it is busy with something else, and about to be deposed.
/// Confined to the "raft" loop.
final class HeartbeatPace {
    private static final Log LOG = Log.of("etcdserver");

    private final int heartbeatMillis;
    private final Meters meters;
    private final Map<Long, Long> lastNanos = new HashMap<>();

    HeartbeatPace(int heartbeatMillis, Meters meters) {
        this.heartbeatMillis = heartbeatMillis;
        this.meters = meters;
    }

    /// Leadership begins or ends: what was before does not count.
    void reset() {
        lastNanos.clear();
    }

    void sent(List<Message> messages, long nowNanos) {
        for (var message : messages) {
            if (!(message instanceof Message.Heartbeat)) {
                continue;
            }
            var before = lastNanos.put(message.to(), nowNanos);
            long late = before == null ? 0 : nowNanos - before - 2_000_000L * heartbeatMillis;
            if (late > 0) {
                meters.heartbeatLate();
                LOG.warning("failed to send out heartbeat on time (exceeded the "
                        + GoDuration.text(1_000_000L * heartbeatMillis) + " timeout for " + GoDuration.text(late)
                        + ", to " + Long.toHexString(message.to()) + ")");
                LOG.warning("server is likely overloaded");
            }
        }
    }
}
