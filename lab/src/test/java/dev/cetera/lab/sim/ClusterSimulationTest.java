package dev.cetera.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterSimulationTest {
    /// As in [SimulationTest].
    private static final long FIRST_SEED = Long.getLong("test.seed", 0);

    private static final int SEEDS_OF_THREE = Integer.getInteger("cetera.cluster.seeds", 400);
    private static final int SEEDS_OF_FIVE = SEEDS_OF_THREE / 3;

    @BeforeAll
    static void silence() {
        SimCommand.silence();
    }

    @Test
    void threeMembersKeepTheirPromisesWhateverHappens() {
        var reports = run(3, SEEDS_OF_THREE);
        // Much must have happened for this to mean anything.
        assertThat(sum(reports, ClusterSimulation.Report::requests)).isGreaterThan(50L * SEEDS_OF_THREE);
        assertThat(sum(reports, ClusterSimulation.Report::reads)).isGreaterThan(20L * SEEDS_OF_THREE);
        assertThat(sum(reports, ClusterSimulation.Report::crashes)).isGreaterThan(SEEDS_OF_THREE);
        assertThat(sum(reports, ClusterSimulation.Report::elections)).isGreaterThan(2L * SEEDS_OF_THREE);
        assertThat(sum(reports, ClusterSimulation.Report::leasesEnded)).isGreaterThan(SEEDS_OF_THREE);
        assertThat(sum(reports, ClusterSimulation.Report::snapshots)).isPositive();
        assertThat(sum(reports, ClusterSimulation.Report::configurations)).isPositive();
    }

    @Test
    void fiveMembersKeepTheirPromisesWhateverHappens() {
        assertThat(run(5, SEEDS_OF_FIVE)).hasSize(SEEDS_OF_FIVE);
    }

    @Test
    void oneSeedIsTheSameEachTime() {
        assertThat(ClusterSimulation.run(5, 3)).isEqualTo(ClusterSimulation.run(5, 3));
    }

    @Test
    void aVoteThatIsSentBeforeItIsPersistedIsNoticed() {
        assertNoticed(Sabotage.VOTE_NOT_PERSISTED, 40, " voted ");
    }

    @Test
    void anAppendThatIsAcknowledgedBeforeItIsSyncedIsNoticed() {
        assertNoticed(Sabotage.ENTRIES_NOT_PERSISTED, 40, "has told its leader|leads term .* without|committed");
    }

    @Test
    void anEntryOfAnOldTermCommittedByCountingIsNoticed() {
        assertNoticed(Sabotage.OLD_TERM_COUNTED, 80, "committed|leads term .* without");
    }

    @Test
    void aReadWithoutAQuorumIsNoticed() {
        assertNoticed(Sabotage.READ_WITHOUT_QUORUM, 80, "was acknowledged before the read began");
    }

    @Test
    void aChangeOfTheMembersThatIsAppliedEarlyIsNoticed() {
        assertNoticed(Sabotage.CONFIGURATION_EARLY, 60, "committed.*CONF_CHANGE");
    }

    private static List<ClusterSimulation.Report> run(int members, int seeds) {
        return LongStream.range(FIRST_SEED, FIRST_SEED + seeds)
                .parallel()
                .mapToObj(seed -> ClusterSimulation.run(seed, members))
                .toList();
    }

    private static long sum(List<ClusterSimulation.Report> reports, ToLongFunction<ClusterSimulation.Report> what) {
        return reports.stream().mapToLong(what).sum();
    }

    /// @param complaint what must be noticed, as a regular expression
    private static void assertNoticed(Sabotage sabotage, int mostSeeds, String complaint) {
        var noticed = LongStream.range(0, mostSeeds)
                .mapToObj(seed -> complaint(seed, sabotage))
                .filter(Objects::nonNull)
                .filter(what -> what.matches("(?s).*(" + complaint + ").*"))
                .findFirst();
        assertThat(noticed).as("%s in %s seeds", sabotage, mostSeeds).isPresent();
    }

    private static @Nullable String complaint(long seed, Sabotage sabotage) {
        try {
            ClusterSimulation.run(seed, 3, sabotage);
            return null;
        } catch (AssertionError noticed) {
            return String.valueOf(Objects.requireNonNull(noticed.getCause()).getMessage());
        }
    }
}
