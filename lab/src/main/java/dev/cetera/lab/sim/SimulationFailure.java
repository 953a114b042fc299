package dev.cetera.lab.sim;

import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.history.History;
import java.util.Map;

/// A promise was broken, or something happened that must not.
public final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1;

    /// What is left to look at.
    ///
    /// @param lastLines of the trace
    /// @param disks     by host, as they were when it failed
    /// @param traceHash of all that happened: the same in a replay
    record Remains(String lastLines, History history, Map<String, FakeDisk> disks, long traceHash) {}

    private final long seed;
    private final int members;
    private final Sabotage sabotage;
    private final transient Remains remains;

    SimulationFailure(long seed, int members, Sabotage sabotage, Throwable cause, Remains remains) {
        super(
                "seed " + seed + ", " + members + " members: " + cause.getMessage() + "; replay it with '"
                        + replay(seed, members) + "'. At last:\n" + remains.lastLines(),
                cause);
        this.seed = seed;
        this.members = members;
        this.sabotage = sabotage;
        this.remains = remains;
    }

    static String replay(long seed, int members) {
        return "bin/lab sim --members " + members + " --seed " + seed + " --seeds 1";
    }

    public long seed() {
        return seed;
    }

    public int members() {
        return members;
    }

    /// How the members were broken on purpose.
    Sabotage sabotage() {
        return sabotage;
    }

    Remains remains() {
        return remains;
    }
}
