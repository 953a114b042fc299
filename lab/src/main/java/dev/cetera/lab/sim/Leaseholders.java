package dev.cetera.lab.sim;

import dev.cetera.api.Refusal;
import dev.cetera.node.Answer;
import dev.cetera.raft.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Those who hold short leases: they renew them for a while, and then let them end. None may end before its
/// time, counted from when the last renewal that succeeded was asked for, and by true time but for the drift
/// of the clocks. Confined.
final class Leaseholders {
    /// How much faster than true time the clock of a member may go, in thousandths.
    static final int MAX_DRIFT = 10;

    private static final class Held {
        final long ttlNanos;
        long since;
        int renewals;

        /// Whether its holder knows or not.
        long perhapsRenewed;

        Held(int ttl, long since, int renewals) {
            this.ttlNanos = ttl * Timeline.SECOND;
            this.since = since;
            this.perhapsRenewed = since;
            this.renewals = renewals;
        }
    }

    /// Says who leads, so far as anybody can know.
    interface Leadership {
        /// Whether no later leader than this one has been seen.
        boolean isNewest(Host host);

        long firstSeen(Entry entry);

        /// Whether the log, as far as it is known to be committed, leaves that lease there.
        boolean exists(long lease);
    }

    private final Map<Long, Held> held = new HashMap<>();
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Clients.Choice hosts;
    private final Leadership leadership;
    private int ended;
    private boolean closed;
    private int renewed;

    Leaseholders(Timeline timeline, Trace trace, Random random, Clients.Choice hosts, Leadership leadership) {
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.hosts = hosts;
        this.leadership = leadership;
    }

    int ended() {
        return ended;
    }

    int renewed() {
        return renewed;
    }

    /// No more renewals.
    void close() {
        closed = true;
    }

    /// A client has a lease since `since`, when it asked for it.
    void granted(long id, int ttl, long since) {
        if (!leadership.exists(id)) {
            return; // the answer comes late
        }
        var one = new Held(ttl, since, random.nextInt(12));
        held.put(id, one);
        renewLater(id, one);
    }

    private void renewLater(long id, Held one) {
        timeline.in((200 + random.nextInt(1_200)) * Timeline.MILLISECOND, () -> renew(id, one));
    }

    private void renew(long id, Held one) {
        if (closed || held.get(id) != one || one.renewals-- <= 0) {
            return;
        }
        renewLater(id, one);
        var host = hosts.any();
        if (host == null) {
            return;
        }
        long asked = timeline.now();
        host.soon(
                host.life(),
                0,
                () -> host.engine().renew(id, new Answer<>() {
                    @Override
                    public void done(Long ttl) {
                        host.look();
                        trace.add(host.name, "renews lease", id, "for", ttl);
                        Truth.check(
                                ttl > 0 || !leadership.exists(id),
                                () -> host + " says that there is no lease " + id + ", and there is");
                        one.perhapsRenewed = timeline.now();
                        // A leader that is one no more may not know it yet; what it promises its successor can't keep.
                        if (ttl > 0 && leadership.isNewest(host)) {
                            one.since = Math.max(one.since, asked);
                            renewed++;
                        }
                    }

                    @Override
                    public void refused(Refusal why) {
                        // Another time.
                    }
                }));
    }

    /// No client asked for that: its time is over.
    void revoked(long id, Entry entry) {
        var one = held.remove(id);
        if (one == null) {
            return;
        }
        ended++;
        long lasted = leadership.firstSeen(entry) - one.since;
        Truth.check(
                lasted >= one.ttlNanos / 1000 * (1000 - MAX_DRIFT),
                () -> "lease " + id + " of " + one.ttlNanos / Timeline.SECOND + " s is revoked by " + entry + " after "
                        + lasted / 1e9 + " s");
    }

    /// Leases whose time has been over for so long.
    List<Long> overdue(long nanos) {
        var late = new ArrayList<Long>();
        held.forEach((id, one) -> {
            if (timeline.now() - one.perhapsRenewed > one.ttlNanos + nanos) {
                late.add(id);
            }
        });
        return late;
    }
}
