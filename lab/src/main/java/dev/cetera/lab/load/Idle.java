package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `bin/lab idle`: what a cluster costs while nobody uses it, and how soon it serves.
@Command(
        name = "idle",
        description = "Measures a cluster that nobody uses: time to serving, memory, processor.",
        mixinStandardHelpOptions = true)
public final class Idle implements Callable<Integer> {
    @Mixin
    private Contenders contenders = new Contenders();

    @Option(names = "--members", description = "Of each cluster (${DEFAULT-VALUE}).")
    private int members = 3;

    @Option(names = "--seconds", description = "To measure (${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.printf(
                "%-10s %12s %12s %12s %14s %14s%n",
                "server", "new cluster", "all restart", "one restart", "memory each", "processor each");
        for (Program program : contenders.programs()) {
            contenders.fresh(members, cluster -> measure(program, cluster));
        }
        return 0;
    }

    private void measure(Program program, Cluster cluster) throws IOException, InterruptedException {
        List<Program> programs = Collections.nCopies(members, program);
        double founded = Stopwatch.seconds(() -> cluster.start(programs));
        for (Member member : cluster.members()) {
            member.terminate();
        }
        double restarted = Stopwatch.seconds(() -> cluster.start(programs));
        Member follower = cluster.others(cluster.leader()).getFirst();
        follower.terminate();
        double one = Stopwatch.seconds(() -> follower.start(program));
        List<Long> pids = cluster.members().stream().map(Member::pid).toList();
        long before = ProcessFigures.ofAll(pids).cpuNanos();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        ProcessFigures after = ProcessFigures.ofAll(pids);
        double busy = (after.cpuNanos() - before) / (double) (System.nanoTime() - begin);
        System.out.printf(
                "%-10s %10.2f s %10.2f s %10.2f s %10.0f MiB %12.2f %%%n",
                program.name(),
                founded,
                restarted,
                one,
                after.residentBytes() / 1048576.0 / members,
                100 * busy / members);
    }
}
