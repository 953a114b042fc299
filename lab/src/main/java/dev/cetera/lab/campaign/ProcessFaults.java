package dev.cetera.lab.campaign;

import com.google.common.util.concurrent.ListenableFuture;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.lab.cluster.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What happens to processes: they are killed, stopped and frozen, alone and together, and killed again right
/// after they were started, or while they are busy with something delicate.
///
/// Confined to the round's thread.
final class ProcessFaults {
    private static final int CRASHES = 7;
    private static final long LONGEST_LOOP_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Arena arena;
    private final Compactor compactor;
    private final int electionMillis;

    ProcessFaults(Arena arena, Compactor compactor, int electionMillis) {
        this.arena = arena;
        this.compactor = compactor;
        this.electionMillis = electionMillis;
    }

    List<Fault> all() {
        var faults = new ArrayList<Fault>();
        faults.add(new Fault("kill one", 18, this::killOne));
        faults.add(new Fault("kill all", 8, this::killAll));
        faults.add(new Fault("stop one", 8, this::stopOne));
        faults.add(new Fault("freeze one briefly", 8, () -> freeze(one(), electionMillis)));
        faults.add(new Fault("freeze one for long", 10, () -> freeze(one(), 6 * electionMillis)));
        faults.add(new Fault("crash loop", 8, this::crashLoop));
        faults.add(new Fault("kill in a defragmentation", 6, this::killDefragmenting));
        faults.add(new Fault("kill in a compaction", 6, this::killCompacting));
        if (arena.cluster().members().size() > 1) {
            faults.add(new Fault("kill a majority", 8, this::killMajority));
            faults.add(new Fault("freeze all", 3, () -> freeze(arena.shuffled(), 2 * electionMillis)));
        }
        return faults;
    }

    private List<Member> one() {
        return List.of(arena.victim());
    }

    private void killOne() throws IOException, InterruptedException {
        Member victim = arena.victim();
        arena.note("kill " + victim.name());
        arena.kill(victim);
        arena.anyWhile(4000);
        arena.revive();
    }

    private void killMajority() throws IOException, InterruptedException {
        List<Member> all = arena.shuffled();
        List<Member> victims = all.subList(0, all.size() / 2 + 1);
        arena.note("kill " + names(victims));
        for (Member victim : victims) {
            arena.kill(victim);
        }
        arena.anyWhile(1000);
        arena.revive();
    }

    private void killAll() throws IOException, InterruptedException {
        arena.note("kill all");
        for (Member victim : arena.shuffled()) {
            arena.kill(victim);
        }
        arena.revive();
    }

    private void stopOne() throws IOException, InterruptedException {
        Member victim = arena.victim();
        arena.note("stop " + victim.name());
        arena.stop(victim);
        arena.anyWhile(1000);
        arena.revive();
    }

    private void freeze(List<Member> victims, int mostMillis) throws IOException, InterruptedException {
        arena.note("freeze " + names(victims));
        for (Member victim : victims) {
            arena.watchman().goes(victim);
            victim.freeze();
        }
        try {
            arena.anyWhile(mostMillis);
        } finally {
            for (Member victim : victims) {
                victim.thaw();
            }
        }
        arena.note("thawed");
    }

    private void crashLoop() throws IOException, InterruptedException {
        Member victim = arena.victim();
        int crashes = 2 + arena.random().nextInt(CRASHES);
        arena.note("kill " + victim.name() + " " + crashes + " times");
        long begin = System.nanoTime();
        for (int i = 0; i < crashes && System.nanoTime() - begin < LONGEST_LOOP_NANOS; i++) {
            arena.kill(victim);
            arena.revive(victim);
            arena.anyWhile(arena.startMillis());
        }
        arena.kill(victim);
        arena.revive();
    }

    private void killDefragmenting() throws IOException, InterruptedException {
        Member victim = arena.victim();
        arena.note("kill " + victim.name() + " in a defragmentation");
        ListenableFuture<DefragmentResponse> call = MaintenanceGrpc.newFutureStub(
                        arena.cluster().direct(victim).channel())
                .defragment(DefragmentRequest.getDefaultInstance());
        arena.anyWhile(30);
        arena.kill(victim);
        call.cancel(true);
        arena.anyWhile(500);
        arena.revive();
    }

    private void killCompacting() throws IOException, InterruptedException {
        Member victim = arena.victim();
        arena.note("kill " + victim.name() + " in a compaction");
        compactor.compact(arena.cluster().direct(victim).channel(), victim.name());
        arena.anyWhile(60);
        arena.kill(victim);
        arena.anyWhile(500);
        arena.revive();
    }

    private static String names(List<Member> members) {
        return String.join(", ", members.stream().map(Member::name).toList());
    }
}
