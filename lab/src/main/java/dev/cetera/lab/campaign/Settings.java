package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/// What a campaign is to do. Immutable.
///
/// @param length          no round begins after it, but for the first one
/// @param round           how long faults happen in a round; what heals and is looked at afterwards comes on
///     top
/// @param electionTimeout of the members
/// @param seed            of the first round
/// @param directory       for data and logs of the members
/// @param means           what can be done here
/// @param leavings        what becomes of the files of rounds in which all promises were kept
public record Settings(
        Program program,
        int members,
        Duration length,
        Duration round,
        Duration electionTimeout,
        long seed,
        Path directory,
        Set<Means> means,
        Leavings leavings) {
    /// What can be done to members on some machines only.
    public enum Means {
        /// File systems can be mounted: disks run full.
        DISKS,
        /// Processes can be lied to about the time of the day: clocks are set.
        CLOCKS
    }

    /// Whether files stay.
    public enum Leavings {
        KEPT,
        DELETED
    }

    public Settings {
        means = Set.copyOf(means);
    }

    int electionMillis() {
        return Math.toIntExact(electionTimeout.toMillis());
    }

    /// The command that tries the round of `seed` again.
    String again(long roundSeed) {
        return "bin/lab campaign --seed " + roundSeed + " --members " + members + " --server " + program.name()
                + " --round " + round.toSeconds() + " --election-timeout " + electionTimeout.toMillis();
    }
}
