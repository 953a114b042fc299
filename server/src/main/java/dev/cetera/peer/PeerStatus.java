package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.node.Time;
import java.util.OptionalLong;

/// Whether another member can be reached: yes from the first success of any channel, no from the first failure
/// of any. Guarded by itself.
final class PeerStatus {
    private final String shown;
    private final Time time;
    private final MergedLog log;

    @GuardedBy("this")
    private OptionalLong since = OptionalLong.empty();

    PeerStatus(long id, Time time, MergedLog log) {
        this.shown = Long.toHexString(id);
        this.time = time;
        this.log = log;
    }

    synchronized void activate() {
        if (since.isEmpty()) {
            log.info("peer " + shown + " became active");
            since = OptionalLong.of(time.nanos());
        }
    }

    /// @param source the channel, `stream MsgApp v2` say
    /// @param action what failed: dial, read, write, heartbeat or post
    synchronized void deactivate(String source, String action, String reason) {
        var text = "failed to " + action + " " + shown + " on " + source + " (" + reason + ")";
        if (since.isEmpty()) {
            log.debug(text);
            return;
        }
        log.error(text);
        log.info("peer " + shown + " became inactive (message send to peer failed)");
        since = OptionalLong.empty();
    }

    synchronized boolean isActive() {
        return since.isPresent();
    }

    synchronized OptionalLong activeSince() {
        return since;
    }
}
