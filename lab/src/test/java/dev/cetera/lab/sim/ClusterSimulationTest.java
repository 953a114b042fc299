package dev.cetera.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.work.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterSimulationTest {
    /// As in [SimulationTest].
    private static final long FIRST_SEED = Long.getLong("test.seed", 0);

    private static final int SEEDS = Integer.getInteger("cetera.cluster.seeds", 120);

    @BeforeAll
    static void silence() {
        SimCommand.silence();
    }

    @Test
    void clustersOfAnySizeKeepTheirPromisesWhateverHappens() {
        var reports = new ArrayList<Report>();
        reports.addAll(run(3, SEEDS));
        reports.addAll(run(1, SEEDS / 4));
        reports.addAll(run(5, SEEDS / 4));
        var sum = reports.stream().reduce(Report.NOTHING, Report::plus);
        // All of it must have happened for this to mean anything.
        for (var kind : Kind.values()) {
            if (kind != Kind.COUNT) { // which shows as a range and a transaction
                assertThat(sum.of("requests", kind.name()))
                        .as("requests %s", kind)
                        .isPositive();
            }
        }
        for (var kind : Troubles.Kind.values()) {
            assertThat(sum.of("faults", kind.name())).as("faults %s", kind).isPositive();
        }
        for (var event : List.of("elections", "snapshots", "members changed", "leases ended")) {
            assertThat(sum.of("events", event)).as(event).isPositive();
        }
        assertThat(sum.of("events", "crashes")).isGreaterThan(SEEDS);
        assertThat(sum.of("outcomes", "answered")).isGreaterThan(200L * SEEDS);
        assertThat(sum.of("watches", "events")).isGreaterThan(100L * SEEDS);
        assertThat(sum.of("watches", "streams")).isGreaterThan(10L * SEEDS);
        assertThat(sum.of("checks", "saved snapshots")).isPositive();
        assertThat(sum.of("checks", "undecided")).isLessThan(SEEDS / 4);
        assertThat(sum.of("rot", Rot.Outcome.REFUSED.name())).isPositive();
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
        assertNoticed(Sabotage.READ_WITHOUT_QUORUM, 80, "was applied before the read began|StrictSerializability");
    }

    @Test
    void aChangeOfTheMembersThatIsAppliedEarlyIsNoticed() {
        assertNoticed(Sabotage.CONFIGURATION_EARLY, 60, "committed.*CONF_CHANGE");
    }

    private static List<Report> run(int members, int seeds) {
        return LongStream.range(FIRST_SEED, FIRST_SEED + seeds)
                .parallel()
                .mapToObj(seed -> ClusterSimulation.run(seed, members))
                .toList();
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
            ClusterSimulation.run(seed, 3, sabotage, Trace.Reader.NOBODY);
            return null;
        } catch (SimulationFailure noticed) {
            return String.valueOf(Objects.requireNonNull(noticed.getCause()).getMessage());
        }
    }
}
