package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.proxy.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The cluster of a round with everything that can be done to it, for the faults that strike processes and
/// machines.
///
/// Confined to the round's thread, but for what its parts allow to others.
final class Arena {
    private final Cluster cluster;
    private final Network network;
    private final Watchman watchman;
    private final Chronicle chronicle;
    private final Random random;
    private final int startMillis;
    private final Map<Member, Program> programs = new HashMap<>();
    /// Dead by our hand.
    private final Set<Member> killed = new HashSet<>();
    /// Held by whoever changes the network.
    private final Lock networkTurn = new ReentrantLock();

    Arena(
            Cluster cluster,
            Network network,
            Watchman watchman,
            Chronicle chronicle,
            Random random,
            Map<Member, Program> programs,
            int startMillis) {
        this.startMillis = startMillis;
        this.cluster = cluster;
        this.network = network;
        this.watchman = watchman;
        this.chronicle = chronicle;
        this.random = random;
        this.programs.putAll(programs);
    }

    Cluster cluster() {
        return cluster;
    }

    Network network() {
        return network;
    }

    Lock networkTurn() {
        return networkTurn;
    }

    Watchman watchman() {
        return watchman;
    }

    Random random() {
        return random;
    }

    /// How long it took until all members served when they were started together.
    int startMillis() {
        return startMillis;
    }

    void note(String what) {
        chronicle.note(what);
    }

    /// All of them, in any order.
    List<Member> shuffled() {
        var all = new ArrayList<>(cluster.members());
        Collections.shuffle(all, random);
        return all;
    }

    /// The leader about as often as not, if there is one.
    Member victim() {
        Member leader = watchman.leader();
        return leader != null && random.nextBoolean() ? leader : shuffled().getFirst();
    }

    /// Somebody who doesn't lead, as far as is known.
    Member follower() {
        @Nullable Member leader = watchman.leader();
        return shuffled().stream()
                .filter(member -> member != leader)
                .findFirst()
                .orElseThrow();
    }

    /// SIGKILL; does nothing when it is dead already.
    void kill(Member member) throws InterruptedException {
        if (member.alive()) {
            watchman.goes(member);
            member.kill();
        }
        killed.add(member);
    }

    /// SIGTERM; waits for the end.
    void stop(Member member) throws InterruptedException {
        if (member.alive()) {
            watchman.goes(member);
            var _ = member.terminate();
        }
        killed.add(member);
    }

    /// Starts what is dead again. Fails when a member has ended by itself.
    void revive() throws IOException, InterruptedException {
        for (Member member : cluster.members()) {
            if (!member.alive()) {
                revive(member);
            }
        }
    }

    void revive(Member member) throws IOException, InterruptedException {
        if (!killed.remove(member)) {
            throw new AssertionError(member.name() + " ended by itself with " + member.awaitExit() + "; its log ends:\n"
                    + member.logTail());
        }
        member.launch(program(member));
    }

    private Program program(Member member) {
        Program program = programs.get(member);
        if (program == null) {
            throw new IllegalArgumentException(member.name() + " is not of this cluster");
        }
        return program;
    }

    /// The next end of `member`, or the one that has been, is no fault of its own.
    void excuse(Member member) {
        killed.add(member);
    }

    /// Waits until all members serve; false when they don't in time.
    boolean becomesHealthy(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < timeoutNanos) {
            if (cluster.members().stream().allMatch(Arena::isHealthy)) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return false;
    }

    private static boolean isHealthy(Member member) {
        try {
            return member.healthy();
        } catch (IOException noAnswer) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Waits for any time up to `mostMillis`.
    void anyWhile(int mostMillis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(mostMillis + 1));
    }
}
