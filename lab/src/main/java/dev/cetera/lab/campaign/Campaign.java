package dev.cetera.lab.campaign;

import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.cluster.Watching;
import dev.cetera.lab.cluster.Writers;
import dev.cetera.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A cluster of several members on this machine, written to and watched all the time, and one [Fault] after
/// the other. After each one the cluster must come back and take writes; at the end every promise is checked
/// on every member.
///
/// Confined to the thread that runs it.
public final class Campaign {
    /// Snapshots and log compaction are part of the trial.
    private static final String SNAPSHOTS = "--snapshot-count=2000";

    private static final Duration CALL = Duration.ofSeconds(1);

    private final Settings settings;
    private final Consumer<String> say;
    private final Random random;
    private final Cluster cluster;
    private final List<Duration> elections = new ArrayList<>();
    private final List<Duration> outages = new ArrayList<>();
    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);

    /// What to run.
    ///
    /// @param length no fault begins after it, but for the first `leastFaults`
    /// @param electionTimeout of the members
    /// @param directory for data and logs of the members
    public record Settings(
            Program program,
            int members,
            Duration length,
            int leastFaults,
            Duration electionTimeout,
            long seed,
            Path directory) {}

    private Campaign(Settings settings, Consumer<String> say) throws IOException {
        this.settings = settings;
        this.say = say;
        this.random = new Random(settings.seed());
        this.cluster = Cluster.of(
                settings.directory(),
                settings.members(),
                SNAPSHOTS,
                "--election-timeout=" + settings.electionTimeout().toMillis(),
                "--heartbeat-interval=" + settings.electionTimeout().toMillis() / 10);
    }

    /// Runs to the end, or throws an [AssertionError] that says which promise was broken. `say` gets a line
    /// for each fault.
    public static Report run(Settings settings, Consumer<String> say) throws IOException, InterruptedException {
        var campaign = new Campaign(settings, say);
        try (Cluster cluster = campaign.cluster) {
            cluster.start(Collections.nCopies(settings.members(), settings.program()));
            return campaign.underLoad();
        }
    }

    private Report underLoad() throws IOException, InterruptedException {
        List<Member> members = cluster.members();
        try (Writers writers = Writers.start(members, Writers.Pace.GENTLE, settings.seed());
                Watching watching = Watching.start(members, 1)) {
            long begin = System.nanoTime();
            for (int i = 0;
                    i < settings.leastFaults()
                            || System.nanoTime() - begin < settings.length().toNanos();
                    i++) {
                Fault fault = Fault.of(random.nextInt(100));
                faults.merge(fault, 1, Integer::sum);
                happen(fault, writers);
                writers.awaitMore(20 + random.nextInt(200));
                writers.timeline().check();
            }
            writers.stop();
            cluster.awaitSame();
            for (Member member : members) {
                writers.verify(member);
            }
            watching.verify(members.getFirst(), writers.timeline().newestRevision());
            return new Report(
                    settings, faults, elections, outages, writers.timeline().toString());
        }
    }

    private void happen(Fault fault, Writers writers) throws IOException, InterruptedException {
        Member leader = cluster.leader();
        List<Member> followers = new ArrayList<>(cluster.others(leader));
        Collections.shuffle(followers, random);
        Member follower = followers.getFirst();
        int meanwhile = random.nextInt(100);
        switch (fault) {
            case KILL_LEADER -> {
                leader.kill();
                long from = System.nanoTime();
                measure(fault, leader, from, writers);
                writers.awaitMore(meanwhile);
                restart(leader);
            }
            case KILL_FOLLOWER -> {
                follower.kill();
                say.accept(fault + " " + follower.name());
                writers.awaitMore(meanwhile);
                restart(follower);
            }
            case FREEZE_LEADER -> {
                leader.freeze();
                long from = System.nanoTime();
                measure(fault, leader, from, writers);
                writers.awaitMore(meanwhile);
                leader.thaw();
            }
            case FREEZE_FOLLOWER -> {
                follower.freeze();
                say.accept(fault + " " + follower.name());
                writers.awaitMore(meanwhile);
                follower.thaw();
            }
            case STOP_LEADER -> {
                long from = System.nanoTime();
                leader.terminate();
                say.accept(
                        fault + " " + leader.name() + ", writes again after " + Report.text(firstWrite(from, writers)));
                restart(leader);
            }
            case KILL_MAJORITY -> killAll(fault, List.of(leader, follower), writers);
            case KILL_ALL -> killAll(fault, cluster.members(), writers);
        }
        for (Member member : cluster.members()) {
            member.awaitHealthy(Cluster.PATIENCE);
        }
    }

    private void killAll(Fault fault, List<Member> victims, Writers writers) throws IOException, InterruptedException {
        for (Member victim : victims) {
            victim.kill();
        }
        say.accept(fault.toString());
        for (Member victim : victims) {
            victim.launch(settings.program());
        }
        writers.awaitMore(1);
    }

    private void restart(Member member) throws IOException {
        member.launch(settings.program());
        member.awaitHealthy(Cluster.PATIENCE);
    }

    /// Waits for a new leader and for a write through it.
    private void measure(Fault fault, Member old, long from, Writers writers) {
        Await.await(
                "another leader than " + old.name(), Cluster.PATIENCE, () -> leaderAmong(cluster.others(old)) != null);
        Duration election = Duration.ofNanos(System.nanoTime() - from);
        elections.add(election);
        Duration outage = firstWrite(from, writers);
        outages.add(outage);
        say.accept(fault + " " + old.name() + ", another leads after " + Report.text(election) + ", writes again after "
                + Report.text(outage));
    }

    private static Duration firstWrite(long from, Writers writers) {
        Await.await(
                "a write is acknowledged",
                Cluster.PATIENCE,
                () -> writers.timeline().firstSentAfter(from) != 0);
        return Duration.ofNanos(writers.timeline().firstSentAfter(from) - from);
    }

    /// The one of `members` that takes itself for the leader.
    private @Nullable Member leaderAmong(List<Member> members) {
        for (Member member : members) {
            var status = cluster.direct(member).maintenance(CALL).status(StatusRequest.getDefaultInstance());
            if (status.getLeader() == status.getHeader().getMemberId()) {
                return member;
            }
        }
        return null;
    }
}
