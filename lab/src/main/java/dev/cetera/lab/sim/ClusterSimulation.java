package dev.cetera.lab.sim;

import dev.cetera.config.Clustering;
import dev.cetera.node.Link;
import dev.cetera.node.LogLimits;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Peers;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A cluster, from one seed: whole members work for their clients while everything goes wrong that can; then
/// nothing does, and within a bounded time all is as if nothing had happened. Confined to one thread.
///
/// [Invariants] hold all the time, [Truth] says what state and answers must be, [Clients] and [Leaseholders]
/// hold the members to what they were told.
public final class ClusterSimulation {
    /// What one seed came to.
    ///
    /// @param traceHash the same for the same run
    public record Report(
            int requests,
            int reads,
            int crashes,
            int elections,
            int snapshots,
            int configurations,
            int leasesEnded,
            long traceHash) {
        static final Report NOTHING = new Report(0, 0, 0, 0, 0, 0, 0, 0);

        Report plus(Report other) {
            return new Report(
                    requests + other.requests,
                    reads + other.reads,
                    crashes + other.crashes,
                    elections + other.elections,
                    snapshots + other.snapshots,
                    configurations + other.configurations,
                    leasesEnded + other.leasesEnded,
                    31 * traceHash + other.traceHash);
        }
    }

    private static final long HEALS_WITHIN = 60 * Timeline.SECOND;
    private static final int SHOWN_LINES = 150;

    private final int founders;
    private final Random random;
    private final Timeline timeline = new Timeline();
    private final Trace trace = new Trace(timeline);
    private final List<Host> hosts = new ArrayList<>();
    private final Truth truth = new Truth(new LogListener());
    private final Saboteur saboteur;
    private final Invariants invariants;
    private final Network network;
    private final Leaseholders leases;
    private final Clients clients;
    private final Troubles troubles;
    private final long snapshotCount;
    private final LogLimits logLimits;
    private final boolean preVote;

    /// Hosts that the log says are members.
    private final Set<Host> toRun = new HashSet<>();

    private int crashes;
    private int configurations;
    private boolean leaving;

    private ClusterSimulation(long seed, int founders, Sabotage sabotage) {
        this.founders = founders;
        this.random = new Random(seed);
        this.saboteur = new Saboteur(sabotage, truth);
        this.invariants =
                new Invariants(truth, timeline, trace, child(), Collections.unmodifiableList(hosts), this::elected);
        this.network = new Network(timeline, trace, child(), new Wire());
        Clients.Choice choice = this::anyHost;
        this.leases = new Leaseholders(timeline, trace, child(), choice, new Leaders());
        this.clients = new Clients(truth, leases, timeline, trace, child(), choice);
        this.troubles = new Troubles(new Stage(), network, truth, founders, timeline, trace, child(), sabotage);
        this.snapshotCount = random.nextBoolean() ? 10 + random.nextInt(60) : 100_000;
        this.logLimits = LogLimits.DEFAULTS.withCatchUpEntries(random.nextInt(30));
        this.preVote = random.nextBoolean();
    }

    private Random child() {
        return new Random(random.nextLong());
    }

    /// Runs one seed.
    ///
    /// @param members that found the cluster, at least 1
    /// @throws AssertionError when a promise is broken
    public static Report run(long seed, int members) {
        return run(seed, members, Sabotage.NONE);
    }

    /// As above, with members that are broken on purpose, to see whether it would be noticed.
    static Report run(long seed, int members, Sabotage sabotage) {
        var simulation = new ClusterSimulation(seed, members, sabotage);
        try {
            return simulation.run();
        } catch (Exception | Error failed) {
            throw new AssertionError(
                    "seed " + seed + ", " + members + " members: " + failed.getMessage()
                            + "; replay it with 'bin/lab sim"
                            + " --members " + members + " --seed " + seed + " --seeds 1'. At last:\n"
                            + simulation.trace.last(SHOWN_LINES),
                    failed);
        }
    }

    private Report run() throws Exception {
        for (int i = 0; i < founders; i++) {
            found();
        }
        for (var host : hosts) {
            var names = hosts.stream().map(Host::toString).toList();
            host.configure(config(host.name, names, Clustering.Beginning.FOUND));
            toRun.add(host);
            timeline.in(random.nextInt(300) * Timeline.MILLISECOND, host::start);
        }
        int pause = 20 + random.nextInt(300);
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
            clients.begin(pause);
        }
        if (random.nextBoolean()) {
            timeline.runUntil(5 * Timeline.SECOND);
        }
        troubles.begin();
        timeline.runUntil(timeline.now() + (10 + random.nextInt(30)) * Timeline.SECOND);
        recover();
        return new Report(
                clients.acknowledged(),
                clients.reads(),
                crashes,
                invariants.elections(),
                network.snapshots(),
                configurations - founders,
                leases.ended(),
                trace.hash());
    }

    // ---- the end ----

    private void recover() throws Exception {
        trace.add("all troubles are over");
        troubles.end();
        timeline.runUntil(timeline.now() + 2 * Timeline.SECOND);
        clients.close();
        leases.close();
        settle();
        var probed = new HashSet<Host>();
        for (var host : members()) {
            clients.probe(host, () -> probed.add(host));
        }
        settle();
        Truth.check(
                probed.containsAll(members()), () -> "after all troubles requests succeed through " + probed + " only");
        // Leases that nobody renews any more end.
        timeline.runUntil(timeline.now() + 15 * Timeline.SECOND);
        settle();
        Truth.check(
                leases.overdue(5 * Timeline.SECOND).isEmpty(),
                () -> "leases never end: " + leases.overdue(5 * Timeline.SECOND));
        for (var host : members()) {
            truth.checkAll(host, truth.lastIndex());
        }
        clients.checkCounters();
        leaving = true;
        for (var host : members()) {
            host.engine().close();
        }
    }

    private void settle() throws Exception {
        long end = timeline.now() + HEALS_WITHIN;
        String why;
        do {
            timeline.runUntil(timeline.now() + 200 * Timeline.MILLISECOND);
            why = unsettled();
        } while (why != null && timeline.now() < end);
        if (why != null) {
            throw Truth.broken("long after all troubles " + why);
        }
    }

    private List<Host> members() {
        return hosts.stream()
                .filter(host ->
                        host.isUp() && truth.members().contains(host.engine().memberId()))
                .toList();
    }

    private @Nullable String unsettled() {
        var running = members();
        if (running.size() != truth.members().size()) {
            return running + " run alone";
        }
        var leaders = running.stream().filter(Host::leads).toList();
        if (leaders.size() != 1) {
            return "these lead: " + leaders;
        }
        for (var host : running) {
            var engine = host.engine();
            if (engine.appliedIndex() != truth.lastIndex() || engine.status().lastIndex() != truth.lastIndex()) {
                return host + " has applied " + engine.appliedIndex() + " of " + truth.lastIndex() + ": "
                        + engine.status();
            }
            if (engine.status().leader() != leaders.getFirst().engine().memberId()) {
                return host + " follows " + engine.status().leader();
            }
        }
        var unanswered = clients.unanswered();
        return unanswered == null ? null : "there is no answer by " + unanswered;
    }

    // ---- hosts ----

    private Host found() {
        var name = "m" + (hosts.size() + 1);
        var clock = new MemberClock(timeline, 1_000_000 + random.nextInt(10_000) - 5_000);
        var host = new Host(
                name,
                config(name, List.of(name), Clustering.Beginning.FOUND),
                clock,
                new Surrounding(),
                invariants,
                saboteur::spoil,
                logLimits,
                timeline,
                trace,
                child());
        hosts.add(host);
        network.add(host);
        return host;
    }

    private MemberConfig config(String name, List<String> cluster, Clustering.Beginning beginning) {
        return new MemberConfig(
                name,
                Host.DATA,
                null,
                List.of("http://" + name + ":2379"),
                List.of(Host.peerUrl(name)),
                cluster.stream().map(one -> one + "=" + Host.peerUrl(one)).collect(Collectors.joining(",")),
                "simulated",
                Host.TICK_MILLIS,
                Host.ELECTION_TICKS,
                true,
                snapshotCount,
                1,
                1,
                0,
                1_500_000,
                Clustering.DEFAULTS.withBeginning(beginning).withPreVote(preVote));
    }

    private void elected(Host leader) {
        troubles.elected(leader);
    }

    private @Nullable Host anyHost() {
        var up = hosts.stream().filter(Host::isUp).toList();
        return up.isEmpty() ? null : up.get(random.nextInt(up.size()));
    }

    /// A member that comes later is told who the others are.
    private void startLater(Host host) {
        timeline.in((200 + random.nextInt(3_000)) * Timeline.MILLISECOND, () -> {
            if (leaving || host.isGone()) {
                return;
            }
            if (hosts.indexOf(host) >= founders) {
                host.configure(config(host.name, names(), Clustering.Beginning.JOIN));
            }
            host.start();
        });
    }

    private List<String> names() {
        return hosts.stream()
                .filter(host -> toRun.contains(host) && !host.isGone())
                .map(Host::toString)
                .toList();
    }

    private final class Surrounding implements Host.World {
        @Override
        public Link link(Host host) {
            return network.from(host);
        }

        @Override
        public Peers peers(Host host) {
            return new Questions(host, network);
        }

        @Override
        public void turned(Host host) throws IOException {
            try {
                invariants.look(host);
            } catch (MalformedException damaged) {
                throw Truth.broken(host + " has a damaged log: " + damaged);
            }
        }

        @Override
        public void stopped(Host host) {
            if (!host.isGone()) {
                crashes++;
                startLater(host);
            }
        }

        @Override
        public AssertionError broken(String complaint) {
            return Truth.broken(complaint);
        }
    }

    private final class Stage implements Troubles.Scene {
        @Override
        public List<Host> hosts() {
            return hosts;
        }

        @Override
        public Host another() {
            return found();
        }
    }

    private final class Wire implements Network.Tap {
        @Override
        public List<Message> leaving(Host from, Message message) {
            try {
                invariants.sent(from, message);
            } catch (MalformedException | IOException damaged) {
                throw Truth.broken(from + " has a damaged log: " + damaged);
            }
            return saboteur.leaving(from, message);
        }

        @Override
        public List<Message> echo(Message message) {
            return saboteur.echo(message);
        }

        @Override
        public void arriving(Message message) {
            saboteur.arriving(message);
        }
    }

    private final class Leaders implements Leaseholders.Leadership {
        @Override
        public boolean isNewest(Host host) {
            return host.leads() && host.engine().status().term() == invariants.newestTerm();
        }

        @Override
        public long firstSeen(Entry entry) {
            return invariants.firstSeen(entry);
        }

        @Override
        public boolean exists(long lease) {
            return truth.model().leases().containsKey(lease);
        }
    }

    private final class LogListener implements Truth.Listener {
        @Override
        public void leaseRevoked(long lease, Entry entry) {
            leases.revoked(lease, entry);
        }

        @Override
        public void memberAdded(String peerUrl) {
            configurations++;
            var host = network.at(peerUrl);
            if (host != null && toRun.add(host)) {
                startLater(host);
            }
        }

        @Override
        public void memberRemoved(long id) {
            configurations++;
        }
    }
}
