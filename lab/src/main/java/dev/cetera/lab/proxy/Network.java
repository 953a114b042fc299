package dev.cetera.lab.proxy;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Who may speak to whom, and how well. Everybody to everybody, and well, at first.
///
/// Ends have names. A member's peers are known from what they send; until then, and where a request doesn't
/// tell, the sender is [#SOMEBODY].
///
/// Guarded by itself.
public final class Network implements AutoCloseable {
    /// A sender that hasn't said who it is.
    public static final String SOMEBODY = "somebody";

    private record Pair(String from, String to) {}

    private final Map<Pair, Conditions> conditions = new HashMap<>();
    /// Shared, the rest is guarded: looked up for each piece that passes.
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private final Set<Line> lines = new HashSet<>();
    private final List<Proxy> proxies = new ArrayList<>();
    private final Map<String, Integer> snapshotsTo = new HashMap<>();
    private int broken;

    /// From now on the member that says that its id is `identity`, hexadecimal, goes by `name`.
    public void know(String identity, String name) {
        names.put(identity.toLowerCase(Locale.ROOT), name);
    }

    /// Lets whoever connects to `entrance` speak to the server `to`, at `port` of the loopback address. Each
    /// connection's first bytes are to say who it is ([Sniffer]).
    public synchronized Proxy peers(String to, ServerSocket entrance, int port) {
        return proxy(SOMEBODY, to, entrance, port);
    }

    /// The same for those that are all called `from`.
    public synchronized Proxy clients(String from, String to, ServerSocket entrance, int port) {
        return proxy(from, to, entrance, port);
    }

    private Proxy proxy(String from, String to, ServerSocket entrance, int port) {
        var proxy = new Proxy(this, from, to, entrance, port);
        proxies.add(proxy);
        proxy.open();
        return proxy;
    }

    /// From now on, for connections that there are, too.
    public void set(String from, String to, Conditions now) {
        List<Line> doomed = List.of();
        synchronized (this) {
            conditions.put(new Pair(from, to), now);
            notifyAll();
            if (now.passage() == Conditions.Passage.REFUSED) {
                doomed = between(from, to);
            }
        }
        doomed.forEach(Line::reset);
    }

    /// In both directions.
    public void setBetween(String one, String other, Conditions now) {
        set(one, other, now);
        set(other, one, now);
    }

    /// Everything is fair again. Connections that were silent go on with what was held back.
    public synchronized void heal() {
        conditions.clear();
        notifyAll();
    }

    /// Resets the connections that there are between the two, whoever made them. What was held back is lost.
    public void reset(String one, String other) {
        List<Line> doomed;
        synchronized (this) {
            doomed = between(one, other);
        }
        doomed.forEach(Line::reset);
    }

    private List<Line> between(String one, String other) {
        return lines.stream().filter(line -> line.isBetween(one, other)).toList();
    }

    /// Snapshots that were begun to be sent to `to`, so far.
    public synchronized int snapshotsTo(String to) {
        return snapshotsTo.getOrDefault(to, 0);
    }

    /// Connections that ended in the middle of a snapshot because they were to.
    public synchronized int snapshotsBroken() {
        return broken;
    }

    /// Waits until more than `seen` snapshots were begun to be sent to `to`. False when there was none in
    /// time.
    public synchronized boolean awaitSnapshot(String to, int seen, long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        while (snapshotsTo(to) <= seen) {
            long left = timeoutNanos - (System.nanoTime() - begin);
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    synchronized Conditions now(String from, String to) {
        return conditions.getOrDefault(new Pair(from, to), Conditions.FAIR);
    }

    /// Waits while nothing gets through. Gives back what holds then.
    synchronized Conditions awaitOpen(Line line, Way way) throws InterruptedException {
        Conditions now = now(way.from(), way.to());
        while (now.passage() == Conditions.Passage.SILENT && !line.ended()) {
            wait();
            now = now(way.from(), way.to());
        }
        return now;
    }

    String nameOf(String identity) {
        return names.getOrDefault(identity, SOMEBODY);
    }

    synchronized void snapshotBegins(String to) {
        snapshotsTo.merge(to, 1, Integer::sum);
        notifyAll();
    }

    synchronized void snapshotBroken() {
        broken++;
    }

    synchronized void begun(Line line) {
        lines.add(line);
    }

    synchronized void ended(Line line) {
        lines.remove(line);
        notifyAll();
    }

    /// No connection any more, and no way to make one.
    @Override
    public void close() throws IOException {
        List<Proxy> doors;
        List<Line> left;
        synchronized (this) {
            doors = List.copyOf(proxies);
        }
        for (Proxy door : doors) {
            door.close();
        }
        synchronized (this) {
            left = List.copyOf(lines);
        }
        left.forEach(Line::reset);
    }
}
