package dev.cetera.lab.sim;

import dev.cetera.config.Clustering;
import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.history.History;
import dev.cetera.lab.work.Profile;
import dev.cetera.lab.work.Stage;
import dev.cetera.lab.work.Workload;
import dev.cetera.node.Link;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Peers;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A cluster, from one seed: whole members work for their clients while everything goes wrong that can; then
/// nothing does, and within a bounded time all is as if nothing had happened. Confined to one thread.
///
/// Clients are a [Workload], which asks the members through their gRPC services; the promises of a store are
/// looked for in its history in the end ([Verdict]). Besides, [Invariants] hold all the time, and [Truth] says
/// from the log alone what state and answers must be.
public final class ClusterSimulation {
    private static final int SHOWN_LINES = 150;

    private final int founders;
    private final Random random;
    private final Timeline timeline = new Timeline();
    private final Trace trace;
    private final List<Host> hosts = new ArrayList<>();
    private final Truth truth = new Truth(new LogListener());
    private final Saboteur saboteur;
    private final Invariants invariants;
    private final Network network;
    private final Gateways gateways;
    private final Workload workload;
    private final ReadProbes probes;
    private final Troubles troubles;
    private final Verdict verdict;
    private final Habits habits;
    private final Rot rot = new Rot();

    /// Hosts that the log says are members.
    private final Set<Host> toRun = new HashSet<>();

    private int crashes;
    private int configurations;
    private boolean leaving;

    private ClusterSimulation(long seed, int founders, Sabotage sabotage, Trace.Reader reader) {
        this.founders = founders;
        this.random = new Random(seed);
        this.trace = new Trace(timeline, reader);
        this.habits = Habits.any(child());
        this.saboteur = new Saboteur(sabotage, truth);
        this.invariants =
                new Invariants(truth, timeline, trace, child(), Collections.unmodifiableList(hosts), this::elected);
        this.network = new Network(timeline, trace, child(), new Wire());
        this.gateways = new Gateways(timeline, trace, child());
        this.workload = new Workload(new Clock(), gateways, profile(child()), child());
        this.probes = new ReadProbes(timeline, trace, child(), hosts);
        this.verdict = new Verdict(truth, timeline, workload, gateways, hosts);
        this.troubles =
                new Troubles(new Scene(), network, gateways, truth, founders, timeline, trace, child(), sabotage);
        workload.onSnapshot(verdict::snapshot);
        gateways.escort(workload::asRoot);
    }

    private static Profile profile(Random random) {
        var profile = Profile.usual(random);
        var operated = random.nextInt(3) == 0 ? profile : profile.withOperators();
        return random.nextInt(4) == 0 ? operated.withUsers(1 + random.nextInt(3)) : operated;
    }

    private Random child() {
        return new Random(random.nextLong());
    }

    /// Runs one seed.
    ///
    /// @param members that found the cluster, at least 1
    /// @throws SimulationFailure when a promise is broken
    public static Report run(long seed, int members) {
        return run(seed, members, Sabotage.NONE, Trace.Reader.NOBODY);
    }

    /// As above, with members that are broken on purpose, to see whether it would be noticed.
    ///
    /// @param reader shown all of the trace
    static Report run(long seed, int members, Sabotage sabotage, Trace.Reader reader) {
        var simulation = new ClusterSimulation(seed, members, sabotage, reader);
        try {
            return simulation.run();
        } catch (Exception | Error failed) {
            throw new SimulationFailure(seed, members, sabotage, failed, simulation.remains());
        } finally {
            simulation.hosts.forEach(Host::finishLongWork);
        }
    }

    private Report run() throws Exception {
        for (int i = 0; i < founders; i++) {
            found();
        }
        for (var host : hosts) {
            var names = hosts.stream().map(Host::toString).toList();
            host.configure(config(host.name, initialCluster(names), Clustering.Beginning.FOUND));
            toRun.add(host);
            timeline.in(random.nextInt(300) * Timeline.MILLISECOND, host::start);
        }
        workload.begin();
        probes.begin();
        if (random.nextBoolean()) {
            timeline.runUntil(5 * Timeline.SECOND);
        }
        troubles.begin();
        timeline.runUntil(timeline.now() + (10 + random.nextInt(30)) * Timeline.SECOND);
        trace.add("all troubles are over");
        troubles.end();
        verdict.pass();
        probes.end();
        leaving = true;
        for (var host : verdict.members()) {
            host.engine().close();
        }
        return report();
    }

    private Report report() {
        var counts = new Report.Counts();
        workload.tally().rows().forEach((kind, row) -> counts.add("requests", kind.name(), row.answered()));
        var total = workload.tally().total();
        counts.add("outcomes", "answered", total.answered())
                .add("outcomes", "refused", total.refused())
                .add("outcomes", "unknown", total.unknown())
                .add("outcomes", "broken calls", gateways.broken());
        troubles.happened().forEach((kind, count) -> counts.add("faults", kind.name(), count));
        rot.outcomes().forEach((outcome, count) -> counts.add("rot", outcome.name(), count));
        counts.add("events", "crashes", crashes)
                .add("events", "elections", invariants.elections())
                .add("events", "snapshots", network.snapshots())
                .add("events", "members changed", configurations - founders)
                .add("events", "reads probed", probes.answered())
                .add("events", "leases ended", truth.leasesRevoked());
        counts.add(
                "events",
                "waits for long work",
                hosts.stream().mapToInt(Host::waits).sum());
        verdict.count(counts);
        return counts.report(trace.hash());
    }

    /// What is left to look at after a failure.
    private SimulationFailure.Remains remains() {
        var disks = new TreeMap<String, FakeDisk>();
        hosts.forEach(host -> disks.put(host.name, host.disk()));
        return new SimulationFailure.Remains(trace.last(SHOWN_LINES), history(), disks, trace.hash());
    }

    private History history() {
        return workload.history(false, hosts.size());
    }

    // ---- hosts ----

    private Host found() {
        var name = "m" + (hosts.size() + 1);
        var clock = new MemberClock(timeline, 1_000_000 + random.nextInt(10_000) - 5_000);
        var host = new Host(
                name,
                config(name, initialCluster(List.of(name)), Clustering.Beginning.FOUND),
                clock,
                new Surrounding(),
                invariants,
                saboteur::spoil,
                habits,
                rot,
                timeline,
                trace,
                child());
        hosts.add(host);
        network.add(host);
        gateways.add(host);
        return host;
    }

    private static String initialCluster(List<String> names) {
        return names.stream().map(one -> one + "=" + Host.peerUrl(one)).collect(Collectors.joining(","));
    }

    private MemberConfig config(String name, String initialCluster, Clustering.Beginning beginning) {
        return new MemberConfig(
                        name,
                        Host.DATA,
                        null,
                        List.of("http://" + name + ":2379"),
                        List.of(Host.peerUrl(name)),
                        initialCluster,
                        "simulated",
                        Host.TICK_MILLIS,
                        Host.ELECTION_TICKS,
                        true,
                        habits.snapshotCount(),
                        1,
                        1,
                        habits.quotaBytes(),
                        1_500_000)
                .withClustering(Clustering.DEFAULTS.withBeginning(beginning).withPreVote(habits.preVote()))
                .withShrinking(Habits.SHRINKING);
    }

    private void elected(Host leader) {
        troubles.elected(leader);
    }

    /// A member that comes later is told who the others are.
    private void startLater(Host host) {
        timeline.in((200 + random.nextInt(3_000)) * Timeline.MILLISECOND, () -> {
            if (leaving || host.isGone()) {
                return;
            }
            if (hosts.indexOf(host) >= founders) {
                host.configure(config(host.name, asAnnounced(), Clustering.Beginning.JOIN));
            }
            host.start();
        });
    }

    /// The members as the log has them, each with all its addresses.
    private String asAnnounced() {
        var all = new ArrayList<String>();
        for (var urls : truth.peerUrls()) {
            var host = network.at(urls.getFirst());
            urls.forEach(url -> all.add(host + "=" + url));
        }
        return String.join(",", all);
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
                probes.look(host);
            } catch (MalformedException damaged) {
                throw Truth.broken(host + " has a damaged log: " + damaged);
            }
        }

        @Override
        public void stopped(Host host) {
            gateways.to(host).stopped();
            if (!host.isGone()) {
                crashes++;
                startLater(host);
            }
        }

        @Override
        public void lost(Host host) {
            troubles.replace(host);
        }

        @Override
        public AssertionError broken(String complaint) {
            return Truth.broken(complaint);
        }
    }

    private final class Clock implements Stage {
        @Override
        public long now() {
            return timeline.now();
        }

        @Override
        public void in(long delayNanos, Runnable what) {
            timeline.in(delayNanos, what::run);
        }
    }

    private final class Scene implements Troubles.Scene {
        @Override
        public List<Host> hosts() {
            return hosts;
        }

        @Override
        public Host another() {
            return found();
        }

        @Override
        public boolean isToRun(Host host) {
            return toRun.contains(host);
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

        @Override
        public void completing(Host to) {
            troubles.completing(to);
        }
    }

    private final class LogListener implements Truth.Listener {
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
